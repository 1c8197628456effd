import { sameAddress } from '@gavel/protocol';
import type { Address } from 'viem';
import { type Market, type Network, siteOf } from '../network.ts';
import { KEEPER_FEE } from '../plan.ts';
import { balanceKey } from './balances.ts';
import type { Happening, Observer } from './observer.ts';
import { type LiquidationRecord, placeOf } from './records.ts';

/** Book a movement of tokens: token units, from one holder to another. */
type Move = (chain: string, token: Address, from: Address, to: Address, amount: bigint) => void;

/** Tokens that an account moved directly, outside of any protocol; token units. */
export interface Transfer {
  readonly chain: string;
  readonly token: Address;
  readonly from: Address;
  readonly to: Address;
  readonly amount: bigint;
}

/**
 * Computes what each balance must have moved by, token units by `balanceKey`, from the escrows' events and
 * other transfers alone.
 */
export async function expectedMoves(
  network: Network,
  observer: Observer,
  records: readonly LiquidationRecord[],
  transfers: readonly Transfer[],
): Promise<Map<string, bigint>> {
  const moves = new Map<string, bigint>();
  const add = (key: string, amount: bigint) => moves.set(key, (moves.get(key) ?? 0n) + amount);
  const move: Move = (chain, token, from, to, amount) => {
    add(balanceKey(chain, token, from), -amount);
    add(balanceKey(chain, token, to), amount);
  };
  for (const { chain, token, from, to, amount } of transfers) move(chain, token, from, to, amount);
  for (const record of records) await moveLanding(network, record, move);
  const orders = new Map(observer.of('Opened').map(({ args }) => [args.orderId, args.order]));
  for (const seen of observer.happenings) {
    if (seen.event === 'Filled') {
      const order = orders.get(seen.args.orderId);
      if (order === undefined) continue;
      const { repaymentEscrow } = siteOf(network, seen.chain).gavel;
      move(seen.chain, order.payToken, seen.args.payer, repaymentEscrow, order.payAmount);
    } else if (seen.event === 'Settled') {
      const record = records.find(({ orderId }) => orderId === seen.args.orderId);
      if (record === undefined) continue;
      const { collateralEscrow } = siteOf(network, seen.chain).gavel;
      const { beneficiary, ask } = seen.args;
      move(seen.chain, record.collateral.address, collateralEscrow, beneficiary, ask);
    } else if (seen.event === 'Sold') {
      const record = records.find(({ orderId }) => orderId === seen.args.orderId);
      if (record === undefined) continue;
      const { collateralEscrow } = siteOf(network, seen.chain).gavel;
      const { buyer, recipient, lot, price } = seen.args;
      move(seen.chain, record.debt.address, buyer, record.market.vault, price);
      move(seen.chain, record.collateral.address, collateralEscrow, recipient, lot);
    } else moveOther(network, seen, move);
  }
  return moves;
}

async function moveLanding(
  network: Network,
  { market, landing, collateral, debt, repaid, seized, ask, solver }: LiquidationRecord,
  move: Move,
): Promise<void> {
  const { chain, gavel } = siteOf(network, market.home);
  const { from: lander } = await chain.publicClient.getTransaction({ hash: landing.tx });
  const payer = landing.event === 'Opened' ? market.vault : solver;
  const fee = KEEPER_FEE * 10n ** BigInt(debt.decimals);
  const custody = custodyOf(market, collateral.address);
  move(chain.name, debt.address, payer, custodyOf(market, debt.address), repaid);
  move(chain.name, debt.address, payer, lander, fee);
  move(chain.name, collateral.address, custody, gavel.collateralEscrow, seized);
  if (landing.event === 'Liquidated') {
    move(chain.name, collateral.address, gavel.collateralEscrow, solver, ask);
  }
}

/** Books what an event moves, for events that name every amount themselves. */
function moveOther(network: Network, seen: Happening, move: Move): void {
  const { chain } = seen;
  const { gavel, dollar } = siteOf(network, chain);
  const { collateralEscrow, repaymentEscrow, bonds } = gavel;
  const market = network.markets.find(({ home }) => home === chain);
  switch (seen.event) {
    case 'Released':
      move(chain, seen.args.token, repaymentEscrow, seen.args.treasury, seen.args.amount);
      return;
    case 'Refunded':
      move(chain, seen.args.token, repaymentEscrow, seen.args.payer, seen.args.amount);
      return;
    case 'SurplusReturned': {
      const { collateral, amount } = seen.args;
      if (market) move(chain, collateral, collateralEscrow, custodyOf(market, collateral), amount);
      return;
    }
    case 'Claimed':
      move(chain, seen.args.token, collateralEscrow, seen.args.to, seen.args.amount);
      return;
    case 'Faded':
      if (market) move(chain, dollar.address, bonds, market.vault, seen.args.forfeited);
      return;
    case 'BondForfeited': {
      const { amount, bounty, bountyTo } = seen.args;
      if (market) move(chain, dollar.address, bonds, market.vault, amount - bounty);
      move(chain, dollar.address, bonds, bountyTo, bounty);
      return;
    }
    case 'Taken': {
      const { positionKey, taker, recipient, repaid, seized, lot } = seen.args;
      const place = placeOf(network, chain, positionKey);
      const { address: collateral } = place.collateral;
      move(chain, dollar.address, taker, custodyOf(place.market, dollar.address), repaid);
      move(chain, collateral, custodyOf(place.market, collateral), collateralEscrow, seized);
      move(chain, collateral, collateralEscrow, recipient, lot);
      return;
    }
    default:
  }
}

function custodyOf(market: Market, token: Address): Address {
  const entry = market.custody.find((candidate) => sameAddress(candidate.token, token));
  return entry?.holder ?? market.source;
}

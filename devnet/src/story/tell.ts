import { collateralEscrowAbi } from '@gavel/abi';
import { sameAddress } from '@gavel/protocol';
import pc from 'picocolors';
import { type Address, decodeErrorResult, formatUnits, type Hex } from 'viem';
import { devAccount } from '../accounts.ts';
import { type Network, siteOf } from '../network.ts';
import type { NodeLine } from '../nodes.ts';
import { ACCOUNTS_OF } from '../plan.ts';
import type { Token } from '../tokens.ts';
import type { Happening, HappeningOf } from './observer.ts';
import { placeOf } from './records.ts';

/** Prints one line of the story: seconds since the start, where, what. */
export type Tell = (where: string, what: string) => void;

const WIDTH = 12;

/** Makes a teller that stamps lines with the seconds since now. */
export function createTeller(write: (line: string) => void): Tell {
  const start = performance.now();
  return (where, what) => {
    const seconds = ((performance.now() - start) / 1_000).toFixed(1).padStart(6);
    write(`${pc.dim(`${seconds}s`)}  ${pc.cyan(where.padEnd(WIDTH))} ${what}`);
  };
}

/** Prints an amount with at most `places` decimals, cut off. */
export function amount(
  value: bigint,
  { decimals, symbol }: Pick<Token, 'decimals' | 'symbol'>,
  places = 4,
): string {
  const [whole = '0', fraction = ''] = formatUnits(value, decimals).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ' ');
  const cut = fraction.slice(0, places).replace(/0+$/, '');
  return `${cut ? `${grouped}.${cut}` : grouped} ${symbol}`;
}

/** Names an account as people know it here. */
export function nameOf({ plan }: Pick<Network, 'plan'>, account: Address): string {
  const known = [...plan.solvers, ...plan.people].find((person) =>
    sameAddress(devAccount(person.account).address, account),
  );
  if (known) return known.name;
  const keeper = ACCOUNTS_OF.keepers.findIndex(({ address }) => sameAddress(address, account));
  return keeper >= 0 ? `keeper-${keeper + 1}` : `${account.slice(0, 8)}…`;
}

/** Names the escrow's error behind a revert's data, or shortens the data. */
function errorName(reason: Hex): string {
  try {
    return decodeErrorResult({ abi: collateralEscrowAbi, data: reason }).errorName;
  } catch {
    return reason.slice(0, 10); // of another contract: a token's or a protocol's own
  }
}

/** Shortens a digest or id. */
export function short(hex: Hex): string {
  return `${hex.slice(0, 8)}…`;
}

/**
 * Says what an escrow's event means; undefined for one that a reader can do without. `orderOf` finds opened
 * orders.
 */
export function describe(
  network: Network,
  seen: Happening,
  orderOf: (orderId: Hex) => HappeningOf<'Opened'>['args']['order'] | undefined,
): string | undefined {
  const { dollar } = siteOf(network, seen.chain);
  switch (seen.event) {
    case 'Liquidated': {
      const { collateral } = placeOf(network, seen.chain, seen.args.positionKey);
      const { repaid, seized, ask, solver, intent } = seen.args;
      return `${pc.bold('landed, local')} ${short(intent)}: ${nameOf(network, solver)} repaid ${amount(repaid, dollar, 2)}, got ${amount(ask, collateral)} of ${amount(seized, collateral)} seized`;
    }
    case 'Opened': {
      const { collateral } = placeOf(network, seen.chain, seen.args.positionKey);
      const { order, seized, intent } = seen.args;
      const pay = [...network.sites].find(([, { chain }]) => chain.domain === order.payDomain)?.[0];
      return `${pc.bold('landed, remote')} ${short(intent)}: the vault repaid ${amount(order.repaid, dollar, 2)} at once, ${amount(seized, collateral)} in escrow; ${nameOf(network, order.solver)} will pay on ${pay}`;
    }
    case 'PassedOver':
      return `a quote of ${short(seen.args.intent)} was passed over (${errorName(seen.args.reason)})`;
    case 'Faded': {
      const { solver, forfeited } = seen.args;
      return `${pc.red('faded')}: ${nameOf(network, solver)} cannot pay what it promised; ${amount(forfeited, dollar, 2)} of its bond are forfeited`;
    }
    case 'BondHeld': {
      const { solver, amount: held, readyAt } = seen.args;
      const wait = Number(readyAt) - Number(seen.time);
      const until = wait > 0 ? `for ${Math.round(wait / 86_400)} days` : 'to be forfeited';
      return `${amount(held, dollar, 2)} of ${nameOf(network, solver)}'s bond are held ${until}`;
    }
    case 'BondForfeited': {
      const { solver, amount: taken, bounty, bountyTo } = seen.args;
      return `${pc.red('forfeited')}: ${amount(taken, dollar, 2)} of ${nameOf(network, solver)}'s bond, of which ${amount(bounty, dollar, 2)} go to ${nameOf(network, bountyTo)}`;
    }
    case 'BondFreed':
      return `the bond of ${nameOf(network, seen.args.solver)} is free again: ${amount(seen.args.amount, dollar, 2)}`;
    case 'Expired':
      return `${pc.yellow('expired')}: nobody proved a payment; the lot is on sale for the debt of ${amount(seen.args.debt, dollar, 2)}`;
    case 'Sold': {
      const { collateral } = placeOf(network, seen.chain, seen.args.positionKey);
      const { buyer, lot, price } = seen.args;
      return `${pc.green('sold')}: ${nameOf(network, buyer)} pays the vault ${amount(price, dollar, 2)} for ${amount(lot, collateral)}`;
    }
    case 'FillRefused':
      return 'a payment is refused: its order never opened';
    case 'Refunded':
      return `${pc.green('refunded')}: ${amount(seen.args.amount, dollar, 2)} back to ${nameOf(network, seen.args.payer)}`;
    case 'Flagged':
      return `${pc.yellow('flagged')}: anyone may take the position from ${Number(seen.args.takeableFrom) - Number(seen.time)} s from now on`;
    case 'FlagCleared':
      return 'the flag is cleared: the position is healthy';
    case 'Taken': {
      const { collateral } = placeOf(network, seen.chain, seen.args.positionKey);
      const { taker, repaid, seized, lot } = seen.args;
      return `${pc.green('taken')}: ${nameOf(network, taker)} repaid ${amount(repaid, dollar, 2)} and got ${amount(lot, collateral)} of ${amount(seized, collateral)} seized`;
    }
    case 'Filled': {
      const order = orderOf(seen.args.orderId);
      const paid = order
        ? `${amount(order.payAmount, dollar, 2)} for ${short(order.intent)}`
        : 'for an order';
      return `${nameOf(network, seen.args.payer)} paid ${paid}`;
    }
    case 'Reported':
      return `one message proves ${seen.args.orderIds.length} payment${seen.args.orderIds.length > 1 ? 's' : ''} home: ${short(seen.args.messageId)}`;
    case 'Settled': {
      const { collateral } = placeOf(network, seen.chain, seen.args.positionKey);
      const { beneficiary, ask, surplus } = seen.args;
      return `${pc.green('settled')}: ${amount(ask, collateral)} to ${nameOf(network, beneficiary)}, surplus ${amount(surplus, collateral)}`;
    }
    case 'SurplusReturned': {
      const { collateral } = placeOf(network, seen.chain, seen.args.positionKey);
      return `${pc.green(`${amount(seen.args.amount, collateral)} back in the borrower's position`)}`;
    }
    case 'VerdictsSent':
      return `verdicts for ${seen.args.orderIds.length} payment${seen.args.orderIds.length > 1 ? 's' : ''} sent: ${short(seen.args.messageId)}`;
    case 'Released':
      return `${amount(seen.args.amount, dollar, 2)} released to the vault's treasury`;
    case 'Claimed':
      return `the lending protocol claimed its share of the surplus`;
    default:
      return undefined;
  }
}

/** Says what a node's log line means; undefined for one that the chains tell better. */
export function describeLine(network: Network, line: NodeLine): string | undefined {
  if (typeof line.intent !== 'string') return undefined;
  const intent = short(line.intent as Hex);
  switch (line.msg) {
    case 'intent announced':
      return `${pc.yellow('announces')} a liquidation of ${line.market ?? 'a market'} at block ${line.block ?? '?'}: ${intent}`;
    case 'quote sent': {
      const pay = [...network.sites].find(([, { chain }]) => chain.domain === line.payDomain)?.[0];
      return `quotes ${intent}, would pay on ${pay ?? line.payDomain}`;
    }
    case 'certificate':
      return `the gavel falls on ${intent}`;
    default:
      return undefined;
  }
}

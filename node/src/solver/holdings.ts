import { solverBondsAbi } from '@gavel/abi';
import { addressKey, type Ms } from '@gavel/protocol';
import type { Address } from 'viem';
import { debtTokensOf } from '../auction/debt-tokens.ts';
import type { ServedMarket } from '../auction/served-markets.ts';
import type { Chain } from '../chain/client.ts';
import { balanceOf } from '../chain/erc20.ts';
import type { DescribeToken, TokenFacts } from '../chain/tokens.ts';
import { type Inventory, less } from './inventory.ts';
import type { Spending } from './spending.ts';

/**
 * What a solver has of one token of one chain, token units: money to pay with, bond, or native currency for
 * gas. `promised` is spoken for by live quotes and unpaid orders, or locked; `room` is what spending limits
 * leave.
 */
export type Holding = {
  readonly chain: string;
  readonly purpose: 'payment' | 'bond' | 'gas';
  readonly token: TokenFacts;
  readonly holder: Address;
  readonly balance: bigint;
  readonly promised: bigint;
  readonly available: bigint;
  readonly room?: bigint;
};

/** What reading holdings takes. */
export type HoldingsDeps = {
  readonly chains: ReadonlyMap<string, Chain>;
  readonly markets: readonly ServedMarket[];
  readonly account: Address;
  readonly payer: Address;
  readonly inventory: Pick<Inventory, 'promised' | 'pledged'>;
  readonly spending: Pick<Spending, 'room'>;
  readonly describe: DescribeToken;
  readonly now: () => Ms;
  readonly onFailure: (chain: string, error: unknown) => void;
};

type Place = {
  readonly chain: Chain;
  readonly token: Address;
  readonly purpose: 'payment' | 'bond';
  readonly holder: Address;
};

const NATIVE: Address = '0x0000000000000000000000000000000000000000';

/** Milliseconds for which balances, and which tokens there are, are not asked again. */
const BALANCES_MS = 3_000n;
const PLACES_MS = 600_000n;

/**
 * Creates a reader of everything this solver could be asked for. A chain that cannot be asked is reported and
 * left out; many readers at once cost one round of questions.
 */
export function createHoldings(deps: HoldingsDeps): () => Promise<Holding[]> {
  const { chains, now } = deps;
  const places = remember(PLACES_MS, now, () => findPlaces(deps));
  return remember(BALANCES_MS, now, async () => {
    const found = await places();
    const read = await Promise.all([
      ...found.map((place) => unlessUnreadable(place.chain, deps, () => readPlace(place, deps))),
      ...[...chains.values()].map((chain) => unlessUnreadable(chain, deps, () => readGas(chain, deps))),
    ]);
    return read.flat();
  });
}

/**
 * Finds where a solver needs money: local debts and their bonds, and the pay tokens of the routes that are
 * on.
 */
async function findPlaces(deps: HoldingsDeps): Promise<Place[]> {
  const { chains, markets, account, payer } = deps;
  const found = await Promise.all(
    markets.map(({ chain: home, market }) =>
      unlessUnreadable(home, deps, async () => {
        const [debts, block] = await Promise.all([
          debtTokensOf(home, market.id),
          home.client.getBlockNumber(),
        ]);
        const remote = [...chains.values()].filter((chain) => chain !== home);
        const routed = debts.flatMap((debt) =>
          remote.map(async (chain): Promise<Place[]> => {
            const { enabled, payToken } = await market.reads.route(market.id, debt, chain.domain, block);
            return enabled ? [{ chain, token: payToken, purpose: 'payment', holder: payer }] : [];
          }),
        );
        const local = debts.flatMap((token): Place[] => [
          { chain: home, token, purpose: 'payment', holder: account },
          { chain: home, token, purpose: 'bond', holder: account },
        ]);
        return [...local, ...(await Promise.all(routed)).flat()];
      }),
    ),
  );
  const keyOf = ({ chain, token, purpose, holder }: Place) =>
    `${chain.name} ${addressKey(token)} ${purpose} ${addressKey(holder)}`;
  return [...new Map(found.flat().map((place) => [keyOf(place), place])).values()];
}

async function readPlace(place: Place, deps: HoldingsDeps): Promise<Holding[]> {
  const { chain, token: address, purpose, holder } = place;
  const { domain, client, contracts } = chain;
  const { inventory, spending } = deps;
  const token = await deps.describe(chain, address);
  const common = { chain: chain.name, purpose, token, holder };
  if (purpose === 'bond') {
    const bonds = { address: contracts.bonds, abi: solverBondsAbi } as const;
    const [balance, locked] = await Promise.all([
      client.readContract({ ...bonds, functionName: 'balanceOf', args: [holder, address] }),
      client.readContract({ ...bonds, functionName: 'lockedOf', args: [holder, address] }),
    ]);
    const promised = locked + inventory.pledged(domain, address);
    return [{ ...common, balance, promised, available: less(balance, promised) }];
  }
  const balance = await balanceOf(client, address, holder);
  const promised = inventory.promised(domain, address);
  const room = spending.room(domain, address);
  const limit = room === undefined ? {} : { room };
  return [{ ...common, balance, promised, available: less(balance, promised), ...limit }];
}

async function readGas(chain: Chain, { payer }: HoldingsDeps): Promise<Holding[]> {
  const balance = await chain.client.getBalance({ address: payer });
  const token = { address: NATIVE, symbol: 'native', decimals: 18 };
  return [
    { chain: chain.name, purpose: 'gas', token, holder: payer, balance, promised: 0n, available: balance },
  ];
}

async function unlessUnreadable<T>(
  chain: Chain,
  { onFailure }: Pick<HoldingsDeps, 'onFailure'>,
  read: () => Promise<T[]>,
): Promise<T[]> {
  try {
    return await read();
  } catch (error) {
    onFailure(chain.name, error);
    return [];
  }
}

/** Answers with the last answer while it is fresh, and with the one under way if there is one. */
function remember<T>(ms: bigint, now: () => Ms, ask: () => Promise<T>): () => Promise<T> {
  let last: { readonly at: bigint; readonly answer: Promise<T> } | undefined;
  return () => {
    if (last === undefined || last.at + ms <= now()) last = { at: now(), answer: ask() };
    return last.answer;
  };
}

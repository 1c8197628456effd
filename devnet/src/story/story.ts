import { collateralEscrowAbi } from '@gavel/abi';
import type { Hex } from 'viem';
import { FEED_DECIMALS, movePrice } from '../lending/price-feed.ts';
import { type HomeName, type Market, type Network, siteOf } from '../network.ts';
import type { NodeLine } from '../nodes.ts';
import { ACCOUNTS_OF, type Collateral, PRICES } from '../plan.ts';
import { createSender, type Sender } from '../sender.ts';
import { snapshot, trackedTokens } from './balances.ts';
import { type Check, type MessageRecord, messagesOf, runChecks, takeBefore } from './checks.ts';
import { type HappeningOf, type Observer, observe, PATIENCE_MS } from './observer.ts';
import {
  figuresOf,
  finishedBlock,
  isComplete,
  type LiquidationFigures,
  type LiquidationRecord,
  liquidationsOf,
  type PriceChange,
  underWaterAt,
} from './records.ts';
import { describe, describeLine, type Tell } from './tell.ts';

/** Everything the story brought about. */
export interface StoryResult {
  readonly liquidations: readonly {
    readonly record: LiquidationRecord;
    readonly figures: LiquidationFigures;
    /** Solvers that quoted. */
    readonly quotes: number;
  }[];
  readonly messages: readonly MessageRecord[];
  readonly checks: readonly Check[];
}

/** Collects what nodes say, and is told to the reader where it adds to what the chains show. */
export interface Listener {
  /** Distinct solvers that quoted, by intent. */
  readonly quotes: Map<Hex, Set<string>>;
  readonly onLine: (line: NodeLine) => void;
}

/** A fall of prices on one home chain, in per cent of the prices at the start. */
interface Fall {
  readonly home: HomeName;
  readonly percent: Readonly<Partial<Record<Collateral, bigint>>>;
}

/** The story: one loan on each chain first, then the rest of both at once. */
const STEPS: readonly (readonly Fall[])[] = [
  [
    { home: 'alpha', percent: { WETH: 4n } },
    { home: 'beta', percent: { WETH: 4n } },
  ],
  [
    { home: 'alpha', percent: { WETH: 8n, WBTC: 8n } },
    { home: 'beta', percent: { WETH: 8n, WBTC: 8n } },
  ],
];

/** Makes a listener for nodes' log lines. Announcements of one intent by several watchers are told once. */
export function createListener(network: Network, tell: Tell): Listener {
  const quotes = new Map<Hex, Set<string>>();
  const told = new Set<string>();
  return {
    quotes,
    onLine: (line) => {
      const intent = line.intent as Hex;
      if (line.msg === 'quote sent') {
        const seen = quotes.get(intent) ?? new Set();
        quotes.set(intent, seen.add(line.node));
      }
      const what = describeLine(network, line);
      if (what === undefined) return;
      const once = `${line.msg} ${intent} ${line.msg === 'quote sent' ? line.node : ''}`;
      if (told.has(once)) return;
      told.add(once);
      tell(line.node, what);
    },
  };
}

/**
 * Lets prices fall in steps, waits until every loan that went under water is liquidated, paid, settled and
 * released, and compare the chains before and after. Throws DEVNET_TIMED_OUT if the network does not get
 * there.
 */
export async function runStory(options: {
  readonly network: Network;
  readonly listener: Listener;
  readonly tell: Tell;
  readonly signal: AbortSignal;
}): Promise<StoryResult> {
  const { network, listener, tell, signal } = options;
  const before = await takeBefore(network);
  const observer = await observeAloud(network, tell, signal);
  const owners = new Map(
    network.markets.map(({ home }) => [
      home,
      createSender(siteOf(network, home).chain, network.lendingKey.privateKey),
    ]),
  );
  const changes: PriceChange[] = [];
  for (const falls of STEPS) {
    const moves = await Promise.all(falls.map((fall) => letFall(network, fall, observer, owners, tell)));
    changes.push(...moves.flat());
    await observer.until('every loan to be healthy again', PATIENCE_MS, () => allHealthy(network));
  }
  await observer.until('every liquidation to be settled and released', PATIENCE_MS, () =>
    liquidationsOf(network, observer).every(isComplete),
  );
  await claimTreasuryShares(network, observer);

  const records = liquidationsOf(network, observer);
  const quotes = new Map([...listener.quotes].map(([intent, solvers]) => [intent, solvers.size]));
  const checks = await runChecks(network, observer, records, quotes, before, await snapshot(network));
  const liquidations = await Promise.all(
    records.map(async (record) => ({
      record,
      figures: await figuresOf(network, record, changes),
      quotes: quotes.get(record.intent) ?? 0,
    })),
  );
  return { liquidations, messages: messagesOf(network, observer), checks };
}

/** Watches the escrows from now on, telling what happens there. */
export function observeAloud(network: Network, tell: Tell, signal: AbortSignal): Promise<Observer> {
  const orders = new Map<Hex, HappeningOf<'Opened'>['args']['order']>();
  return observe({
    network,
    signal,
    onHappening: (seen) => {
      if (seen.event === 'Opened') orders.set(seen.args.orderId, seen.args.order);
      const what = describe(network, seen, (orderId) => orders.get(orderId));
      if (what) tell(seen.chain, what);
    },
    onTrouble: (chain, cause) => tell(chain, `could not be read, trying again: ${String(cause)}`),
  });
}

async function letFall(
  network: Network,
  { home, percent }: Fall,
  observer: Observer,
  owners: ReadonlyMap<HomeName, Sender>,
  tell: Tell,
): Promise<PriceChange[]> {
  const market = network.markets.find((candidate) => candidate.home === home);
  const owner = owners.get(home);
  if (market === undefined || owner === undefined) return [];
  const moves = await Promise.all(
    Object.entries(percent).map(([symbol, drop]) => moveOne(market, symbol as Collateral, drop, owner, tell)),
  );
  const block = moves.reduce((last, move) => (move.block > last ? move.block : last), 0n);
  await observer.until('the block after the fall', PATIENCE_MS, async () => {
    return (await finishedBlock(network, market)) >= block;
  });
  const sick = await underWaterAt(network, market, block);
  tell(home, `${sick} loan${sick === 1 ? ' goes' : 's go'} under water on ${market.id}`);
  return moves;
}

async function moveOne(
  market: Market,
  symbol: Collateral,
  drop: bigint,
  owner: Sender,
  tell: Tell,
): Promise<PriceChange> {
  const price = (PRICES[symbol] * (100n - drop)) / 100n;
  const { blockNumber } = await movePrice(owner, market.feeds[symbol], price * 10n ** BigInt(FEED_DECIMALS));
  tell(market.home, `${symbol} falls ${drop} % to ${price} dollars`);
  return { chain: market.home, block: blockNumber, at: Date.now() };
}

/** Tells whether no position is under water at the newest finished block of each home chain. */
export async function allHealthy(network: Network): Promise<boolean> {
  const sick = await Promise.all(
    network.markets.map(async (market) =>
      underWaterAt(network, market, await finishedBlock(network, market)),
    ),
  );
  return sick.every((count) => count === 0);
}

/** The lending protocol takes its share of the surplus out of the escrows, as it may at any time. */
export async function claimTreasuryShares(network: Network, observer: Observer): Promise<void> {
  const treasury = ACCOUNTS_OF.protocolTreasury;
  const homes = new Set(network.markets.map(({ home }) => home));
  const claims = await Promise.all(
    [...homes].map(async (home) => {
      const { chain, gavel } = siteOf(network, home);
      const sender = createSender(chain, treasury.privateKey);
      const escrow = { address: gavel.collateralEscrow, abi: collateralEscrowAbi } as const;
      const claimed = await Promise.all(
        trackedTokens(network)
          .filter((token) => token.chain === home)
          .map(async ({ address }) => {
            const args = [address, treasury.address] as const;
            const due = await chain.publicClient.readContract({ ...escrow, functionName: 'credits', args });
            if (due > 0n) await sender.write({ ...escrow, functionName: 'claim', args });
            return due > 0n ? 1 : 0;
          }),
      );
      return claimed.reduce((sum: number, one) => sum + one, 0);
    }),
  );
  const all = claims.reduce((sum, count) => sum + count, 0);
  await observer.until('the claims to be seen', PATIENCE_MS, () => observer.of('Claimed').length >= all);
}

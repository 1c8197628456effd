import { liquidationAdapterAbi } from '@gavel/abi';
import { GavelError, positionKey, sameAddress } from '@gavel/protocol';
import { type Address, type Hex, maxUint256 } from 'viem';
import { marketId } from '../deployment.ts';
import type { Position } from '../lending/aave.ts';
import { priceFeedAbi } from '../lending/price-feed.ts';
import { type Market, type Network, siteOf } from '../network.ts';
import type { Token } from '../tokens.ts';
import type { HappeningOf, Observer } from './observer.ts';

const WAD = 10n ** 18n;

/** A price change of the story. */
export interface PriceChange {
  readonly chain: string;
  readonly block: bigint;
  /** Unix milliseconds when it was mined, as seen here. */
  readonly at: number;
}

/** One liquidation from landing to the end, as the chains tell it. Amounts in the token's smallest units. */
export interface LiquidationRecord {
  readonly intent: Hex;
  readonly market: Market;
  readonly position: Position;
  readonly collateral: Token;
  readonly debt: Token;
  readonly mode: 'local' | 'remote';
  readonly payChain: string;
  readonly solver: Address;
  readonly landing: HappeningOf<'Liquidated'> | HappeningOf<'Opened'>;
  readonly repaid: bigint;
  readonly seized: bigint;
  /** What the solver received; of an unsettled order, what it is to receive. */
  readonly ask: bigint;
  readonly orderId?: Hex;
  readonly filled?: HappeningOf<'Filled'>;
  readonly reported?: HappeningOf<'Reported'>;
  readonly settled?: HappeningOf<'Settled'>;
  readonly released?: HappeningOf<'Released'>;
  readonly credited?: HappeningOf<'SurplusCredited'>;
  readonly returned?: HappeningOf<'SurplusReturned'>;
}

/** What needs the chains' history to know. */
export interface LiquidationFigures {
  /** WAD; `maxUint256` is a position without debt. */
  readonly healthBefore: bigint;
  readonly healthAfter: bigint;
  /** Part of the protocol's bonus that went back to the borrower, basis points. */
  readonly bonusShareBps: bigint;
  readonly blocksToRepaid: bigint;
  readonly msToRepaid: number;
  readonly msToSettled: number | undefined;
}

/** Puts what was seen together, a record for each landing in the order of landings. */
export function liquidationsOf(network: Network, observer: Observer): LiquidationRecord[] {
  return observer.happenings.flatMap((happening) => {
    if (happening.event === 'Liquidated') return [localRecord(network, observer, happening)];
    if (happening.event === 'Opened') return [remoteRecord(network, observer, happening)];
    return [];
  });
}

/** Tells whether nothing of a liquidation is outstanding: settled, released, surplus back in the position. */
export function isComplete(record: LiquidationRecord): boolean {
  const surplusDone = record.credited === undefined || record.returned !== undefined;
  return surplusDone && (record.mode === 'local' || (record.settled && record.released) !== undefined);
}

/** Computes what a record's table row shows beyond the record. */
export async function figuresOf(
  network: Network,
  record: LiquidationRecord,
  changes: readonly PriceChange[],
): Promise<LiquidationFigures> {
  const { landing, market, settled, returned } = record;
  const cause = changes.findLast(({ chain, block }) => chain === market.home && block <= landing.block);
  const [healthBefore, healthAfter, bonus] = await Promise.all([
    healthAt(network, record, landing.block - 1n),
    healthAt(network, record, returned?.block ?? landing.block),
    bonusOf(network, record),
  ]);
  const toBorrower = record.credited?.args.toBorrower ?? 0n;
  return {
    healthBefore,
    healthAfter,
    bonusShareBps: bonus > 0n ? (toBorrower * 10_000n) / bonus : 0n,
    blocksToRepaid: cause ? landing.block - cause.block : 0n,
    msToRepaid: cause ? landing.at - cause.at : 0,
    msToSettled: cause && (record.mode === 'local' ? landing.at : (settled?.at ?? Number.NaN)) - cause.at,
  };
}

function localRecord(
  network: Network,
  observer: Observer,
  landing: HappeningOf<'Liquidated'>,
): LiquidationRecord {
  const { intent, positionKey: key, solver, repaid, seized, ask } = landing.args;
  const credited = creditedIn(observer, landing.chain, landing.tx, key);
  return {
    intent,
    ...placeOf(network, landing.chain, key),
    mode: 'local',
    payChain: landing.chain,
    solver,
    landing,
    repaid,
    seized,
    ask,
    ...(credited && { credited }),
    ...returnedAfter(observer, credited),
  };
}

function remoteRecord(
  network: Network,
  observer: Observer,
  landing: HappeningOf<'Opened'>,
): LiquidationRecord {
  const { intent, orderId, positionKey: key, seized, order } = landing.args;
  const filled = observer.of('Filled').find(({ args }) => args.orderId === orderId);
  const reported = observer.of('Reported').find(({ args }) => args.orderIds.includes(orderId));
  const settled = observer.of('Settled').find(({ args }) => args.orderId === orderId);
  const released = observer.of('Released').find(({ args }) => args.orderId === orderId);
  const credited = settled && creditedIn(observer, settled.chain, settled.tx, key);
  const paySite = [...network.sites.values()].find(({ chain }) => chain.domain === order.payDomain);
  return {
    intent,
    ...placeOf(network, landing.chain, key),
    mode: 'remote',
    payChain: paySite?.chain.name ?? String(order.payDomain),
    solver: order.solver,
    landing,
    repaid: order.repaid,
    seized,
    ask: settled?.args.ask ?? order.ask,
    orderId,
    ...(filled && { filled }),
    ...(reported && { reported }),
    ...(settled && { settled }),
    ...(released && { released }),
    ...(credited && { credited }),
    ...returnedAfter(observer, credited),
  };
}

function creditedIn(
  observer: Observer,
  chain: string,
  tx: Hex,
  key: Hex,
): HappeningOf<'SurplusCredited'> | undefined {
  return observer
    .of('SurplusCredited')
    .find((seen) => seen.chain === chain && seen.tx === tx && seen.args.positionKey === key);
}

function returnedAfter(
  observer: Observer,
  credited: HappeningOf<'SurplusCredited'> | undefined,
): { returned?: HappeningOf<'SurplusReturned'> } {
  if (credited === undefined) return {};
  const returned = observer
    .of('SurplusReturned')
    .find(
      ({ chain, block, args }) =>
        chain === credited.chain && block >= credited.block && args.positionKey === credited.args.positionKey,
    );
  return returned ? { returned } : {};
}

/** Finds which of the network's positions a key stands for. */
export function placeOf(
  network: Network,
  home: string,
  key: Hex,
): Pick<LiquidationRecord, 'market' | 'position' | 'collateral' | 'debt'> {
  for (const market of network.markets.filter((candidate) => candidate.home === home)) {
    for (const position of market.positions) {
      if (positionKey(marketId(market.id), position.position) !== key) continue;
      const collateral = Object.values(market.collaterals).find(({ address }) =>
        sameAddress(address, position.collateral),
      );
      if (collateral) return { market, position, collateral, debt: siteOf(network, home).dollar };
    }
  }
  throw new GavelError(
    'DEVNET_UNKNOWN_POSITION',
    'a landing concerns a position that the network did not open',
    {
      meta: { home, positionKey: key },
    },
  );
}

/**
 * Reads a position's health in WAD, by its adapter, at a block: a finished one, because a local chain may
 * answer for its newest with the state of the next.
 */
export async function healthAt(
  network: Network,
  { market, position }: Pick<LiquidationRecord, 'market' | 'position'>,
  blockNumber: bigint,
): Promise<bigint> {
  const { publicClient } = siteOf(network, market.home).chain;
  const [, , , , health] = await publicClient.readContract({
    address: market.adapter,
    abi: liquidationAdapterAbi,
    functionName: 'assess',
    args: [position.position],
    blockNumber,
  });
  return health;
}

/** Counts the positions of a market that are under water at a block. */
export async function underWaterAt(network: Network, market: Market, blockNumber: bigint): Promise<number> {
  const healths = await Promise.all(
    market.positions.map((position) => healthAt(network, { market, position }, blockNumber)),
  );
  return healths.filter((health) => health < WAD).length;
}

/** Returns the newest block of a market's home chain that is finished for sure. */
export async function finishedBlock(network: Network, market: Market): Promise<bigint> {
  return (await siteOf(network, market.home).chain.publicClient.getBlockNumber()) - 1n;
}

/** Tells whether a health is that of a position without debt. */
export function isDebtFree(health: bigint): boolean {
  return health === maxUint256;
}

/** The whole bonus of a liquidation in collateral units: what was seized beyond the repaid debt's worth. */
async function bonusOf(network: Network, record: LiquidationRecord): Promise<bigint> {
  const { market, collateral, debt, landing, repaid, seized } = record;
  const feed = market.feeds[collateral.symbol as keyof typeof market.feeds];
  const { publicClient } = siteOf(network, market.home).chain;
  const [, answer] = await publicClient.readContract({
    address: feed,
    abi: priceFeedAbi,
    functionName: 'latestRoundData',
    blockNumber: landing.block,
  });
  const dollar = 10n ** 8n;
  const worth =
    (repaid * dollar * 10n ** BigInt(collateral.decimals)) / (answer * 10n ** BigInt(debt.decimals));
  return seized - worth;
}

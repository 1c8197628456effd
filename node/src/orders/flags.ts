import { collateralEscrowAbi } from '@gavel/abi';
import type { MarketId, PositionKey } from '@gavel/protocol';
import { LRUCache } from 'lru-cache';
import { getAbiItem, type Hex } from 'viem';
import type { DecodedLog } from '../chain/read-logs.ts';

/** What a home escrow says about flagged positions. */
export const FLAG_EVENTS = [
  getAbiItem({ abi: collateralEscrowAbi, name: 'Flagged' }),
  getAbiItem({ abi: collateralEscrowAbi, name: 'FlagCleared' }),
  getAbiItem({ abi: collateralEscrowAbi, name: 'Taken' }),
] as const;

/** A decoded log about flags. */
export type FlagLog = DecodedLog<typeof FLAG_EVENTS>;

/** A position that was flagged, by the log. Times in Unix seconds of its chain. */
export type Flag = {
  readonly chain: string;
  readonly market: MarketId;
  readonly position: Hex;
  readonly positionKey: PositionKey;
  readonly takeableFrom: bigint;
  readonly lapsesAt: bigint;
  /** The flag was cleared since. */
  readonly isCleared: boolean;
  /** The last take of it, if there was any. */
  readonly taken?: { readonly taker: Hex; readonly tx: Hex; readonly repaid: bigint; readonly lot: bigint };
};

/**
 * Which positions were flagged. Made from the log of each escrow, read anew at every start and kept in
 * memory: whether a flag stands is always the chain's to say, so a log that comes late, twice, or is taken
 * back does no harm.
 */
export type Flags = {
  /**
   * Flags of a chain that have not lapsed at `time`, cleared ones too: a reorganisation may bring them back.
   */
  unlapsed(chain: string, time: bigint): readonly Flag[];
  all(): readonly Flag[];
  /**
   * Takes logs of one chain, in chain order. Those up to block `toldTo` were told before, by an earlier run.
   */
  ingest(chain: string, logs: readonly FlagLog[], toldTo?: bigint): void;
};

/** Flags remembered, the latest. */
const MOST_FLAGS = 4_096;

/** Creates an empty auctions of flags. `tell` gets each log once, in the words of the log. */
export function createFlags(deps: {
  readonly tell: (msg: string, fields: Record<string, unknown>) => void;
}): Flags {
  const flags = new LRUCache<string, Flag>({ max: MOST_FLAGS });
  const told = new LRUCache<string, true>({ max: MOST_FLAGS });

  const keyOf = (chain: string, positionKey: PositionKey) => `${chain}:${positionKey}`;
  const change = (chain: string, positionKey: PositionKey, part: Partial<Flag>) => {
    const flag = flags.get(keyOf(chain, positionKey));
    if (flag !== undefined) flags.set(keyOf(chain, positionKey), { ...flag, ...part });
  };
  const ingest = (chain: string, log: FlagLog, toldTo: bigint): void => {
    const { positionKey } = log.args;
    const place = { chain, positionKey, tx: log.transactionHash, block: log.blockNumber };
    const once = `${keyOf(chain, positionKey)}:${log.eventName}:${log.transactionHash}:${log.blockNumber}`;
    const tell = (msg: string, fields: Record<string, unknown>) => {
      if (!told.has(once) && log.blockNumber > toldTo) deps.tell(msg, { ...place, ...fields });
      told.set(once, true);
    };
    switch (log.eventName) {
      case 'Flagged': {
        const { market, position, takeableFrom, lapsesAt } = log.args;
        const taken = flags.get(keyOf(chain, positionKey))?.taken;
        const times = { takeableFrom, lapsesAt };
        const flag = { chain, market, position, positionKey, ...times, isCleared: false };
        flags.set(keyOf(chain, positionKey), { ...flag, ...(taken && { taken }) });
        tell('position flagged', times);
        return;
      }
      case 'FlagCleared':
        change(chain, positionKey, { isCleared: true });
        tell('flag cleared', {});
        return;
      case 'Taken': {
        const { taker, recipient, repaid, seized, lot } = log.args;
        change(chain, positionKey, { taken: { taker, tx: log.transactionHash, repaid, lot } });
        tell('position taken', { taker, recipient, repaid, seized, lot });
        return;
      }
    }
  };

  return {
    ingest(chain, logs, toldTo = -1n) {
      for (const log of logs) ingest(chain, log, toldTo);
    },
    all: () => [...flags.values()],
    unlapsed: (chain, time) =>
      [...flags.values()].filter((flag) => flag.chain === chain && flag.lapsesAt >= time),
  };
}

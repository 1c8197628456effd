import type { Observation } from '../auction/derive.ts';
import type { Market } from '../auction/market.ts';
import type { ServedMarket } from '../auction/served-markets.ts';
import type { Head } from '../chain/heads.ts';
import type { Core } from '../core.ts';
import { childOf } from '../observe/telemetry.ts';
import { followEvidence } from '../orders/follow-logs.ts';
import { type LoadedProtocol, loadProtocol } from '../positions/protocols.ts';
import { createPositionSource, type PositionSource } from '../positions/source.ts';
import { createProposal } from '../positions/valuation.ts';
import { announce } from './announce.ts';
import { createDetector } from './detect.ts';

/** The positions known of one market. */
export type Watched = {
  readonly market: string;
  readonly chain: string;
  readonly source: Pick<PositionSource, 'positions' | 'size' | 'ownerOf'>;
};

/**
 * Watches every served market: collects its positions from logs, and announces the unhealthy ones at each
 * slot. `onUnhealthy` gets each of them too, whether its auction runs already or not. Throws what
 * `loadProtocol` throws.
 */
export async function startWatcher(
  core: Core,
  onUnhealthy: (market: Market, observed: Observation) => void,
): Promise<{
  onHead(chain: string, head: Head): void;
  readonly watched: readonly Watched[];
}> {
  const protocols = await Promise.all(core.markets.map(({ config }) => loadProtocol(config)));
  const watches = core.markets.flatMap((served, index) => {
    const protocol = protocols[index];
    return protocol === undefined ? [] : [{ served, ...watch(served, protocol, core, onUnhealthy) }];
  });
  return {
    watched: watches.map(({ served, source }) => ({
      market: served.market.name,
      chain: served.chain.name,
      source,
    })),
    onHead(chain, head) {
      for (const { served, onHead } of watches) if (served.chain.name === chain) onHead(head);
    },
  };
}

function watch(
  { market, config, chain }: ServedMarket,
  protocol: LoadedProtocol,
  core: Core,
  onUnhealthy: (market: Market, observed: Observation) => void,
): { onHead(head: Head): void; source: PositionSource } {
  const { scope, now, publish, auctions } = core;
  const telemetry = childOf(core.telemetry, { module: 'watcher', market: market.name });
  const { log, metrics } = telemetry;
  const source = createPositionSource(protocol, telemetry);
  scope.spawn(`positions of ${market.name}`, (signal) =>
    followEvidence({
      chain,
      address: config.source,
      events: source.events,
      fromBlock: config.fromBlock,
      confirmations: 0,
      ingest: async (logs) => {
        const before = source.size();
        source.ingest(logs);
        if (source.size() > before) log.debug({ positions: source.size() }, 'positions known');
      },
      signal,
      log,
    }),
  );

  const decimals = async (token: `0x${string}`) => (await core.chains.describe(chain, token)).decimals;
  const propose = createProposal(protocol, chain.client, config.source);
  const detect = createDetector({ market, source, propose, decimals, telemetry });
  const { tallyWaitMs, voteWaitMs } = core.config.auction;
  const waits = { tallyWait: BigInt(tallyWaitMs), voteWait: BigInt(voteWaitMs) };

  const examine = async (head: Head): Promise<void> => {
    try {
      const observations = await detect(head);
      if (observations.length > 0)
        log.debug({ block: head.number, unhealthy: observations.length }, 'unhealthy positions');
      for (const observed of observations) {
        onUnhealthy(market, observed);
        await announce(market, observed, { auctions, publish, now, log, ...waits });
      }
    } catch (error) {
      if (scope.signal.aborted) return;
      metrics.count('detection_failed');
      log.warn({ err: error, block: head.number }, 'block not examined');
    }
  };

  let running = false;
  let newest: Head | undefined;
  const drain = async (): Promise<void> => {
    running = true;
    // Of blocks that queued up meanwhile only the newest can still be auctioned.
    for (let head = newest; head !== undefined && !scope.signal.aborted; head = newest) {
      newest = undefined;
      await examine(head);
    }
    running = false;
  };
  return {
    source,
    onHead(head) {
      newest = head;
      if (!running) void drain();
    },
  };
}

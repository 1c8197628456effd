import { addressOfKey, type Certificate, landingOf } from '@gavel/protocol';
import type { Hex } from 'viem';
import type { Auction } from '../auction/auctions.ts';
import type { Observation } from '../auction/derive.ts';
import type { Market } from '../auction/market.ts';
import { marketOf } from '../auction/served-markets.ts';
import type { Head } from '../chain/heads.ts';
import type { Config } from '../config/schema.ts';
import type { Core } from '../core.ts';
import { childOf } from '../observe/telemetry.ts';
import type { OrderEvent, OrderEventType } from '../order/events.ts';
import type { OrderView } from '../order/fold.ts';
import { createBatcher } from '../orders/batcher.ts';
import { createFlaggedFollower } from '../orders/flagged.ts';
import { countingLostRaces, createPrecedence, withPrecedence } from '../orders/races.ts';
import { findPaymentStage } from '../orders/reconcile.ts';
import { createRunner } from '../orders/runner.ts';
import { releaseStage } from '../settlement/release.ts';
import { reportStage } from '../settlement/report.ts';
import { verdictStage } from '../settlement/verdict.ts';
import { createForwarder } from './bring-home.ts';
import { createClearing } from './clear.ts';
import { createCollector } from './collect.ts';
import { expireStage } from './expire.ts';
import { createFlagger } from './flag.ts';
import { forfeitStage } from './forfeit.ts';
import { landStage } from './land.ts';
import { markLotStage } from './mark-lot.ts';
import { createKeeperOrder } from './precedence.ts';
import { returnSurplusStage } from './return-surplus.ts';

/** Events that a keeper's transaction caused. */
const KEEPERS_WORK: ReadonlySet<OrderEventType> = new Set([
  'liquidated',
  'opened',
  'reported',
  'verdictSent',
  'expired',
  'bondForfeited',
]);

/**
 * Carries every award to its end: lands it, reports its payment, sends its verdict, releases, returns the
 * surplus. Opens the lots of unpaid orders to their sale, forfeits held bonds, flags positions that no
 * auction liquidates, clears the flags of healthy ones, and brings home what bridges deliver.
 */
export function startKeeper(
  core: Core,
  key: Hex,
  limits: NonNullable<Config['keeper']>,
): {
  onCertificate(auction: Auction, certificate: Certificate): void;
  onOrder(view: OrderView): void;
  onEvent(event: OrderEvent): void;
  onHead(chain: string, head: Head): void;
  /** A position may be liquidated, as of a slot's block. */
  onUnhealthy(market: Market, observed: Observation): void;
} {
  const { engine, scheduler, now } = core;
  const { byName: chains, clocks, chainOf, chainTime } = core.chains;
  const telemetry = childOf(core.telemetry, { module: 'keeper' });
  const { metrics } = telemetry;
  const senderOf = core.chains.sendersOf(key);
  // Created at once, to clear away what an earlier run left unmined.
  for (const chain of chains.values()) senderOf(chain);
  const keeperOrder = createKeeperOrder(addressOfKey(key));
  /**
   * A keeper that precedes this one has two blocks and two polls of the slower chain: time to act, and to be
   * seen.
   */
  const patienceFor = (subject: string): bigint => {
    const turns = [...clocks].map(([name, clock]) => {
      const pollMs = BigInt(chains.get(name)?.config.pollMs ?? 1_000);
      return 2 * Number(clock.blockMs() + pollMs);
    });
    return BigInt(keeperOrder.rank(subject) * Math.max(...turns));
  };
  const precedence = createPrecedence({ now, patience: patienceFor });
  const deps = { chainOf, senderOf, chainTime, now, telemetry, metrics };
  const stages = [landStage, releaseStage, returnSurplusStage, expireStage, forfeitStage, markLotStage]
    .map((create) => create(deps))
    .map((stage) => withPrecedence(stage, { metrics, precedence }));
  const shared = { engine, scheduler, now, telemetry };
  const runner = createRunner({ ...shared, stages: [...stages, findPaymentStage(deps)] });
  const reports = createBatcher({
    ...shared,
    stage: countingLostRaces(
      reportStage({ ...deps, againAfterMs: BigInt(limits.report.againAfterMs) }),
      metrics,
    ),
    limits: limits.report,
    patience: (_, group) => patienceFor(group),
  });
  const verdicts = createBatcher({
    ...shared,
    stage: countingLostRaces(
      verdictStage({ ...deps, againAfterMs: BigInt(limits.verdicts.againAfterMs) }),
      metrics,
    ),
    limits: limits.verdicts,
    patience: (_, group) => patienceFor(group),
  });
  const flagger = createFlagger({
    ...deps,
    auctions: core.auctions,
    precedence,
    afterMs: BigInt(limits.flagAfterMs),
  });
  const flagged = createFlaggedFollower({
    flags: core.flags,
    marketOf: marketOf(core.markets),
    chainOf,
    serve: createClearing({ senderOf, precedence, telemetry }),
    telemetry,
  });
  const forwarder = createForwarder({ chainOf, senderOf, precedence, tell: core.tell, now, telemetry });
  const collector =
    limits.collect &&
    createCollector({ ...deps, to: limits.collect.to, everyMs: BigInt(limits.collect.everyMs) });
  // Money may arrive long after its order is closed.
  for (const view of engine.all()) {
    forwarder.consider(view);
    collector?.consider(view);
  }
  return {
    onHead(chain, head) {
      scheduler.run('flagged positions', () => flagged.onHead(chain, head));
      scheduler.run('forward', () => forwarder.onHead(chain));
      if (collector !== undefined) scheduler.run('collect', () => collector.onHead(chain));
    },
    onUnhealthy: (market, observed) => scheduler.run('flag', () => flagger.unhealthy(market, observed)),
    onCertificate(auction, certificate) {
      const awarded = {
        type: 'awarded',
        landing: landingOf(certificate),
        quotes: auction.quotes.size,
        at: now(),
      } as const;
      scheduler.run('record award', () => engine.record(auction.observed.digest, [awarded]));
    },
    onEvent(event) {
      if (!KEEPERS_WORK.has(event.type) || !('seen' in event)) return;
      const { chain: name, tx } = event.seen;
      scheduler.run('learn keeper', async () => {
        const transaction = await chains.get(name)?.client.getTransaction({ hash: tx });
        if (transaction !== undefined) keeperOrder.saw(transaction.from);
      });
    },
    onOrder(view) {
      runner.consider(view);
      reports.consider(view);
      verdicts.consider(view);
      forwarder.consider(view);
      collector?.consider(view);
    },
  };
}

import { addressOfKey, type Certificate, landingOf } from '@gavel/protocol';
import type { Hex } from 'viem';
import type { Auction } from '../auction/book.ts';
import type { Config } from '../config/schema.ts';
import { createBatcher } from '../flow/batcher.ts';
import { landStage } from '../flow/land.ts';
import { createPrecedence } from '../flow/precedence.ts';
import { racing, racingBatch } from '../flow/races.ts';
import { findPaymentStage } from '../flow/reconcile.ts';
import { releaseStage } from '../flow/release.ts';
import { reportStage } from '../flow/report.ts';
import { createRunner } from '../flow/runner.ts';
import { settleStage } from '../flow/settle.ts';
import { verdictStage } from '../flow/verdict.ts';
import type { OrderEvent, OrderEventType } from '../order/events.ts';
import type { OrderView } from '../order/fold.ts';
import type { Core } from './core.ts';

/** What keepers' transactions lead to. */
const KEEPERS_WORK: ReadonlySet<OrderEventType> = new Set([
  'liquidated',
  'opened',
  'reported',
  'verdictSent',
]);

/** Carry every award to its end: land it, report its payment, send its verdict, release, return the surplus. */
export function startKeeper(
  core: Core,
  key: Hex,
  limits: NonNullable<Config['keeper']>,
): {
  onCertificate(auction: Auction, certificate: Certificate): void;
  onOrder(view: OrderView): void;
  onEvent(event: OrderEvent): void;
} {
  const { engine, scheduler, now, counters, chainOf, chainTime, clocks } = core;
  const log = core.log.child({ module: 'keeper' });
  const senderOf = core.sendersOf(key);
  // At once, for what an earlier run left unmined.
  for (const chain of core.chains.values()) senderOf(chain);
  const precedence = createPrecedence(addressOfKey(key));
  /** Whoever comes before gets two blocks and two polls of the slower chain: time to act, and for others to see it. */
  const patienceFor = (subject: string): bigint => {
    const turns = [...clocks].map(([name, clock]) => {
      const pollMs = BigInt(core.chains.get(name)?.config.pollMs ?? 1_000);
      return 2 * Number(clock.blockMs() + pollMs);
    });
    return BigInt(precedence.rank(subject) * Math.max(...turns));
  };
  const deps = { chainOf, senderOf, chainTime, now, log, counters };
  const stages = [landStage(deps), releaseStage(deps), settleStage(deps)].map((stage) =>
    racing(stage, { counters, now, patience: (view, name) => patienceFor(`${name}:${view.intent}`) }),
  );
  const shared = { engine, scheduler, now, log, counters };
  const runner = createRunner({ ...shared, stages: [...stages, findPaymentStage(chainOf)] });
  const reports = createBatcher({
    ...shared,
    stage: racingBatch(reportStage({ ...deps, againAfterMs: BigInt(limits.report.againAfterMs) }), counters),
    limits: limits.report,
    patience: (_, group) => patienceFor(group),
  });
  const verdicts = createBatcher({
    ...shared,
    stage: racingBatch(
      verdictStage({ ...deps, againAfterMs: BigInt(limits.verdicts.againAfterMs) }),
      counters,
    ),
    limits: limits.verdicts,
    patience: (_, group) => patienceFor(group),
  });
  return {
    onCertificate(auction, certificate) {
      const awarded = {
        type: 'awarded',
        landing: landingOf(certificate),
        quotes: auction.quotes.size,
        at: now(),
      } as const;
      scheduler.at(now(), 'record award', () => engine.record(auction.observed.digest, [awarded]));
    },
    onEvent(event) {
      if (!KEEPERS_WORK.has(event.type) || !('seen' in event)) return;
      const { chain: name, tx } = event.seen;
      scheduler.at(now(), 'learn keeper', async () => {
        const transaction = await core.chains.get(name)?.client.getTransaction({ hash: tx });
        if (transaction !== undefined) precedence.saw(transaction.from);
      });
    },
    onOrder(view) {
      runner.consider(view);
      reports.consider(view);
      verdicts.consider(view);
    },
  };
}

import { type IntentDigest, type PositionKey, type QuoteDigest, sameAddress } from '@gavel/protocol';
import type { Hex } from 'viem';
import { type DecodedLog, isLogOf } from '../chain/read-logs.ts';
import type { ChainFact, EventOf, Seen } from '../order/events.ts';
import type { OrderView } from '../order/fold.ts';
import { lotOf } from '../order/views.ts';
import type { Engine } from './engine.ts';
import { PASSED_OVER, readFacts, type Subject } from './facts.ts';

/** The parts that the evidence of a pay escrow needs. */
export type PayEvidenceDeps = {
  readonly chain: string;
  readonly engine: Pick<Engine, 'recordByOrder'>;
  /** Milliseconds; the wall clock unless given. */
  readonly now?: () => bigint;
};

/** The parts that the evidence of a home escrow needs. */
export type HomeEvidenceDeps = {
  readonly chain: string;
  readonly engine: Pick<Engine, 'record' | 'recordByOrder' | 'all'>;
  /** Whether this node keeps a record of a landing won by `solver`. */
  readonly keeps: (solver: Hex) => boolean;
  /**
   * Reads a landing back from its transaction, for records that lack it; nothing if it cannot be read there.
   */
  readonly award: (tx: Hex, intent: IntentDigest) => Promise<EventOf<'awarded'> | undefined>;
  /** Called for every landing, of any winner. */
  readonly onLanded: (intent: IntentDigest, quote: QuoteDigest) => void;
  /** Called for every quote that a landing passed over. */
  readonly onPassedOver: (intent: IntentDigest, quote: QuoteDigest, reason: Hex) => void;
  /** Milliseconds; the wall clock unless given. */
  readonly now?: () => bigint;
};

/** Creates what records the logs of a pay escrow, in chain order, as facts of their orders. */
export function createPayEvidence(deps: PayEvidenceDeps): (logs: readonly DecodedLog[]) => Promise<void> {
  const { chain, engine, now = () => BigInt(Date.now()) } = deps;
  return async (logs) => {
    for (const { subject, fact } of logs.flatMap((log) => readFacts('pay', chain, log, now()))) {
      if (subject.kind === 'order') await engine.recordByOrder(subject.orderId, [fact]);
    }
  };
}

/** Creates what records the logs of a home escrow, in chain order, as facts of their orders. */
export function createHomeEvidence(deps: HomeEvidenceDeps): (logs: readonly DecodedLog[]) => Promise<void> {
  const { chain, engine, now = () => BigInt(Date.now()) } = deps;

  const landed = async ({ intent, quote, solver }: Landing, events: readonly ChainFact[], { tx }: Seen) => {
    if (deps.keeps(solver)) {
      const awarded = await deps.award(tx, intent);
      await engine.record(intent, awarded === undefined ? events : [awarded, ...events]);
    }
    deps.onLanded(intent, quote);
  };

  const record = async (subject: Subject, fact: ChainFact, splits: Split[]): Promise<void> => {
    switch (subject.kind) {
      case 'order':
        return engine.recordByOrder(subject.orderId, [fact, ...claim(splits, subject, fact.seen)]);
      case 'landing':
        return landed(subject, [fact, ...claim(splits, subject, fact.seen)], fact.seen);
      case 'split':
        splits.push({ positionKey: subject.positionKey, fact });
        return;
      case 'surplus':
        for (const view of engine.all().filter((view) => isReturned(view, subject, fact.seen))) {
          await engine.record(view.intent, [fact]);
        }
    }
  };

  return async (logs) => {
    const splits: Split[] = [];
    for (const log of logs) {
      if (isLogOf(log, PASSED_OVER)) deps.onPassedOver(log.args.intent, log.args.quote, log.args.reason);
      for (const { subject, fact } of readFacts('home', chain, log, now())) {
        await record(subject, fact, splits);
      }
    }
  };
}

type Landing = Extract<Subject, { kind: 'landing' }>;
type Split = { readonly positionKey: PositionKey; readonly fact: ChainFact };

/**
 * Takes the split of a position out of `splits`: its log comes just before the fact it belongs to, in one
 * transaction.
 */
function claim(
  splits: Split[],
  { positionKey }: { readonly positionKey?: PositionKey },
  { tx }: Seen,
): readonly ChainFact[] {
  const index = splits.findIndex((split) => split.fact.seen.tx === tx && split.positionKey === positionKey);
  return index === -1 ? [] : splits.splice(index, 1).map(({ fact }) => fact);
}

/** Tells whether a return of surplus, seen at `seen`, is of an order's own. */
function isReturned(
  view: OrderView,
  { positionKey, collateral }: Extract<Subject, { kind: 'surplus' }>,
  seen: Seen,
): boolean {
  const lot = lotOf(view);
  const returned = view.surplusReturned?.seen;
  return (
    lot !== undefined &&
    lot.positionKey === positionKey &&
    sameAddress(lot.collateral, collateral) &&
    view.surplusCredited !== undefined &&
    view.surplusCredited.seen.block <= seen.block &&
    // The same return in another block: a reorganisation moved it.
    (returned === undefined || (returned.tx === seen.tx && returned.block !== seen.block))
  );
}

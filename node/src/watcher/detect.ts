import PQueue from 'p-queue';
import type { Hex } from 'viem';
import { type Observation, observe } from '../auction/derive.ts';
import { GAVEL_ERRORS } from '../auction/gavel-errors.ts';
import type { Market } from '../auction/market.ts';
import type { BlockRef } from '../auction/rules.ts';
import { revertOf } from '../chain/reverts.ts';
import type { Telemetry } from '../observe/telemetry.ts';
import type { PositionSource } from '../positions/source.ts';
import type { Propose } from '../positions/valuation.ts';

/** Positions assessed at the same time; those asked together travel in one RPC batch. */
const CONCURRENCY = 64;

/** What detection takes. */
export type DetectDeps = {
  readonly market: Market;
  readonly source: Pick<PositionSource, 'positions' | 'ownerOf'>;
  /** Which of one owner's positions to take first, if the protocol has a rule for it. */
  readonly propose: Propose;
  /** Decimals of a token on the market's chain. */
  readonly decimals: (token: Hex) => Promise<number>;
  readonly telemetry: Telemetry;
};

/**
 * Finds the positions of a market that may be liquidated as of a block: one per owner, the one that is
 * proposed to be taken first, or else the one with the most to repay. A position that cannot be assessed (a
 * stale price, an RPC that fails) is counted, logged once, and stops no other.
 */
export function createDetector(deps: DetectDeps): (block: BlockRef) => Promise<Observation[]> {
  const { market, source } = deps;
  const { log, metrics } = deps.telemetry;
  const complained = new Set<Hex>();

  const assess = async (position: Hex, block: BlockRef): Promise<Observation | undefined> => {
    try {
      const result = await observe(market, position, block);
      complained.delete(position);
      if ('observed' in result) return result.observed;
      if (result.none !== 'HEALTHY') metrics.count('position_passed_over', { reason: result.none });
    } catch (error) {
      const revert = revertOf(error, GAVEL_ERRORS);
      metrics.count('assess_failed', {
        reason: revert === undefined ? 'UNKNOWN' : (revert.errorName ?? 'REVERTED'),
      });
      if (!complained.has(position))
        log.warn({ err: error, market: market.name, position }, 'position not assessed');
      complained.add(position);
    }
    return undefined;
  };

  return async (block) => {
    const terms = await market.reads.terms(market.id, block.number);
    if (block.number % BigInt(terms.slot) !== 0n) return [];
    const queue = new PQueue({ concurrency: CONCURRENCY });
    const found = await Promise.all(
      [...source.positions()].map((position) => queue.add(() => assess(position, block))),
    );
    const observations = found.filter((observation) => observation !== undefined);
    return largestOfEach(await proposedOnly(observations, block.number, deps), deps);
  };
}

/**
 * Leaves out, of each owner with several, those that another is proposed before; all stay where nothing is
 * proposed.
 */
async function proposedOnly(
  observations: readonly Observation[],
  block: bigint,
  { source, propose, market, telemetry }: DetectDeps,
): Promise<readonly Observation[]> {
  const { log, metrics } = telemetry;
  const owners = Map.groupBy(observations, ({ intent }) => source.ownerOf(intent.position));
  const chosen = [...owners.values()].map(async (own) => {
    if (own.length < 2) return own;
    try {
      const first = await propose(
        own.map(({ intent }) => intent.position),
        block,
      );
      const proposed = own.filter(({ intent }) => intent.position === first);
      return proposed.length > 0 ? proposed : own;
    } catch (error) {
      // A proposal binds no keeper: without one the largest goes first.
      metrics.count('proposal_failed');
      log.warn(
        { err: error, market: market.name, positions: own.length },
        'no proposal of what to take first',
      );
      return own;
    }
  });
  return (await Promise.all(chosen)).flat();
}

/**
 * Keep, of each owner, the observation with the most debt to repay in whole tokens; ties by the lower
 * position key.
 */
async function largestOfEach(
  observations: readonly Observation[],
  { source, decimals }: Pick<DetectDeps, 'source' | 'decimals'>,
): Promise<Observation[]> {
  const best = new Map<string, { observation: Observation; size: bigint }>();
  for (const observation of observations) {
    const { position, repay, debt } = observation.intent;
    const owner = source.ownerOf(position);
    const size = repay * 10n ** BigInt(36 - (await decimals(debt)));
    const rival = best.get(owner);
    const wins =
      rival === undefined ||
      size > rival.size ||
      (size === rival.size && observation.positionKey < rival.observation.positionKey);
    if (wins) best.set(owner, { observation, size });
  }
  return [...best.values()].map(({ observation }) => observation);
}

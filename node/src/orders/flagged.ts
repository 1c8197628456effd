import { collateralEscrowAbi } from '@gavel/abi';
import type { MarketId } from '@gavel/protocol';
import { GAVEL_ERRORS } from '../auction/gavel-errors.ts';
import type { Market } from '../auction/market.ts';
import type { Assessment, Terms } from '../auction/rules.ts';
import type { Chain } from '../chain/client.ts';
import type { Head } from '../chain/heads.ts';
import { revertOf } from '../chain/reverts.ts';
import type { Telemetry } from '../observe/telemetry.ts';
import type { Flag, Flags } from './flags.ts';

/** A flagged position as the chain has it at a head. */
export type Flagged = {
  readonly flag: Flag;
  readonly market: Market;
  readonly chain: Chain;
  readonly head: Head;
  readonly terms: Terms;
  readonly assessment: Assessment;
  /** Unix seconds; 0 if the position is no longer flagged. */
  readonly flaggedAt: bigint;
};

/** The parts that following flagged positions needs. */
export type FlaggedDeps = {
  readonly flags: Pick<Flags, 'unlapsed'>;
  /** Returns a served market by its id and the chain's name. */
  readonly marketOf: (chain: string, market: MarketId) => Market | undefined;
  readonly chainOf: (domain: number) => Chain;
  /** Does a role's work on a position. Rejects if the chain cannot be asked or refuses. */
  readonly serve: (flagged: Flagged) => Promise<void>;
  readonly telemetry: Telemetry;
};

/**
 * Creates what looks at every flagged position whenever its chain has a new head. A position is looked at
 * once at a time. A look that fails is counted, logged, and repeated at the next head.
 */
export function createFlaggedFollower(deps: FlaggedDeps): {
  onHead(chain: string, head: Head): Promise<void>;
} {
  const { log, metrics } = deps.telemetry;
  const busy = new Set<string>();

  const look = async (flag: Flag, head: Head): Promise<void> => {
    const market = deps.marketOf(flag.chain, flag.market);
    if (market === undefined) return;
    const chain = deps.chainOf(market.domain);
    const terms = await market.reads.terms(market.id, head.number);
    const [assessment, flaggedAt] = await Promise.all([
      market.reads.assess(terms.adapter, flag.position, head.number),
      chain.agreed.readContract({
        address: chain.contracts.collateralEscrow,
        abi: collateralEscrowAbi,
        functionName: 'flaggedAt',
        args: [flag.positionKey],
        blockNumber: head.number,
      }),
    ]);
    await deps.serve({ flag, market, chain, head, terms, assessment, flaggedAt });
  };

  return {
    async onHead(name, head) {
      const due = deps.flags.unlapsed(name, head.timestamp);
      await Promise.all(
        due.map(async (flag) => {
          const key = `${name}:${flag.positionKey}`;
          if (busy.has(key)) return;
          busy.add(key);
          try {
            await look(flag, head);
          } catch (error) {
            const reason = revertOf(error, GAVEL_ERRORS)?.errorName ?? 'FAILED';
            metrics.count('flagged_position_failed', { reason });
            log.warn(
              { err: error, chain: name, positionKey: flag.positionKey },
              'flagged position not served',
            );
          } finally {
            busy.delete(key);
          }
        }),
      );
    },
  };
}

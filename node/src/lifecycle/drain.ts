import type { Core } from '../core.ts';
import { pause } from '../runtime/backoff.ts';
import type { SolverRole } from '../solver/solver.ts';

/** How often what is in flight is counted, milliseconds. */
const LOOK_MS = 100;

/** Milliseconds by which an award may come later than its votes' waits. */
const GRACE_MS = 500n;

/**
 * Promise nothing new, and wait until what is in flight is done: quotes that may still land, won orders not
 * paid yet, auctions to be voted in. Ends after `shutdown.drainMs` at the latest, or when the node's scope
 * aborts; what is left then is taken up by the next start, and, but for payments, by other nodes.
 */
export async function drain({
  core,
  solver,
}: {
  readonly core: Core;
  readonly solver: Pick<SolverRole, 'promises'> | undefined;
}): Promise<void> {
  const { bidding, config, now, scope } = core;
  const { log } = core.telemetry;
  bidding.drain();
  const until = now() + BigInt(config.shutdown.drainMs);
  let told = false;
  for (;;) {
    const left = inFlight(core, solver);
    if (Object.values(left).every((count) => count === 0)) return;
    if (!told) log.info(left, 'draining');
    told = true;
    if (now() >= until) {
      log.warn(left, 'not everything finished, stopping all the same');
      return;
    }
    if (!(await pause(LOOK_MS, scope.signal))) return;
  }
}

/** Counts what this node has begun and no other node would finish in time. */
function inFlight(
  { config, auctions, now }: Pick<Core, 'config' | 'auctions' | 'now'>,
  solver: Pick<SolverRole, 'promises'> | undefined,
): { readonly promises: number; readonly payments: number; readonly awards: number } {
  const promises = solver?.promises() ?? [];
  const { tallyWaitMs, voteWaitMs } = config.auction;
  const waits = BigInt(tallyWaitMs + 2 * voteWaitMs) + GRACE_MS;
  const awards = config.roles.includes('auctioneer')
    ? auctions
        .all()
        .filter(
          (auction) => auction.certificate === undefined && now() < auction.observed.intent.quoteBy + waits,
        )
    : [];
  return {
    promises: promises.filter(({ isWon }) => !isWon).length,
    payments: promises.filter(({ isWon }) => isWon).length,
    awards: awards.length,
  };
}

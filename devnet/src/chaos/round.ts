import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '@gavel/solver-sdk/testing';
import type { HomeName, Network } from '../network.ts';
import { snapshot } from '../story/balances.ts';
import { type Check, checkConservation, takeBefore } from '../story/checks.ts';
import { type Observer, observe, PATIENCE_MS } from '../story/observer.ts';
import { isComplete, type LiquidationRecord, liquidationsOf } from '../story/records.ts';
import { allHealthy, claimTreasuryShares } from '../story/story.ts';
import type { BallotWatch } from './ballot-watch.ts';
import type { Fleet } from './fleet.ts';
import { collateralsOf, type Stagehands } from './replenish.ts';

/** One kill: when (milliseconds since the scenario began), whom, for how long, and what was under way. */
export type Kill = {
  readonly at: number;
  readonly node: string;
  readonly roles: readonly string[];
  readonly downMs: number;
  readonly round: number;
  /** Auctions announced, still able to land, and not landed at that moment. */
  readonly inAuction: number;
  /** Liquidations landed in this round and not complete at that moment. */
  readonly underWay: number;
};

/** What a round was. */
export type Round = {
  readonly records: readonly LiquidationRecord[];
  readonly observer: Observer;
  readonly checks: readonly Check[];
};

/** What a round needs. */
export type RoundDeps = {
  readonly network: Network;
  readonly fleet: Fleet;
  readonly ballots: Pick<BallotWatch, 'live'>;
  readonly stagehands: Stagehands;
  readonly random: Random;
  readonly round: number;
  /** Kills still to be done. */
  readonly killsLeft: () => number;
  readonly onKill: (kill: Kill) => void;
  readonly since: number;
  readonly tell: (what: string) => void;
  readonly signal: AbortSignal;
};

/** Falls of a round, per cent of the starting price; each is followed by a small recovery. */
const FALLS = [4, 8];

/**
 * Lets prices fall and recover while nodes are killed, waits until nothing is under way, and compares the
 * chains with what they held before. Throws DEVNET_TIMED_OUT if the network does not come to rest.
 */
export async function runRound(deps: RoundDeps): Promise<Round> {
  const { network, stagehands, fleet, random, tell } = deps;
  const before = await takeBefore(network);
  const ended = new AbortController();
  const signal = AbortSignal.any([deps.signal, ended.signal]);
  const observer = await observe({
    network,
    signal,
    onHappening: () => undefined,
    onTrouble: (chain, cause) => tell(`${chain} could not be read, trying again: ${String(cause)}`),
  });
  const restarts = new Set<Promise<void>>();
  const failures: Promise<void>[] = [];
  let isFalling = true;
  const isBusy = async () =>
    isFalling || !(await allHealthy(network)) || !liquidationsOf(network, observer).every(isComplete);

  const killing = (async () => {
    while (deps.killsLeft() > 0 && !signal.aborted && (await isBusy())) {
      await pause(random.int(400, 2_400));
      const [first, ...others] = fleet.alive();
      // A network of which half is down at once is another scenario.
      if (first === undefined || restarts.size > 3) continue;
      const node = random.pick([first, ...others]);
      const downMs = random.int(200, 4_000);
      const known = liquidationsOf(network, observer);
      const underWay = known.filter((record) => !isComplete(record)).length;
      const landed = new Set(known.map(({ intent }) => intent.toLowerCase()));
      const inAuction = deps.ballots.live(Date.now()).filter((intent) => !landed.has(intent)).length;
      await fleet.kill(node);
      const { round, since } = deps;
      const at = Math.round(performance.now() - since);
      deps.onKill({ at, node, roles: fleet.rolesOf(node), downMs, round, inAuction, underWay });
      tell(
        `kill -9 ${node}, down for ${downMs} ms, ${inAuction} auctions and ${underWay} liquidations under way`,
      );
      const restart = pause(downMs)
        .then(() => fleet.restart(node))
        .finally(() => restarts.delete(restart));
      restarts.add(restart);
      restart.catch(() => undefined); // awaited below, where it is thrown
      failures.push(restart);
    }
  })();

  for (const fall of FALLS) {
    const homes: HomeName[] = ['alpha', 'beta'];
    await Promise.all(
      homes.map(async (home) => {
        for (const symbol of collateralsOf(home)) {
          await pause(random.int(0, 2_000));
          await stagehands.price(home, symbol, 100 - fall - random.int(0, 1));
        }
      }),
    );
    tell(`prices fall by ${fall} % or a little more`);
    await pause(random.int(8_000, 14_000));
    for (const home of homes) await stagehands.price(home, 'WETH', 100 - fall + 1);
    tell('ether recovers by 1 %');
  }
  isFalling = false;
  await killing;
  await Promise.all(failures);
  tell('no more kills in this round, waiting for quiet');
  await observer.until('every loan to be healthy again', PATIENCE_MS, () => allHealthy(network));
  await observer.until('every liquidation to be settled and released', PATIENCE_MS, () =>
    liquidationsOf(network, observer).every(isComplete),
  );
  await claimTreasuryShares(network, observer);
  const records = liquidationsOf(network, observer);
  const checks = await checkConservation(network, observer, records, before, await snapshot(network));
  ended.abort();
  return { records, observer, checks };
}

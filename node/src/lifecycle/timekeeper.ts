import { LEAST_PEERS } from '../clock/estimate.ts';
import type { Core } from '../core.ts';
import type { Gossip } from '../gossip/gossip.ts';
import { pause } from '../runtime/backoff.ts';

/** Milliseconds between two rounds of asking peers: while too few were heard, and then. */
const SEARCHING_MS = 1_000;
const ROUND_MS = 10_000;

/** Asks peers for the time, for as long as the node runs, and look at the clock at least once a second. */
export function keepTime({ scope, clock }: Core, gossip: Pick<Gossip, 'askClocks'>): void {
  scope.spawn('clock of peers', async (signal) => {
    do {
      for (const { peer, exchange } of await gossip.askClocks()) clock.heard(peer, exchange);
    } while (await pause(clock.reading().peers < LEAST_PEERS ? SEARCHING_MS : ROUND_MS, signal));
  });
  scope.spawn('clock', async (signal) => {
    while (await pause(SEARCHING_MS, signal)) clock.isOff();
  });
}

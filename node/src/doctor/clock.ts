import { describeClock } from '../clock/describe.ts';
import { agree, epochOfExchange, isBeyond, isWithin, LEAST_PEERS, offsetOf } from '../clock/estimate.ts';
import { maxOffsetOf } from '../config/clock.ts';
import type { Config } from '../config/schema.ts';
import { askFor } from '../gossip/clock-probe.ts';
import { examine, type Finding } from './finding.ts';

/**
 * Asks the bootstrap peers for the time, and compares this machine's clock. `now` is that clock, Unix
 * milliseconds; `steady` a clock that cannot be set, milliseconds.
 */
export async function examineClock(
  config: Pick<Config, 'network' | 'p2p' | 'auction' | 'clock'>,
  now: () => number,
  steady: () => number = () => performance.now(),
): Promise<Finding[]> {
  if (config.p2p.bootstrap.length === 0) return [];
  const next = 'The chains’ clocks above are all there is to compare with';
  const finding = await examine('network', 'clock', next, async () => {
    const answers = await askFor(config, { steady });
    const epochs = answers.flatMap(({ exchange }) => epochOfExchange(exchange) ?? []);
    const epoch = agree(epochs);
    if (epoch === undefined) return { status: 'warn', found: 'no bootstrap peer told its time', next };
    const offset = offsetOf(epoch, { wall: now(), steady: steady() });
    const uncertaintyMs = Math.ceil(Math.max(offset.most - offset.best, offset.best - offset.least));
    const found = describeClock({ offsetMs: offset.best, uncertaintyMs, peers: epochs.length });
    const most = maxOffsetOf(config);
    if (isWithin(offset, most)) return found;
    if (!isBeyond(offset, most)) {
      return {
        status: 'warn',
        found,
        next: `It may be off by more than ${most} ms: see that NTP runs, or ask nearer peers`,
      };
    }
    if (epochs.length < LEAST_PEERS) {
      return {
        status: 'warn',
        found,
        next: 'Either this clock is off or theirs: ask a third, or set it by NTP',
      };
    }
    return {
      status: 'fail',
      found,
      next: `Set this machine’s clock by NTP: beyond ${most} ms the node neither bids nor votes`,
    };
  });
  return [finding];
}

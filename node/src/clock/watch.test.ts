import { expect, test } from 'vitest';
import { createCounters } from '../observe/counters.ts';
import { recordingLogger } from '../observe/testing/recording-logger.ts';
import { createClockWatch } from './watch.ts';

const EPOCH = 1_800_000_000_000;
const OFF = 'clock is off: no quotes and no votes until it is right. Set it by NTP';

/** A watch over a clock that tests set, and the steady time that they let pass. */
function setUp(chains = 2) {
  const time = { steady: 1_000_000, shift: 0 };
  const { log, lines } = recordingLogger();
  const told: string[] = [];
  const metrics = createCounters();
  const watch = createClockWatch({
    wall: () => EPOCH + time.steady + time.shift,
    steady: () => time.steady,
    maxOffsetMs: 500,
    chains,
    telemetry: { log, metrics },
    tell: (msg) => told.push(msg),
  });
  const peer = (name: string, error = 0, delay = 2) => {
    const theirs = EPOCH + time.steady + error;
    watch.heard(name, {
      sent: time.steady - delay,
      theirReceived: theirs - delay / 2,
      theirSent: theirs - delay / 2,
      received: time.steady,
    });
  };
  const peers = () => {
    for (const name of ['a', 'b', 'c']) peer(name);
  };
  const head = (name: string, age: number) =>
    watch.sawHead(
      { name, config: { pollMs: 1_000, maxLagBlocks: 5 } },
      { timestamp: BigInt(Math.floor((EPOCH + time.steady - age) / 1_000)) },
    );
  return { watch, time, peer, peers, head, told, metrics, messages: () => lines.map(({ msg }) => msg) };
}

test.each([3_600_000, -3_600_000, 800, -800])(
  'a clock that jumps by %i ms while running is off at the very next question, and right when it is set right',
  (shift) => {
    const { watch, time, peers, told, messages, metrics } = setUp();
    peers();
    expect(watch.reading()).toMatchObject({ state: 'right', peers: 3, chains: 0 });
    const before = watch.now();
    time.shift = shift;
    expect(watch.isOff()).toBe(true);
    expect(watch.reading().offsetMs).toBeCloseTo(shift, -1);
    // All it still has to do goes on by the right time.
    expect(Math.abs(Number(watch.now() - before))).toBeLessThan(5);
    time.steady += 5_000;
    expect(Math.abs(Number(watch.now() - before) - 5_000)).toBeLessThan(5);
    time.shift = 0;
    expect(watch.isOff()).toBe(false);
    expect(messages()).toEqual([OFF, 'clock is right again']);
    expect(told).toEqual(['clock is off', 'clock is right again']);
    expect(metrics.snapshot().clock_off).toBe(1);
  },
);

test('a clock that may be beyond its bound is not right, nor off for sure', () => {
  const { watch, time, peer, messages } = setUp();
  for (const name of ['a', 'b', 'c']) peer(name, 0, 600);
  time.shift = 150;
  expect(watch.reading()).toMatchObject({ state: 'right', offsetMs: 149.5, uncertaintyMs: 301 });
  time.shift = 300;
  expect(watch.reading()).toMatchObject({ state: 'uncertain', offsetMs: 299.5, uncertaintyMs: 301 });
  expect(messages()).toEqual([]);
  time.shift = 789;
  expect(watch.reading()).toMatchObject({ state: 'uncertain', offsetMs: 788.5, uncertaintyMs: 301 });
  expect(watch.isOff()).toBe(false);
  expect(messages()).toEqual(['clock may be off: the measurement is not certain']);
  // The same clock, measured better.
  for (const name of ['a', 'b', 'c']) peer(name);
  expect(watch.reading()).toMatchObject({ state: 'off', uncertaintyMs: 2 });
  time.shift = 0;
  expect(watch.reading().state).toBe('right');
});

test('chains alone leave open whether a clock is right', () => {
  const { watch, head } = setUp(1);
  head('alpha', 300);
  expect(watch.reading()).toMatchObject({ state: 'uncertain', uncertaintyMs: undefined });
});

test('a clock that drifts is off once it is beyond its bound, and right again well within it', () => {
  const { watch, time, peers } = setUp();
  const at = (shift: number) => {
    time.shift = shift;
    time.steady += 10_000;
    peers();
    return watch.isOff();
  };
  expect([490, 510, 490, 400, 370, 490].map(at)).toEqual([false, true, true, true, false, false]);
});

test('evidence that is lost changes nothing: a right clock goes on, one that was off is held off by what was known', () => {
  const { watch, time, peers } = setUp();
  peers();
  time.steady += 3_600_000;
  expect(watch.isOff()).toBe(false);
  expect(watch.reading()).toMatchObject({ state: 'unknown', peers: 0 });
  peers();
  time.shift = 60_000;
  expect(watch.isOff()).toBe(true);
  time.steady += 3_600_000;
  expect(watch.reading()).toMatchObject({ state: 'off', peers: 0 });
  expect(Math.abs(Number(watch.now()) - (EPOCH + time.steady))).toBeLessThan(5);
});

test('two peers decide nothing, nor one liar among four', () => {
  const { watch, peer } = setUp();
  peer('a', 9_000);
  peer('b', 9_000);
  expect(watch.reading()).toMatchObject({ state: 'unknown', peers: 2 });
  for (const name of ['b', 'c', 'd']) peer(name);
  expect(watch.reading()).toMatchObject({ state: 'right', peers: 4 });
});

test('an answer that contradicts itself is no answer', () => {
  const { watch, metrics } = setUp();
  watch.heard('a', { sent: 5, theirReceived: 9, theirSent: 8, received: 6 });
  expect(watch.reading().peers).toBe(0);
  expect(metrics.snapshot().clock_answer_refused).toBe(1);
});

test('blocks from the future convict by most chains alone; one chain of two does not', () => {
  const { watch, time, head } = setUp();
  time.shift = -10_000;
  head('alpha', 300);
  // The other may say something else.
  expect(watch.reading()).toMatchObject({ state: 'unknown', chains: 0 });
  head('beta', 40_000);
  expect(watch.isOff()).toBe(false);
  head('beta', 300);
  expect(watch.isOff()).toBe(true);
  expect(watch.reading()).toMatchObject({ chains: 2, peers: 0 });
});

test('chains whose time was moved, against all peers, stop nobody', () => {
  const { watch, peers, head, messages } = setUp(1);
  peers();
  head('alpha', -604_800_000);
  expect(watch.isOff()).toBe(false);
  expect(watch.reading().state).toBe('unknown');
  head('alpha', -604_800_000);
  expect(messages()).toEqual(['chains and peers differ about the time']);
});

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createRandom, type Random } from '@gavel/solver-sdk/testing';
import type { Judgement } from '../src/gossip/admission.ts';
import { TOPIC_NAMES } from '../src/gossip/validation.ts';
import { MUTATIONS } from './mutate.ts';
import { createNode } from './node.ts';
import { createStage, type Shot, type Stage } from './stage.ts';
import { SCHEMAS } from './wire.ts';
import { createWorld, KINDS, SLOT_MS, START, windowOf } from './world.ts';

/** What a run came to; `broken` names each promise that was not kept, with the message's number. */
export type Outcome = {
  readonly messages: number;
  readonly seed: number;
  readonly seconds: number;
  /** The most CPU time that one message took, milliseconds. */
  readonly dearestMs: number;
  /** Judgements by outcome and code. */
  readonly codes: Readonly<Record<string, number>>;
  /** Accepted messages by what they say. */
  readonly accepted: Readonly<Record<string, number>>;
  /** Messages by what was done to them. */
  readonly deeds: Readonly<Record<string, number>>;
  /**
   * Heap after collection, megabytes: the mean of the run's middle third, and of its last. In long runs
   * alone.
   */
  readonly heap: { readonly middle: number; readonly last: number } | undefined;
  readonly broken: readonly string[];
};

/** Messages for each slot of two seconds. */
const PER_SLOT = 250;
/** The most that judging one message may cost, milliseconds of CPU, a collection of garbage included. */
const MOST_MS = 250;
const MOST_BROKEN = 20;
/** A run has to be this long before its heap says anything: what is bounded fills up first. */
const JUDGED_HEAP = 600_000;

/** Every code a judgement may have where no chain ever fails to answer. */
const CODES = new Set(
  `ACCEPTED KNOWN OVERSIZED TOO_MANY UNDECODABLE BAD_FIELD NOT_CANONICAL BAD_SIGNATURE MISMATCH DUPLICATE NOT_AUCTIONEER
  OUT_OF_ORDER NOT_THRESHOLD UNKNOWN_MARKET LATE EARLY BLOCK_UNKNOWN FORK NOT_DERIVABLE BENT UNKNOWN_INTENT TOO_MANY_QUOTES
  TOO_MANY_TALLIES TOO_MANY_VOTES UNKNOWN_SUBJECT OVER_ASKING OFF_TICK ROUTE_OFF NOT_A_KEY NOT_A_PAYOUT EPOCH_ENDED`.split(
    /\s+/,
  ),
);

type Counts = Record<'codes' | 'accepted' | 'deeds', Record<string, number>>;

/**
 * Sends a node's gossip door good messages among many more bent ones. The seed decides everything but the
 * time it takes.
 */
export async function fuzz(options: {
  readonly messages: number;
  readonly seed: number;
  /** Receives the number of messages sent so far. */
  readonly onSent?: (sent: number) => void;
}): Promise<Outcome> {
  const { messages, seed, onSent } = options;
  const random = createRandom(seed);
  const world = createWorld(random);
  const stage = createStage(world);
  const node = createNode(world.arena.market, BigInt(START));
  const heap = messages < JUDGED_HEAP ? undefined : createHeap(messages);
  const counts: Counts = { codes: {}, accepted: {}, deeds: {} };
  const broken: string[] = [];
  let dearestMs = 0;
  let sent = 0;
  const started = performance.now();

  while (sent < messages && broken.length < MOST_BROKEN) {
    onSent?.(sent);
    if (sent >= stage.opened() * PER_SLOT) await stage.open(node.printOf);
    const time = START + Math.floor((sent / PER_SLOT) * SLOT_MS);
    const shots = Array.from({ length: random.chance(0.04) ? random.int(2, 6) : 1 }, () => {
      const due = stage.due(time);
      return due === undefined ? aim(random, stage, world) : due;
    });
    node.setTime(BigInt(time + (random.chance(0.06) ? shiftToEdge(random, shots, time) : 0)));
    const before = node.state(stage.live());
    const cpu = process.cpuUsage();
    const judgements = await node.judge(shots, random);
    const { user, system } = process.cpuUsage(cpu);
    dearestMs = Math.max(dearestMs, (user + system) / 1_000 / shots.length);

    for (const [index, shot] of shots.entries()) {
      const faults = judgeShot(shot, judgements[index], stage, node.time(), counts);
      const hex = Buffer.from(shot.bytes).toString('hex').slice(0, 400);
      for (const fault of faults)
        broken.push(`message ${sent + index} (${shot.deed}, ${shot.topic}): ${fault}; ${hex}`);
    }
    const isRefused = judgements.every((judgement) => judgement?.code !== 'ACCEPTED');
    const after = node.state(stage.live());
    if (isRefused && after !== before)
      broken.push(
        `message ${sent} (${shots.map(({ deed }) => deed)}): refused, and ${before} became ${after}`,
      );
    await node.runScheduled();
    sent += shots.length;
    heap?.sample(sent);
  }
  broken.push(
    ...stage.changedAfterEnd(node.printOf).map((digest) => `the auction ${digest} changed after its end`),
  );
  if (dearestMs > MOST_MS) broken.push(`one message took ${Math.round(dearestMs)} ms of CPU`);
  const thirds = heap?.thirds();
  if (thirds !== undefined && thirds.last > thirds.middle * 1.1)
    broken.push(`the heap grew from ${thirds.middle} to ${thirds.last} MB`);
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  const dearest = Math.round(dearestMs * 10) / 10;
  return {
    messages: sent,
    seed,
    seconds,
    dearestMs: dearest,
    ...sortAll(counts),
    heap: thirds,
    broken,
  };
}

/** Counts what became of a message; returns every promise it broke. */
function judgeShot(
  shot: Shot,
  judgement: Judgement | undefined,
  stage: Stage,
  now: bigint,
  counts: Counts,
): string[] {
  tick(counts.deeds, shot.deed);
  if (judgement === undefined) return ['no answer'];
  tick(counts.codes, `${judgement.outcome} ${judgement.code}`);
  if (!CODES.has(judgement.code)) return [`answered ${judgement.code}`];
  if (judgement.code !== 'ACCEPTED') return [];
  const good = stage.good(shot);
  if (good === undefined) return ['accepted, and nobody who may said it'];
  tick(counts.accepted, good.kind);
  const { from, to } = windowOf(good.kind, good.of.intent);
  return now < from || now > to ? [`accepted at ${now}, not within ${from} to ${to}`] : [];
}

/** Chooses what to send among everything that is not a good message at its time. */
function aim(random: Random, stage: Stage, world: ReturnType<typeof createWorld>): Shot {
  const live = stage.live();
  const newest = live.slice(-4);
  const of = random.pick([newest[0] ?? live[0], ...newest]);
  const kind = random.pick(KINDS);
  const ofKind = of.samples.filter((sample) => sample.kind === kind);
  const { topic, bytes } = random.pick([ofKind[0] ?? of.samples[0], ...ofKind]);
  const from = { kind, of };
  const choice = random.int(0, 99);
  if (choice < 4) {
    const drawn = Buffer.from(random.bytes(random.int(0, 600)).slice(2), 'hex');
    return { deed: 'random bytes', topic, bytes: drawn };
  }
  if (choice < 9) {
    const old = random.pick(live);
    const again = random.pick(old.samples);
    return { deed: 'sent again', topic: again.topic, bytes: again.bytes, kind: again.kind, of: old };
  }
  if (choice < 14) {
    const others = TOPIC_NAMES.filter((name) => name !== topic);
    return { deed: 'sent on another topic', topic: others[random.int(0, 1)] ?? topic, bytes, ...from };
  }
  if (choice < 22) {
    const said = world.insider(of, live);
    if (said.isGood) stage.takeForGood(said, said.of);
    return {
      deed: 'signed by an insider',
      topic: said.topic,
      bytes: said.bytes,
      kind: said.kind,
      of: said.of,
    };
  }
  const others = live.flatMap(({ samples }) => samples.filter((other) => other.topic === topic));
  let bent = bytes;
  let deed = 'bent more than once';
  const bends = random.chance(0.8) ? 1 : random.int(2, 3);
  for (let bend = 0; bend < bends; bend++) {
    const { name, apply } = random.pick(MUTATIONS);
    if (bends === 1) deed = name;
    const other = others[random.int(0, others.length - 1)]?.bytes ?? bytes;
    bent = applyTo(bent, () => apply(bent, SCHEMAS[topic], other, random));
  }
  return { deed, topic, bytes: bent, ...from };
}

/** Bend once more; what has been bent beyond reading stays as it is. */
function applyTo(bytes: Uint8Array, bend: () => Uint8Array): Uint8Array {
  try {
    return bend();
  } catch (error) {
    if (error instanceof RangeError) return bytes;
    throw error;
  }
}

/** Returns how far the clock has to be moved to be at the very edge of when the first message is good. */
function shiftToEdge(random: Random, [shot]: readonly Shot[], time: number): number {
  if (shot?.kind === undefined || shot.of === undefined) return 0;
  const { from, to } = windowOf(shot.kind, shot.of.intent);
  const edges = [to, from === 0n ? to : from, shot.of.intent.quoteBy] as const;
  return Number(random.pick(edges)) - time + random.int(-1, 1);
}

function tick(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}

function sortAll<T extends Record<string, Record<string, number>>>(tally: T): T {
  const sorted = Object.entries(tally).map(([name, counts]) => [
    name,
    Object.fromEntries(Object.entries(counts).sort(([, a], [, b]) => b - a)),
  ]);
  return Object.fromEntries(sorted);
}

/** Measures the heap after collection, a few times in each third of a run. */
function createHeap(messages: number) {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const samples: { readonly at: number; readonly megabytes: number }[] = [];
  let next = 0;
  return {
    sample(sent: number) {
      if (sent < next) return;
      next += messages / 30;
      collect();
      samples.push({ at: sent / messages, megabytes: process.memoryUsage().heapUsed / 2 ** 20 });
    },
    thirds() {
      const mean = (from: number, to: number) => {
        const those = samples.filter(({ at }) => at > from && at <= to).map(({ megabytes }) => megabytes);
        return Math.round((those.reduce((sum, one) => sum + one, 0) / Math.max(1, those.length)) * 10) / 10;
      };
      return { middle: mean(1 / 3, 2 / 3), last: mean(2 / 3, 2) };
    },
  };
}

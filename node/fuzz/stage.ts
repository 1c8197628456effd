import type { TopicName } from '../src/gossip/validation.ts';
import type { createWorld, Kind, Sample, Staged } from './world.ts';

/** A message about to be sent. `kind` and `of` are those of the good message it was made from. */
export type Shot = {
  readonly deed: string;
  readonly topic: TopicName;
  readonly bytes: Uint8Array;
  readonly kind?: Kind;
  readonly of?: Staged;
};

/**
 * Auctions whose messages are still sent, whole or bent, and those after their end that are still looked at.
 */
const LIVE = 8;
const RETIRED = 400;

/** Keeps the auctions of a run, and everything that a node may accept: all else has to be refused. */
export type Stage = {
  opened(): number;
  /** Opens the next auction. `printOf` says what a node holds of one that retires. */
  open(printOf: (digest: `0x${string}`) => string): Promise<void>;
  /** Returns auctions whose messages are still sent, the oldest first. */
  live(): readonly [Staged, ...Staged[]];
  /** Takes the next good message whose time has come. */
  due(time: number): Shot | undefined;
  /** Returns what bytes on a topic say, if they are exactly what an entitled signer has said. */
  good(message: {
    readonly topic: TopicName;
    readonly bytes: Uint8Array;
  }): { readonly kind: Kind; readonly of: Staged } | undefined;
  takeForGood(sample: Sample, of: Staged): void;
  /** Returns the retired auctions that are not any more what they were at their end. */
  changedAfterEnd(printOf: (digest: `0x${string}`) => string): string[];
};

/** Creates an empty stage. */
export function createStage(world: ReturnType<typeof createWorld>): Stage {
  const live: Staged[] = [];
  const retired = new Map<`0x${string}`, string>();
  const good = new Map<string, { readonly kind: Kind; readonly of: Staged }>();
  const agenda: { readonly sample: Sample; readonly of: Staged }[] = [];
  const nameOf = ({ topic, bytes }: Parameters<Stage['good']>[0]) =>
    `${topic} ${Buffer.from(bytes).toString('latin1')}`;
  let opened = 0;

  const retire = (oldest: Staged, print: string) => {
    for (const [name, { of }] of good) if (of === oldest) good.delete(name);
    retired.set(oldest.digest, print);
    const [first] = retired.keys();
    if (retired.size > RETIRED && first !== undefined) retired.delete(first);
  };
  return {
    opened: () => opened,
    async open(printOf) {
      const of = await world.stage();
      opened += 1;
      live.push(of);
      for (const sample of of.samples) {
        good.set(nameOf(sample), { kind: sample.kind, of });
        agenda.push({ sample, of });
      }
      agenda.sort((a, b) => a.sample.due - b.sample.due);
      const [oldest] = live.length > LIVE ? live.splice(0, 1) : [];
      if (oldest !== undefined) retire(oldest, printOf(oldest.digest));
    },
    live() {
      const [first, ...others] = live;
      if (first === undefined) throw new RangeError('no auction has been opened');
      return [first, ...others];
    },
    due(time) {
      const [first] = agenda;
      if (first === undefined || first.sample.due > time) return undefined;
      agenda.shift();
      const { kind, topic, bytes } = first.sample;
      return { deed: 'good', topic, bytes, kind, of: first.of };
    },
    good: (message) => good.get(nameOf(message)),
    takeForGood: (sample, of) => void good.set(nameOf(sample), { kind: sample.kind, of }),
    changedAfterEnd: (printOf) =>
      [...retired].filter(([digest, print]) => printOf(digest) !== print).map(([digest]) => digest),
  };
}

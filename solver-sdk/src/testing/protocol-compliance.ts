import { isDeepStrictEqual } from 'node:util';
import { MAX_POSITION_BYTES } from '@gavel/protocol';
import { type Abi, type Address, type Hex, isHex, maxUint256, size, stringify } from 'viem';
import { SdkError } from '../errors.ts';
import type { EventLog, LendingChain, Protocol, ProtocolFactory, Read } from '../protocol.ts';
import { randomAbiValue, randomArguments } from './abi-values.ts';
import { createRandom, type Random } from './random.ts';
import { withinTime, withoutOutsideWorld } from './sandbox.ts';

/** One rule to hold a protocol to. */
export type ProtocolCase = {
  readonly name: string;
  /** Runs the rule. Rejects with SdkError NOT_COMPLIANT, with the evidence in `meta`. */
  run(): Promise<void>;
};

/** What a protocol is tried on. */
export type ProtocolSettings = {
  /** Raw options for the factory. */
  readonly options?: unknown;
  /** Logs in chain order, each a log of one of the protocol's events, as a node decodes them. */
  readonly logs: readonly EventLog[];
  /** Every position that these logs make known, at least one. */
  readonly positions: readonly Hex[];
  /** Seed of what is random; a failure names it. Default 1. */
  readonly seed?: number;
  /** How many random logs and chains each rule is tried on. Default 200. */
  readonly runs?: number;
  /** The longest one log may take, in milliseconds of processor time. Default 250. */
  readonly timeLimitMs?: number;
};

/**
 * Lists the rules that every protocol must keep, as named cases for any test framework:
 *
 * ```ts
 * for (const { name, run } of protocolCompliance(factory, { logs, positions })) test(name, run);
 * ```
 *
 * The chain answers at random, by the ABI of each read, and the same to the same question. That the protocol
 * prices as its contracts do is for a test on those contracts. Node only.
 */
export function protocolCompliance(factory: ProtocolFactory, settings: ProtocolSettings): ProtocolCase[] {
  const { seed = 1, runs = 200, timeLimitMs = 250 } = settings;
  const subject: Subject = {
    ...settings,
    ...{ seed, runs, timeLimitMs },
    protocol: () => factory(settings.options),
  };
  const rules: readonly (readonly [string, (subject: Subject) => void | Promise<void>])[] = [
    ['finds the positions of its example', findsExample],
    ['finds the same in any order of logs, and with copies', isBlindToOrder],
    ['finds nothing that another finder has seen', sharesNothing],
    ['takes any log of its events', takesAnyLog],
    ['uses no clock, chance, timer or network to find', isClosed],
    ['names the same owner of a position each time', namesOwners],
    ['values collateral at a whole amount from zero, or rejects', valuesSoundly],
    ['values more collateral no lower, and none at nothing', valuesInProportion],
    ['rejects when a read fails', passesFailuresOn],
    ['proposes one of the positions, or none', proposesSoundly],
  ];
  return rules.map(([name, rule]) => ({ name, run: async () => rule(subject) }));
}

type Subject = Required<Omit<ProtocolSettings, 'options'>> & { protocol(): Protocol };

/** Any contract; the chain that answers at random has them all. */
const SOURCE: Address = '0x5eed00000000000000000000000000000000c0de';

function findsExample(subject: Subject): void {
  const found = foundIn(subject, subject.logs);
  const wanted = new Set(subject.positions.map((position) => position.toLowerCase()));
  if (wanted.size === 0) fail(subject, 'has an example without a position');
  if (!isDeepStrictEqual(found, wanted)) fail(subject, 'found other positions', { found, wanted });
}

function isBlindToOrder(subject: Subject): void {
  const wanted = foundIn(subject, subject.logs);
  const random = createRandom(subject.seed);
  for (let run = 0; run < subject.runs; run++) {
    const order = [...subject.logs, ...subject.logs]
      .map((log) => ({ log, place: random.below(1n << 64n) }))
      .toSorted((a, b) => (a.place < b.place ? -1 : 1))
      .map(({ log }) => log);
    const found = foundIn(subject, order);
    if (!isDeepStrictEqual(sorted(found), sorted(wanted)))
      fail(subject, 'found other positions in another order', { order, found, wanted });
  }
}

function sharesNothing(subject: Subject): void {
  const protocol = subject.protocol();
  const seen = foundBy(subject, protocol.positions(), subject.logs);
  for (const log of randomLogs(subject, protocol)) {
    const found = foundBy(subject, protocol.positions(), [log]);
    if ([...found].some((position) => seen.has(position)))
      fail(subject, 'found what another finder has seen', { log, found });
  }
}

function takesAnyLog(subject: Subject): void {
  const protocol = subject.protocol();
  foundBy(subject, protocol.positions(), randomLogs(subject, protocol));
}

function isClosed(subject: Subject): void {
  const protocol = subject.protocol();
  const logs = [...subject.logs, ...randomLogs(subject, protocol)];
  const used = withoutOutsideWorld(() => {
    for (const position of foundBy(subject, protocol.positions(), logs)) protocol.ownerOf(position);
  });
  if (used.length > 0) fail(subject, 'reached outside its logs', { used });
}

function namesOwners(subject: Subject): void {
  const [once, again] = [subject.protocol(), subject.protocol()];
  for (const position of foundIn(subject, [...subject.logs, ...randomLogs(subject, once)])) {
    const owners = [once.ownerOf(position), again.ownerOf(position), once.ownerOf(position)];
    if (owners.some((owner) => typeof owner !== 'string' || owner !== owners[0]))
      fail(subject, 'named no owner, or several', { position, owners });
  }
}

async function valuesSoundly(subject: Subject): Promise<void> {
  await eachChain(subject, async (protocol, position, chain, random) => {
    const amount = random.pick([0n, 1n, maxUint256, random.logUniform(maxUint256)]);
    const value = await outcomeOf(() => protocol.valueInDebt(position, amount, chain));
    if ('rejected' in value || isAmount(value.resolved)) return;
    fail(subject, 'valued collateral at what is no amount', { position, amount, value: value.resolved });
  });
}

async function valuesInProportion(subject: Subject): Promise<void> {
  await eachChain(subject, async (protocol, position, chain, random) => {
    const amount = random.logUniform(1n << 96n);
    const values: unknown[] = [];
    for (const part of [0n, amount, 2n * amount]) {
      const value = await outcomeOf(() => protocol.valueInDebt(position, part, chain));
      if ('rejected' in value) return;
      values.push(value.resolved);
    }
    const [none, one, two] = values as bigint[];
    if (none === undefined || one === undefined || two === undefined) return;
    if (none !== 0n || two < one) fail(subject, 'valued more collateral lower', { position, amount, values });
  });
}

async function passesFailuresOn(subject: Subject): Promise<void> {
  const { positions } = subject;
  for (const position of positions) {
    for (const ask of [
      (protocol: Protocol, chain: LendingChain) => protocol.valueInDebt(position, 10n ** 18n, chain),
      (protocol: Protocol, chain: LendingChain) => protocol.propose(positions, chain),
    ]) {
      for (let failing = 0; ; failing++) {
        const random = createRandom(subject.seed);
        let reads = 0;
        const outage = new Error('the chain cannot be asked');
        const answers = randomChain(random);
        const read = ((call: Call) =>
          reads++ === failing ? Promise.reject(outage) : answers.read(call as never)) as Read;
        const outcome = await outcomeOf<unknown>(() =>
          ask(subject.protocol(), { ...answers, read, readFixed: read }),
        );
        if (reads <= failing) break;
        if ('resolved' in outcome)
          fail(subject, 'answered although a read failed', { position, read: failing });
      }
    }
  }
}

async function proposesSoundly(subject: Subject): Promise<void> {
  const { positions } = subject;
  await eachChain(subject, async (protocol, _, chain) => {
    const proposed = await outcomeOf(() => protocol.propose(positions, chain));
    if ('rejected' in proposed || proposed.resolved === undefined) return;
    if (!positions.some((position) => position === proposed.resolved))
      fail(subject, 'proposed what is none of the positions', { proposed: proposed.resolved });
  });
}

async function eachChain(
  subject: Subject,
  visit: (protocol: Protocol, position: Hex, chain: LendingChain, random: Random) => Promise<void>,
): Promise<void> {
  for (let run = 0; run < subject.runs; run++) {
    const random = createRandom(subject.seed + run);
    const [first, ...others] = subject.positions;
    if (first === undefined) return;
    await visit(subject.protocol(), random.pick([first, ...others]), randomChain(random), random);
  }
}

type Call = {
  readonly address: Address;
  readonly abi: Abi;
  readonly functionName: string;
  readonly args?: unknown;
};

/** A chain on which every contract exists, and answers at random but always the same. */
function randomChain(random: Random): LendingChain {
  const answers = new Map<string, unknown>();
  const read = (async (call: Call) => {
    const { address, abi, functionName, args } = call;
    const key = stringify([address.toLowerCase(), functionName, args]);
    const item = abi.find((entry) => entry.type === 'function' && entry.name === functionName);
    if (item?.type !== 'function') throw new TypeError(`the ABI of the read has no ${functionName}`);
    if (!answers.has(key)) {
      const [only, ...more] = item.outputs;
      const values = item.outputs.map((output) => randomAbiValue(output, random));
      answers.set(key, only !== undefined && more.length === 0 ? values[0] : values);
    }
    return answers.get(key);
  }) as Read;
  return { source: SOURCE, read, readFixed: read };
}

function randomLogs({ seed, runs }: Subject, { events }: Protocol): EventLog[] {
  const random = createRandom(seed);
  return Array.from({ length: runs }).flatMap(() =>
    events.map(({ name, inputs }) => ({ eventName: name, args: randomArguments(inputs, random) })),
  ) as unknown[] as EventLog[];
}

function foundIn(subject: Subject, logs: readonly EventLog[]): Set<Hex> {
  return foundBy(subject, subject.protocol().positions(), logs);
}

/** The positions a finder finds in logs, in lowercase; fails on what is no position. */
function foundBy(
  subject: Subject,
  find: ReturnType<Protocol['positions']>,
  logs: readonly EventLog[],
): Set<Hex> {
  const found = new Set<Hex>();
  for (const log of logs) {
    let positions: readonly unknown[];
    try {
      positions = withinTime(subject.timeLimitMs, () => [...find(log)]);
    } catch (cause) {
      fail(subject, 'failed on a log', { log, failure: String(cause) }, cause);
    }
    for (const position of positions) {
      if (isPosition(position)) found.add(position.toLowerCase() as Hex);
      else fail(subject, 'found what is no position', { log, position });
    }
  }
  return found;
}

function isPosition(value: unknown): value is Hex {
  return isHex(value) && value.length % 2 === 0 && value.length > 2 && size(value) <= MAX_POSITION_BYTES;
}

function isAmount(value: unknown): value is bigint {
  return typeof value === 'bigint' && value >= 0n;
}

async function outcomeOf<T>(ask: () => Promise<T>): Promise<{ resolved: T } | { rejected: unknown }> {
  try {
    return { resolved: await ask() };
  } catch (rejected) {
    return { rejected };
  }
}

function sorted(positions: ReadonlySet<Hex>): Hex[] {
  return [...positions].toSorted();
}

function fail(
  { seed }: Subject,
  what: string,
  more: Readonly<Record<string, unknown>> = {},
  cause?: unknown,
): never {
  const shown = Object.entries(more).map(([key, value]) => [
    key,
    stringify(value instanceof Set ? [...value] : value)?.slice(0, 4_000),
  ]);
  throw new SdkError('NOT_COMPLIANT', `The protocol ${what}`, {
    meta: { seed, ...Object.fromEntries(shown) },
    cause,
  });
}

import { createContext, Script } from 'node:vm';

/**
 * How many times its limit of processor time an act may take by the clock before it is interrupted: other
 * processes take their part of that time.
 */
const INTERRUPT_AFTER = 20;

/**
 * How often an act is tried. The first call compiles and fills caches, threads of the process that collect
 * garbage count before Node 23.9, and a machine that was suspended shows an interruption that is none.
 */
const TRIES = 3;

/**
 * Runs `act`, which may take `limitMs` milliseconds of processor time in the best of three tries. That is the
 * same on a busy machine as on an idle one. A try that does not return is interrupted after 20 times as long
 * by the clock, even inside an endless loop.
 *
 * @throws what `act` throws, a RangeError if it took longer than its limit, or Node's
 * ERR_SCRIPT_EXECUTION_TIMEOUT.
 */
export function withinTime<T>(limitMs: number, act: () => T): T {
  for (let left = TRIES - 1; ; left -= 1) {
    const { result, tookMs } = runOnce(limitMs, act);
    const isOver = tookMs > limitMs;
    if ('value' in result && !isOver) return result.value;
    if ('thrown' in result && (!isInterruption(result.thrown) || isOver || left === 0)) throw result.thrown;
    if (left === 0) throw new RangeError(`took ${Math.ceil(tookMs)} ms of processor time, over ${limitMs}`);
  }
}

type Result<T> = { readonly value: T } | { readonly thrown: unknown };

function runOnce<T>(limitMs: number, act: () => T): { readonly result: Result<T>; readonly tookMs: number } {
  const values: T[] = [];
  room.act = () => void values.push(act());
  const began = processorMs();
  try {
    // The watchdog of a script interrupts all that the script calls, code from outside its context included.
    call.runInContext(context, { timeout: limitMs * INTERRUPT_AFTER });
    // The script has returned without throwing, so `act` has run to its end and left its value.
    return { result: { value: values[0] as T }, tookMs: processorMs() - began };
  } catch (thrown) {
    return { result: { thrown }, tookMs: processorMs() - began };
  }
}

function isInterruption(thrown: unknown): boolean {
  // An error of the script's own context, and so no instance of this context's Error.
  return (thrown as { code?: unknown } | null | undefined)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}

/** Returns the processor time of this thread in milliseconds; before Node 23.9, that of its process. */
function processorMs(): number {
  const { user, system } = (process.threadCpuUsage ?? process.cpuUsage)();
  return (user + system) / 1_000;
}

const room: { act: () => void } = { act: () => undefined };
const context = createContext(room);
const call = new Script('act()');

/**
 * Runs `act` with the clock, chance, timers and network of this process replaced by ones that throw, and
 * lists by name those it reached for, whether or not it caught the throw. Anything that `act` throws after
 * reaching for one is taken as its consequence.
 */
export function withoutOutsideWorld(act: () => void): string[] {
  const used = new Set<string>();
  const restore = OUTSIDE.map(({ name, holder, key, stand }) => {
    const original = Object.getOwnPropertyDescriptor(holder, key);
    const forbid = (): never => {
      used.add(name);
      throw new TypeError(`${name} is not there for a strategy`);
    };
    Object.defineProperty(holder, key, { configurable: true, writable: true, value: stand(forbid) });
    return () => {
      if (original === undefined) Reflect.deleteProperty(holder, key);
      else Object.defineProperty(holder, key, original);
    };
  });
  try {
    act();
  } catch (error) {
    if (used.size === 0) throw error;
  } finally {
    for (const undo of restore) undo();
  }
  return [...used];
}

type Forbidden = {
  readonly name: string;
  readonly holder: object;
  readonly key: string;
  /** Makes what stands in for the original. */
  stand(forbid: () => never): unknown;
};

const OUTSIDE: readonly Forbidden[] = [
  { name: 'Date', holder: globalThis, key: 'Date', stand: dateWithoutNow },
  ...(['fetch', 'WebSocket', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'] as const).map(
    (key) => ({
      name: key,
      holder: globalThis,
      key,
      stand: (forbid: () => never) => forbid,
    }),
  ),
  { name: 'Math.random', holder: Math, key: 'random', stand: (forbid) => forbid },
  { name: 'performance.now', holder: performance, key: 'now', stand: (forbid) => forbid },
  {
    name: 'process.hrtime',
    holder: process,
    key: 'hrtime',
    stand: (forbid) => Object.assign(() => forbid(), { bigint: forbid }),
  },
  { name: 'process.uptime', holder: process, key: 'uptime', stand: (forbid) => forbid },
  { name: 'crypto.getRandomValues', holder: crypto, key: 'getRandomValues', stand: (forbid) => forbid },
  { name: 'crypto.randomUUID', holder: crypto, key: 'randomUUID', stand: (forbid) => forbid },
];

/** A Date that still converts a given time, and refuses to tell the present one. */
function dateWithoutNow(forbid: () => never): unknown {
  return new Proxy(Date, {
    apply: forbid,
    construct: (target, given) => (given.length === 0 ? forbid() : Reflect.construct(target, given)),
    get: (target, key) => (key === 'now' ? forbid : Reflect.get(target, key)),
  });
}

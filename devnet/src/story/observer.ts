import { collateralEscrowAbi, repaymentEscrowAbi } from '@gavel/abi';
import { GavelError } from '@gavel/protocol';
import { type ContractEventName, type Hex, type ParseEventLogsReturnType, parseEventLogs } from 'viem';
import type { Chain } from '../chain.ts';
import type { Network } from '../network.ts';
import type { Site } from '../site.ts';

const escrowAbi = [...collateralEscrowAbi, ...repaymentEscrowAbi] as const;

type EscrowEventName = ContractEventName<typeof escrowAbi>;
type EscrowLog = ParseEventLogsReturnType<typeof escrowAbi, EscrowEventName[], true>[number];

/** An event of an escrow, with where and when it was seen. */
export type Happening = EscrowLog extends infer Log
  ? Log extends { eventName: string; args: unknown }
    ? {
        readonly chain: string;
        readonly event: Log['eventName'];
        readonly args: Log['args'];
        readonly block: bigint;
        /** The block's time, Unix seconds. */
        readonly time: bigint;
        readonly tx: Hex;
        /** Unix milliseconds by this machine's clock. */
        readonly at: number;
      }
    : never
  : never;

/** Happenings of one event. */
export type HappeningOf<Name extends Happening['event']> = Extract<Happening, { event: Name }>;

/** What an observer has seen so far, and a way to wait for more. */
export interface Observer {
  readonly happenings: readonly Happening[];
  /** Happenings of one event, in the order they were seen. */
  of<Name extends Happening['event']>(name: Name): HappeningOf<Name>[];
  /**
   * Resolves once `done` holds; asked again after everything seen. Throws DEVNET_TIMED_OUT, saying what was
   * awaited.
   */
  until(what: string, withinMs: number, done: () => boolean | Promise<boolean>): Promise<void>;
}

/**
 * Milliseconds that anything awaited of a network may take: many times what it takes on a busy machine, so
 * that only a network that is stuck is given up.
 */
export const PATIENCE_MS = 1_800_000;

/** Milliseconds between looks at a chain. */
const POLL_MS = 150;

/**
 * Watches the escrows of every chain from their current heads on, until the signal aborts. A failed look is
 * repeated; it misses nothing, because each continues where the last succeeded.
 */
export async function observe(options: {
  readonly network: Network;
  readonly signal: AbortSignal;
  readonly onHappening: (happening: Happening) => void;
  readonly onTrouble: (chain: string, cause: unknown) => void;
}): Promise<Observer> {
  const { network, signal, onHappening, onTrouble } = options;
  const happenings: Happening[] = [];
  const changes = new EventTarget();
  for (const site of network.sites.values()) {
    const from = (await site.chain.publicClient.getBlockNumber()) + 1n;
    follow(site, from, signal, onTrouble, (seen) => {
      for (const happening of seen) {
        happenings.push(happening);
        onHappening(happening);
      }
      changes.dispatchEvent(new Event('look'));
    });
  }
  return {
    happenings,
    of: <Name extends Happening['event']>(name: Name) =>
      happenings.filter((happening): happening is HappeningOf<Name> => happening.event === name),
    until: (what, withinMs, done) => waitFor(changes, signal, what, withinMs, done),
  };
}

function follow(
  { chain, gavel }: Site,
  from: bigint,
  signal: AbortSignal,
  onTrouble: (chain: string, cause: unknown) => void,
  onLook: (seen: Happening[]) => void,
): void {
  let next = from;
  const look = async () => {
    if (signal.aborted) return;
    try {
      const head = await chain.publicClient.getBlockNumber();
      if (head >= next) {
        const logs = await chain.publicClient.getLogs({
          address: [gavel.collateralEscrow, gavel.repaymentEscrow],
          fromBlock: next,
          toBlock: head,
        });
        const at = Date.now();
        const parsed = parseEventLogs({ abi: escrowAbi, logs, strict: true });
        const times = await timesOf(chain, new Set(parsed.map(({ blockNumber }) => blockNumber)));
        next = head + 1n;
        onLook(
          parsed.map(
            (log) =>
              ({
                chain: chain.name,
                event: log.eventName,
                args: log.args,
                block: log.blockNumber,
                time: times.get(log.blockNumber) ?? 0n,
                tx: log.transactionHash,
                at,
              }) as Happening,
          ),
        );
      }
    } catch (cause) {
      if (!signal.aborted) onTrouble(chain.name, cause);
    }
    if (!signal.aborted) setTimeout(look, POLL_MS);
  };
  void look();
}

async function timesOf({ publicClient }: Chain, blocks: ReadonlySet<bigint>): Promise<Map<bigint, bigint>> {
  const entries = [...blocks].map(async (blockNumber) => {
    const { timestamp } = await publicClient.getBlock({ blockNumber });
    return [blockNumber, timestamp] as const;
  });
  return new Map(await Promise.all(entries));
}

async function waitFor(
  changes: EventTarget,
  signal: AbortSignal,
  what: string,
  withinMs: number,
  done: () => boolean | Promise<boolean>,
): Promise<void> {
  const ended = AbortSignal.any([signal, AbortSignal.timeout(withinMs)]);
  while (!(await done())) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const settle = () => resolve();
    changes.addEventListener('look', settle, { once: true });
    ended.addEventListener('abort', settle, { once: true });
    await promise;
    changes.removeEventListener('look', settle);
    ended.removeEventListener('abort', settle);
    if (ended.aborted && !(await done())) {
      throw new GavelError(
        'DEVNET_TIMED_OUT',
        'the network did not get there in time; read the nodes’ logs',
        {
          meta: { awaited: what, withinMs },
        },
      );
    }
  }
}

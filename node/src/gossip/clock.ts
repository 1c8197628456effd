import type { Connection, Libp2p, Stream } from '@libp2p/interface';
import { type Exchange, LEAST_PEERS } from '../clock/estimate.ts';
import type { Counters } from '../observe/counters.ts';
import { createRateLimit } from './rate-limit.ts';

/*
 * Ask peers for the time: one byte goes, sixteen come back, when the question came and when the answer left,
 * as unsigned 64-bit Unix milliseconds. What a message of the gossip says of time is its author's word about
 * deadlines, and is relayed at leisure; this is asked of neighbours, and its delay is measured.
 */

const QUESTION = Uint8Array.of(1);
const ANSWER_BYTES = 16;

/** Milliseconds for one exchange, and peers asked in one round. */
const PATIENCE_MS = 2_000;
const MOST_ASKED = 8;

/** Questions answered to one peer: more than an honest one has, who asks once a second at most. */
const RATE = { burst: 5, perSecond: 1 };

/** One peer's answer. */
export type ClockAnswer = { readonly peer: string; readonly exchange: Exchange };

/** Names the protocol of a network. */
export function clockProtocol(network: string): string {
  return `/gavel/1/${network}/clock`;
}

/**
 * Answers peers who ask for the time, by the wall clock as it is; a peer that asks too often, or says
 * anything but the question, is cut off. No peer is told a time that `isOff`.
 */
export async function serveClock(options: {
  readonly libp2p: Libp2p;
  readonly network: string;
  /** Unix milliseconds. */
  readonly wall: () => number;
  /** Milliseconds of a clock that cannot be set. */
  readonly steady: () => number;
  readonly isOff: () => boolean;
  readonly metrics: Counters;
}): Promise<void> {
  const { libp2p, network, wall, steady, isOff, metrics } = options;
  const rate = createRateLimit({ ...RATE, now: steady });
  const onStream = async (stream: Stream, { remotePeer }: Connection): Promise<void> => {
    const question = await read(stream, QUESTION.length, AbortSignal.timeout(PATIENCE_MS));
    const received = wall();
    const refusal = !rate.take(remotePeer.toString())
      ? 'RATE_LIMITED'
      : question?.[0] !== QUESTION[0]
        ? 'BAD_QUESTION'
        : isOff()
          ? 'CLOCK_OFF'
          : undefined;
    metrics.count('clock_asked', { code: refusal ?? 'ANSWERED' });
    if (refusal !== undefined) {
      stream.abort(new TypeError(refusal));
      return;
    }
    const answer = new DataView(new ArrayBuffer(ANSWER_BYTES));
    answer.setBigUint64(0, BigInt(Math.floor(received)));
    answer.setBigUint64(8, BigInt(Math.floor(wall())));
    stream.send(new Uint8Array(answer.buffer));
    await stream.close({ signal: AbortSignal.timeout(PATIENCE_MS) });
  };
  await libp2p.handle(
    clockProtocol(network),
    // A peer that hangs up in the middle is no news.
    (stream, connection) => onStream(stream, connection).catch((cause: Error) => stream.abort(cause)),
    { maxInboundStreams: 2 },
  );
}

/**
 * Asks connected peers for the time, all at once; those that do not answer are left out. We ask whom we chose
 * ourselves: strangers who dialled in, and of whom an attacker can send many, only while there are too few
 * others.
 */
export async function askClocks(options: {
  readonly libp2p: Libp2p;
  readonly network: string;
  /** Milliseconds of a clock that cannot be set. */
  readonly steady: () => number;
  readonly signal: AbortSignal;
}): Promise<ClockAnswer[]> {
  const { libp2p, network, steady, signal } = options;
  const one = new Map<string, Connection>();
  for (const connection of libp2p.getConnections()) {
    const peer = connection.remotePeer.toString();
    if (connection.status === 'open' && one.get(peer)?.direction !== 'outbound') one.set(peer, connection);
  }
  const chosen = [...one.values()].filter(({ direction }) => direction === 'outbound');
  const strangers = [...one.values()].filter(({ direction }) => direction === 'inbound');
  const asked = chosen.length >= LEAST_PEERS ? chosen : [...chosen, ...strangers];
  const answers = await Promise.all(
    asked.slice(0, MOST_ASKED).map(async (connection): Promise<ClockAnswer[]> => {
      const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
      const exchange = await ask(connection, { protocol: clockProtocol(network), steady, signal: patience });
      return exchange === undefined ? [] : [{ peer: connection.remotePeer.toString(), exchange }];
    }),
  );
  return answers.flat();
}

async function ask(
  connection: Connection,
  options: { readonly protocol: string; readonly steady: () => number; readonly signal: AbortSignal },
): Promise<Exchange | undefined> {
  const { protocol, steady, signal } = options;
  let stream: Stream | undefined;
  try {
    stream = await connection.newStream(protocol, { signal });
    const sent = steady();
    stream.send(QUESTION);
    const answer = await read(stream, ANSWER_BYTES, signal);
    const received = steady();
    if (answer === undefined) return undefined;
    const view = new DataView(answer.buffer, answer.byteOffset, answer.byteLength);
    const [theirReceived, theirSent] = [Number(view.getBigUint64(0)), Number(view.getBigUint64(8))];
    await stream.close({ signal });
    return { sent, theirReceived, theirSent, received };
  } catch (cause) {
    // It left, was slow, or does not speak of time: then it is no witness.
    stream?.abort(cause instanceof Error ? cause : new TypeError('no answer'));
    return undefined;
  }
}

/**
 * Reads a message of `length` bytes; undefined if the stream ends before or says more. Rejects when `signal`
 * aborts.
 */
function read(stream: Stream, length: number, signal: AbortSignal): Promise<Uint8Array | undefined> {
  return new Promise((resolve, reject) => {
    let bytes: Uint8Array = new Uint8Array(0);
    const end = () => {
      stream.removeEventListener('message', onMessage);
      stream.removeEventListener('close', onEnd);
      stream.removeEventListener('end', onEnd);
      signal.removeEventListener('abort', onAbort);
    };
    const onMessage = ({ data }: { data: { subarray(): Uint8Array } }) => {
      bytes = Buffer.concat([bytes, data.subarray()]);
      if (bytes.length < length) return;
      end();
      resolve(bytes.length === length ? bytes : undefined);
    };
    const onEnd = () => {
      end();
      resolve(undefined);
    };
    const onAbort = () => {
      end();
      reject(signal.reason);
    };
    stream.addEventListener('message', onMessage);
    stream.addEventListener('close', onEnd);
    stream.addEventListener('end', onEnd);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
  });
}

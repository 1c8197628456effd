import { RpcRequestError, TimeoutError } from 'viem';
import { type Question, rateLimitOf } from './answers.ts';
import { ChainError } from './errors.ts';
import type { Answer, Post, RpcFailure } from './http.ts';

/** Questions in one request at most, and requests under way at once at most for one round of questions. */
const MOST = 100;
const LANES = 8;

/**
 * Milliseconds for which a refused size is believed: after a plain refusal, and after a silence, which may
 * have had another cause. The second doubles with each silence in a row, up to the first.
 */
const REFUSAL_MS = 3_600_000;
const SILENCE_MS = 60_000;

/** Asks an endpoint, several questions in one request where the endpoint takes that. */
export type Batching = {
  /** Rejects as the endpoint does: RpcRequestError for its errors, viem's errors where it does not answer. */
  ask(question: Question): Promise<unknown>;
  /** The questions that the endpoint takes in one request, by what it has shown; 1 if it takes no batch. */
  size(): number;
};

type Item = {
  readonly question: Question;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
};

/**
 * Creates the batching of one endpoint. Questions asked in one turn of the event loop travel together. A
 * batch that the endpoint refuses, answers in part, or does not answer is asked again in smaller ones, down
 * to single questions, and the size is remembered; `onLearnt` gets each new size. A refusal of the rate of
 * requests says nothing about size. `now` is in milliseconds of a monotonic clock.
 */
export function createBatching(options: {
  readonly url: string;
  readonly post: Post;
  readonly now: () => number;
  readonly onLearnt: (size: number) => void;
}): Batching {
  const { url, post, now, onLearnt } = options;
  const sizes = createSizes(now, onLearnt);
  let waiting: Item[] = [];

  const deliver = ({ question, resolve, reject }: Item, { result, error }: Answer) => {
    if (error === undefined) resolve(result);
    else reject(requestError(url, question, error));
  };

  /** Asks one question in a request of its own. Rejects if there is no answer. */
  const askOne = async (item: Item): Promise<void> => {
    const reply = await post([item.question]);
    const answer = 'refused' in reply ? { error: reply.refused } : reply.answers[0];
    if (answer === undefined) throw unanswered(1, 0);
    deliver(item, answer);
  };

  /** Sends one batch. Returns the items that have to be asked again; rejects if nothing is to be had. */
  const askMany = async (items: readonly Item[]): Promise<readonly Item[]> => {
    const [first, ...others] = items;
    if (first === undefined) return [];
    if (others.length === 0) {
      await askOne(first);
      return [];
    }
    let why: unknown;
    try {
      const reply = await post(items.map(({ question }) => question));
      if ('answers' in reply) {
        const left: Item[] = [];
        reply.answers.forEach((answer, index) => {
          const item = items[index];
          if (item === undefined) return;
          if (answer === undefined || isAboutBatch(answer.error)) left.push(item);
          else deliver(item, answer);
        });
        if (left.length === 0) sizes.took(items.length);
        const taken = items.length - left.length;
        if (taken > 0 && left.length > 0) sizes.tookOnly(taken);
        if (taken > 0) return left;
        why = unanswered(items.length, 0);
      } else {
        why = requestError(url, items[0]?.question ?? { method: '' }, reply.refused);
      }
    } catch (error) {
      why = error;
      if (error instanceof TimeoutError) {
        // Each wait is as long as a request may take: the callers look elsewhere first.
        sizes.silent(items.length);
        throw error;
      }
    }
    if (rateLimitOf(why) !== undefined) throw why;
    // A question by itself tells whether the endpoint refuses the batch, or is down.
    await askOne(first);
    sizes.refused(items.length);
    return others;
  };

  const send = async (items: readonly Item[]): Promise<void> => {
    let queue = items;
    let failure: { readonly cause: unknown } | undefined;
    const lane = async () => {
      while (failure === undefined && queue.length > 0) {
        const size = sizes.now();
        const load = queue.slice(0, size);
        queue = queue.slice(size);
        try {
          queue = [...(await askMany(load)), ...queue];
        } catch (cause) {
          failure ??= { cause };
          for (const { reject } of load) reject(cause);
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(LANES, Math.ceil(items.length / sizes.now())) }, lane));
    // What was not sent would wait as long for the same: the callers look elsewhere now.
    for (const { reject } of queue) reject(failure?.cause);
  };

  return {
    ask: (question) =>
      new Promise((resolve, reject) => {
        waiting.push({ question, resolve, reject });
        if (waiting.length > 1) return;
        setTimeout(() => {
          const items = waiting;
          waiting = [];
          void send(items);
        }, 0);
      }),
    size: sizes.now,
  };
}

/** Finds the largest batch between one that was taken and one that was refused, by halving. */
function createSizes(now: () => number, onLearnt: (size: number) => void) {
  let takes = 1;
  let refuses = MOST + 1;
  let until = Number.POSITIVE_INFINITY;
  let silences = 0;
  let told = MOST;
  const current = () => {
    if (until <= now()) {
      refuses = MOST + 1;
      until = Number.POSITIVE_INFINITY;
    }
    if (refuses > MOST) return MOST;
    return refuses - takes <= 1 ? takes : Math.floor((takes + refuses) / 2);
  };
  const tell = () => {
    const size = current();
    if (size !== told) onLearnt(size);
    told = size;
  };
  const refuse = (size: number, forMs: number) => {
    refuses = Math.min(refuses, size);
    takes = Math.min(takes, refuses - 1);
    until = now() + forMs;
    tell();
  };
  return {
    now: current,
    took(size: number) {
      silences = 0;
      if (size <= takes) return;
      takes = size;
      tell();
    },
    tookOnly(size: number) {
      takes = size;
      refuse(size + 1, REFUSAL_MS);
    },
    refused: (size: number) => refuse(size, REFUSAL_MS),
    silent(size: number) {
      takes = 1;
      refuse(size, Math.min(REFUSAL_MS, SILENCE_MS * 2 ** silences));
      silences += 1;
    },
  };
}

/** Tells whether an error in a batch is about the batch, not about its question. */
function isAboutBatch(error: RpcFailure | undefined): boolean {
  return error !== undefined && /batch/i.test(error.message) && !/rate/i.test(error.message);
}

function requestError(url: string, { method, params }: Question, error: RpcFailure): RpcRequestError {
  return new RpcRequestError({ body: { method, params }, error, url });
}

function unanswered(expected: number, got: number): ChainError {
  return new ChainError('BAD_ANSWER', 'An RPC endpoint did not answer every question of a request', {
    meta: { expected, got },
    retry: true,
  });
}

import {
  createPublicClient,
  fallback,
  type HttpTransportConfig,
  http,
  type PublicClient,
  type Transport,
  type Chain as ViemChain,
  webSocket,
} from 'viem';
import type { ChainConfig } from '../config/schema.ts';
import { hideUrls } from '../observe/describe-error.ts';
import type { Telemetry } from '../observe/telemetry.ts';
import { pause } from '../runtime/backoff.ts';
import { checkAnswer, isRefusal, rateLimitOf } from './answers.ts';
import { ChainError } from './errors.ts';
import { createHealth, type EndpointHealth, type QuarantineReason } from './health.ts';

/**
 * Requests in one batch at most, bytes of one answer at most, and milliseconds a request waits for a rate
 * limit to end.
 */
const BATCH = 100;
const MOST_BYTES = 16 * 1024 * 1024;
const PATIENCE_MS = 3_000;

/** One RPC endpoint of a chain. */
export type Endpoint = {
  /** Its URL without secrets: unique among its chain's. */
  readonly label: string;
  /**
   * Asks this endpoint and no other. Rejects with QUARANTINED while it is rate limited, failing, or of
   * another chain.
   */
  readonly client: PublicClient;
  readonly health: EndpointHealth;
  /** The newest block that the endpoint showed when all were asked. */
  head: bigint | undefined;
  /** The reasons why the endpoint is quarantined now. */
  quarantined(): readonly QuarantineReason[];
  /** Reports that the endpoint contradicted enough others about `question`. */
  dissented(question: string, detail: Readonly<Record<string, unknown>>): void;
  /** Judges its head against one that enough endpoints show. */
  compare(head: bigint, agreed: bigint): void;
  /** Asks its chain id. Rejects with CHAIN_ID_MISMATCH, or if it does not answer. */
  verify(): Promise<void>;
  /** Calls `wake` at every new head until `signal` aborts; undefined where there is no websocket. */
  readonly heads: ((wake: () => void, signal: AbortSignal) => Promise<void>) | undefined;
  close(): Promise<void>;
};

type Parts = {
  readonly chain: string;
  readonly definition: ViemChain;
  readonly config: ChainConfig;
  readonly telemetry?: Telemetry | undefined;
};

/**
 * Opens every endpoint of a chain, and a transport that asks the first that is not quarantined, then the
 * next. Sends no request.
 */
export function openEndpoints(parts: Parts): {
  readonly endpoints: readonly Endpoint[];
  readonly transport: Transport;
} {
  const { config } = parts;
  const endpoints: Endpoint[] = [];
  const shared: Transport[] = [];
  for (const [index, url] of config.rpc.entries()) {
    const label = labelOf(url, index, config.rpc);
    // A request to any endpoint goes to those that are quarantined only if all are: better an uncertain
    // answer than none.
    const isLast = () => endpoints.every((other) => other.quarantined().length > 0);
    const opened = openEndpoint(url, label, parts, isLast);
    endpoints.push(opened.endpoint);
    shared.push(opened.shared);
  }
  return { endpoints, transport: fallback(shared, { retryCount: 1 }) };
}

/** Opens one endpoint outside the pool, such as a private one. */
export function openSingle(url: string, parts: Parts): Endpoint {
  return openEndpoint(url, hideUrls(url), parts, () => true).endpoint;
}

function openEndpoint(
  url: string,
  label: string,
  { chain, definition, config, telemetry }: Parts,
  isLast: () => boolean,
): { readonly endpoint: Endpoint; readonly shared: Transport } {
  const health = createHealth();
  const now = () => performance.now();
  const fields = { chain, rpc: label };
  let reported = '';
  /** Logs and counts every change of the endpoint's health. */
  const report = (cause?: unknown) => {
    const reasons = health.quarantined(now()).join(', ');
    if (reasons === reported) return;
    reported = reasons;
    if (reasons === '') {
      telemetry?.log.info(fields, 'rpc in use again');
      return;
    }
    const forMs = Math.max(...health.quarantined(now()).map((why) => health.until(why, now()) - now()));
    const ends = Number.isFinite(forMs) ? { forMs: Math.round(forMs) } : {};
    telemetry?.metrics.count('rpc_quarantined', { ...fields, reason: health.quarantined(now())[0] ?? '' });
    telemetry?.log.warn(
      { ...fields, reasons, ...ends, ...(cause === undefined ? {} : { err: cause }) },
      'rpc quarantined',
    );
  };

  const isSocket = /^wss?:/i.test(url);
  const inner: Transport = isSocket
    ? webSocket(url, {
        retryCount: 0,
        timeout: config.rpcTimeoutMs,
        reconnect: { attempts: Number.MAX_SAFE_INTEGER, delay: 1_000 },
      })
    : http(url, {
        batch: { batchSize: BATCH },
        retryCount: 0,
        timeout: config.rpcTimeoutMs,
        maxResponseBodySize: MOST_BYTES,
        fetchFn: fetchWhole,
      });
  const plain = inner({ chain: definition, retryCount: 0, timeout: config.rpcTimeoutMs });

  const ask = async (question: { method: string; params?: unknown }, options?: { signal?: AbortSignal }) => {
    try {
      const result: unknown = await plain.request(question, options);
      checkAnswer(question, result);
      health.answered();
      return result;
    } catch (error) {
      const limit = rateLimitOf(error);
      if (limit !== undefined) {
        health.limited(now(), Math.random(), limit.retryAfterMs);
        telemetry?.metrics.count('rpc_rate_limited', fields);
      } else if (isRefusal(error)) {
        health.answered();
      } else {
        health.failed(now(), Math.random());
        if (error instanceof ChainError) {
          telemetry?.metrics.count('rpc_answer_refused', fields);
          telemetry?.log.warn({ ...fields, err: error }, 'rpc answer refused');
        } else telemetry?.metrics.count('rpc_failed', fields);
        verified = undefined; // what comes back after an outage may be something else
      }
      report(error);
      throw error;
    }
  };

  let verified: Promise<void> | undefined;
  const verify = () => {
    verified ??= ask({ method: 'eth_chainId' }).then((got) => {
      if (BigInt(String(got)) === BigInt(config.chainId)) return;
      health.otherChain();
      report();
      throw new ChainError(
        'CHAIN_ID_MISMATCH',
        'An RPC endpoint serves another chain: correct its URL or the chainId',
        { meta: { ...fields, expected: config.chainId, got: Number(got) } },
      );
    });
    const verification = verified;
    verification.catch((error: unknown) => {
      // Only an answer proves the wrong chain for good.
      if (!(error instanceof ChainError && error.code === 'CHAIN_ID_MISMATCH')) verified = undefined;
    });
    return verification;
  };

  /** Waits for a rate limit that ends soon, and refuses a request that cannot succeed. */
  const admit = async (hindering: readonly QuarantineReason[], isPatient: boolean, signal?: AbortSignal) => {
    const held = health.quarantined(now()).filter((why) => hindering.includes(why));
    if (held.length === 0) {
      report();
      return;
    }
    const wait = health.until('rate limited', now()) - now();
    if (isPatient && held.every((why) => why === 'rate limited') && wait < PATIENCE_MS) {
      if (await pause(wait, signal ?? new AbortController().signal)) return;
    }
    throw new ChainError('QUARANTINED', 'An RPC endpoint is quarantined', {
      meta: { ...fields, reasons: held.join(', ') },
      retry: true,
    });
  };
  const guarded = (hindering: () => readonly QuarantineReason[], isPatient = () => true): Transport =>
    (() => ({
      ...plain,
      request: async (question: { method: string; params?: unknown }, options?: { signal?: AbortSignal }) => {
        await admit(hindering(), isPatient(), options?.signal);
        if (question.method !== 'eth_chainId') await verify();
        return ask(question, options);
      },
    })) as unknown as Transport;

  const { subscribe, getRpcClient } = (plain.value ?? {}) as Partial<
    NonNullable<ReturnType<ReturnType<typeof webSocket>>['value']>
  >;
  const endpoint: Endpoint = {
    label,
    client: createPublicClient({
      chain: definition,
      transport: guarded(() => ['rate limited', 'failing', 'wrong chain']),
      cacheTime: 0,
    }) as PublicClient,
    health,
    head: undefined,
    quarantined: () => health.quarantined(now()),
    dissented(question, detail) {
      telemetry?.metrics.count('rpc_dissent', { ...fields, question });
      const isNews = health.dissented(now(), Math.random());
      if (isNews) telemetry?.log.error({ ...fields, question, ...detail }, 'rpc contradicts the others');
      report();
    },
    compare(head, agreed) {
      this.head = head;
      const most = BigInt(config.maxLagBlocks);
      health.inStep(head + most < agreed ? 'lagging' : head > agreed + most ? 'ahead' : undefined);
      report();
    },
    verify,
    heads:
      subscribe === undefined
        ? undefined
        : async (wake, signal) => {
            await verify();
            const { unsubscribe } = await subscribe({ params: ['newHeads'], onData: wake });
            const end = () => void unsubscribe().catch(() => undefined); // the socket may be gone already
            if (signal.aborted) end();
            else signal.addEventListener('abort', end, { once: true });
          },
    async close() {
      if (getRpcClient === undefined) return;
      try {
        (await getRpcClient()).close();
      } catch {
        // The websocket never opened: nothing is left to close.
      }
    },
  };
  const shared = guarded(
    () =>
      isLast()
        ? ['rate limited', 'wrong chain']
        : ['rate limited', 'failing', 'lagging', 'ahead', 'dissenting', 'wrong chain'],
    isLast,
  );
  return { endpoint, shared };
}

/**
 * Fetches, and refuses a batch that has not exactly one answer for each question. Answers are matched by
 * position: after a missing answer each question would get the answer of the next.
 */
const fetchWhole: NonNullable<HttpTransportConfig['fetchFn']> = async (input, init) => {
  const response = await fetch(input, init);
  const asked: unknown = typeof init?.body === 'string' ? JSON.parse(init.body) : undefined;
  if (!response.ok || !Array.isArray(asked)) return response;
  const copy = response.clone();
  const got: unknown = await response.json();
  // One error for the whole batch is an answer to every question.
  if (!Array.isArray(got) || (got.length === 1 && 'error' in got[0])) return copy;
  const idOf = (entry: unknown) => (entry as { id?: unknown } | null)?.id;
  const ids = new Set(got.map(idOf));
  if (got.length === asked.length && asked.every((entry) => ids.has(idOf(entry)))) return copy;
  throw new ChainError('BAD_ANSWER', 'An RPC endpoint did not answer every question of a batch once', {
    meta: { expected: asked.length, got: got.length },
    retry: true,
  });
};

/** Two URLs may differ in what must not be shown. */
function labelOf(url: string, index: number, all: readonly string[]): string {
  const label = hideUrls(url);
  const isShared = all.some((other, at) => at !== index && hideUrls(other) === label);
  return isShared ? `${label}#${index + 1}` : label;
}

import { createPublicClient, type PublicClient, type Transport, type Chain as ViemChain } from 'viem';
import type { ChainConfig } from '../config/schema.ts';
import { hideUrls } from '../observe/describe-error.ts';
import type { Telemetry } from '../observe/telemetry.ts';
import { pause } from '../runtime/backoff.ts';
import { checkAnswer, isRefusal, type Question, rateLimitOf } from './answers.ts';
import { createBatching } from './batching.ts';
import { ChainError } from './errors.ts';
import { createHealth, type EndpointHealth, type QuarantineReason } from './health.ts';
import { createPost } from './http.ts';
import { inOrder } from './in-order.ts';
import { withoutLag } from './lagging.ts';
import { createSocket } from './socket.ts';

/** Bytes of one answer at most, and milliseconds a request waits for a rate limit to end. */
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
  /** How long the quarantine lasts still, milliseconds; undefined if it does not end by itself. */
  remainingMs(): number | undefined;
  /** Asks its chain id. Rejects with CHAIN_ID_MISMATCH, or if it does not answer. */
  verify(): Promise<void>;
  /** The questions that it takes in one request, by what it has shown; undefined for a websocket. */
  batchSize(): number | undefined;
  /** Calls `wake` at every new head until `signal` aborts; undefined where there is no websocket. */
  readonly heads: ((wake: () => void, signal: AbortSignal) => Promise<void>) | undefined;
  /** Makes the websocket anew: it is up, and tells of no heads. */
  renew(): void;
  close(): void;
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
  const shared: Request[] = [];
  for (const [index, url] of config.rpc.entries()) {
    const label = labelOf(url, index, config.rpc);
    // A request to any endpoint goes to those that are quarantined only if all are: better an uncertain
    // answer than none.
    const isLast = () => endpoints.every((other) => other.quarantined().length > 0);
    const opened = openEndpoint(url, label, parts, isLast);
    endpoints.push(opened.endpoint);
    shared.push(opened.shared);
  }
  return { endpoints, transport: inOrder(shared, { isAskedAgain: true }) };
}

/** Opens one endpoint outside the pool, such as a private one. */
export function openSingle(url: string, parts: Parts): Endpoint {
  return openEndpoint(url, hideUrls(url), parts, () => true).endpoint;
}

/** Asks one question. */
type Request = (question: Question, options?: { signal?: AbortSignal }) => Promise<unknown>;

function openEndpoint(
  url: string,
  label: string,
  { chain, definition, config, telemetry }: Parts,
  isLast: () => boolean,
): { readonly endpoint: Endpoint; readonly shared: Request } {
  const health = createHealth();
  const now = () => performance.now();
  const fields = { chain, rpc: label };
  let reported = '';
  /** Logs and counts every change of the endpoint's health. */
  const report = (cause?: unknown, asked = {}) => {
    const reasons = health.quarantined(now()).join(', ');
    if (reasons === reported) return;
    reported = reasons;
    if (reasons === '') {
      telemetry?.log.info(fields, 'rpc in use again');
      return;
    }
    telemetry?.metrics.count('rpc_quarantined', { ...fields, reason: health.quarantined(now())[0] ?? '' });
    telemetry?.log.warn(
      { ...fields, reasons, ...remaining(), ...asked, ...(cause === undefined ? {} : { err: cause }) },
      'rpc quarantined',
    );
  };
  /** Returns how long the quarantine lasts, milliseconds; empty if it has no end by itself. */
  const remaining = (): { readonly forMs?: number } => {
    const forMs = Math.max(...health.quarantined(now()).map((why) => health.until(why, now()) - now()));
    return Number.isFinite(forMs) ? { forMs: Math.round(forMs) } : {};
  };

  const limits = { timeoutMs: config.rpcTimeoutMs, mostBytes: MOST_BYTES };
  const socket = /^wss?:/i.test(url) ? createSocket(url, limits) : undefined;
  const batching =
    socket === undefined
      ? createBatching({
          url,
          post: createPost(url, limits),
          now,
          onLearnt: (size) => telemetry?.log.info({ ...fields, size }, 'rpc takes batches of another size'),
        })
      : undefined;
  const source = socket ?? batching;

  const ask = async (question: Question) => {
    try {
      const result: unknown = await source?.ask(question);
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
      // How long it wants to be left alone; forMs is how long it is.
      report(error, limit === undefined || limit.retryAfterMs === 0 ? {} : { askedMs: limit.retryAfterMs });
      throw error;
    }
  };

  const askDespiteLag = withoutLag(ask, config.pollMs);

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
      meta: { ...fields, reasons: held.join(', '), ...remaining() },
      retry: true,
    });
  };
  const guarded =
    (hindering: () => readonly QuarantineReason[], isPatient = () => true): Request =>
    async (question, options) => {
      await admit(hindering(), isPatient(), options?.signal);
      if (question.method !== 'eth_chainId') await verify();
      return askDespiteLag(question);
    };
  const own = guarded(() => ['rate limited', 'failing', 'wrong chain']);

  const endpoint: Endpoint = {
    label,
    client: createPublicClient({
      chain: definition,
      transport: inOrder([own], { isAskedAgain: false }),
      cacheTime: 0,
      // A contract must not make this node fetch a URL of the contract's choice.
      ccipRead: false,
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
    remainingMs: () => remaining().forMs,
    verify,
    batchSize: () => batching?.size(),
    heads:
      socket === undefined
        ? undefined
        : async (wake, signal) => {
            await verify();
            await socket.heads(wake, signal);
          },
    renew: () => socket?.renew(),
    close: () => socket?.close(),
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

/** Two URLs may differ in what must not be shown. */
function labelOf(url: string, index: number, all: readonly string[]): string {
  const label = hideUrls(url);
  const isShared = all.some((other, at) => at !== index && hideUrls(other) === label);
  return isShared ? `${label}#${index + 1}` : label;
}

import { LRUCache } from 'lru-cache';

/** Allows each peer a burst, then a steady rate. */
export type RateLimit = { take(peer: string): boolean };

type Bucket = { tokens: number; at: number };

/**
 * Creates a token bucket for each peer: `burst` tokens at first, `perSecond` more each second. `now` in
 * milliseconds. The peers remembered are bounded; a forgotten one starts afresh.
 */
export function createRateLimit(options: {
  readonly burst: number;
  readonly perSecond: number;
  readonly now?: () => number;
}): RateLimit {
  const { burst, perSecond, now = () => performance.now() } = options;
  const buckets = new LRUCache<string, Bucket>({ max: 4_096 });
  return {
    take(peer) {
      const at = now();
      const bucket = buckets.get(peer) ?? { tokens: burst, at };
      const tokens = Math.min(burst, bucket.tokens + ((at - bucket.at) * perSecond) / 1_000);
      const allowed = tokens >= 1;
      buckets.set(peer, { tokens: allowed ? tokens - 1 : tokens, at });
      return allowed;
    },
  };
}

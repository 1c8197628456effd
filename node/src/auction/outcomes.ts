import { isGavelError } from '@gavel/protocol';

/**
 * Why a message is not taken. `reject` is held against the peer that sent it; `passing` may differ for a
 * later copy.
 */
export type Refusal = {
  readonly outcome: 'ignore' | 'reject';
  readonly code: string;
  readonly meta?: Record<string, unknown>;
  readonly passing?: boolean;
};

/** Either a value, or why there is none. */
export type Judged<T> = { readonly ok: T } | { readonly refusal: Refusal };

/** Refuses a message that no honest peer sends. */
export function reject(code: string, meta?: Record<string, unknown>): { refusal: Refusal } {
  return { refusal: { outcome: 'reject', code, ...(meta === undefined ? {} : { meta }) } };
}

/** Refuses a message that an honest peer may well send: late, known, not ours to judge. */
export function ignore(code: string, meta?: Record<string, unknown>): { refusal: Refusal } {
  return { refusal: { outcome: 'ignore', code, ...(meta === undefined ? {} : { meta }) } };
}

/** Refuses a message that cannot be judged now: another copy is judged again. */
export function defer(code: string, meta?: Record<string, unknown>): { refusal: Refusal } {
  return { refusal: { ...ignore(code, meta).refusal, passing: true } };
}

/**
 * Runs a pure check of the protocol package; what it refuses is rejected under its code. Other errors pass
 * through.
 */
export function judged<T>(check: () => T): Judged<T> {
  try {
    return { ok: check() };
  } catch (error) {
    if (isGavelError(error)) return reject(error.code, { ...error.meta });
    throw error;
  }
}

/**
 * Asks a chain; if it cannot be asked, nothing is held against a peer, and nothing is taken for an empty
 * answer.
 */
export async function asked<T>(ask: () => Promise<T>): Promise<Judged<T>> {
  try {
    return { ok: await ask() };
  } catch (error) {
    const cause = error instanceof Error ? error.name : typeof error;
    return defer('CHAIN_UNKNOWN', { cause });
  }
}

/**
 * What a chain told us about a claim. An RPC that fails is `unknown`, never `notFound`: absence of an
 * answer is no evidence of absence, and money moves on the difference.
 */
export type Evidence<T> =
  | { readonly kind: 'proven'; readonly value: T }
  | { readonly kind: 'refuted'; readonly value: T }
  | { readonly kind: 'notFound' }
  | { readonly kind: 'unknown'; readonly cause: unknown };

/** Says that the chain shows the claim to hold. */
export function proven<T>(value: T): Evidence<T> {
  return { kind: 'proven', value };
}

/** Says that the chain shows the contrary. */
export function refuted<T>(value: T): Evidence<T> {
  return { kind: 'refuted', value };
}

/** Says that the chain answered, and knows nothing of it. */
export function notFound<T>(): Evidence<T> {
  return { kind: 'notFound' };
}

/** Says that the chain could not be asked. */
export function unknown<T>(cause: unknown): Evidence<T> {
  return { kind: 'unknown', cause };
}

/** Asks a chain, turning any failure of the asking into `unknown`. */
export async function gather<T>(ask: () => Promise<Evidence<T>>): Promise<Evidence<T>> {
  try {
    return await ask();
  } catch (cause) {
    return unknown(cause);
  }
}

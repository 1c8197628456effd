import { LRUCache } from 'lru-cache';

type Answer = object | string | number | bigint | boolean;

/**
 * Remembers answers by their arguments: an answer at a block never changes. Failures are forgotten, questions
 * asked at the same time share one answer. Holds at most `most` answers. Never use it where the answer
 * depends on the present.
 */
export function memoize<Args extends readonly (string | number | bigint)[], T extends Answer>(
  most: number,
  ask: (...args: Args) => Promise<T>,
): (...args: Args) => Promise<T>;
/** The same for arguments of any kind, of which `keyOf` tells what the answer depends on. */
export function memoize<Args extends readonly unknown[], T extends Answer>(
  most: number,
  ask: (...args: Args) => Promise<T>,
  keyOf: (...args: Args) => string,
): (...args: Args) => Promise<T>;
export function memoize<Args extends readonly unknown[], T extends Answer>(
  most: number,
  ask: (...args: Args) => Promise<T>,
  keyOf = (...args: Args) => args.join('|').toLowerCase(),
): (...args: Args) => Promise<T> {
  const answers = new LRUCache<string, Promise<T>>({ max: most });
  return (...args) => {
    const key = keyOf(...args);
    const known = answers.get(key);
    if (known !== undefined) return known;
    const asked = ask(...args);
    answers.set(key, asked);
    asked.catch(() => {
      if (answers.get(key) === asked) answers.delete(key);
    });
    return asked;
  };
}

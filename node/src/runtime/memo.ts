import { LRUCache } from 'lru-cache';

/**
 * Remembers answers by their arguments: an answer at a block never changes. Failures are forgotten, questions
 * asked at the same time share one answer. Holds at most `most` answers. Never use it where the answer
 * depends on the present.
 */
export function memoize<
  Args extends readonly (string | number | bigint)[],
  T extends object | string | number | bigint | boolean,
>(most: number, ask: (...args: Args) => Promise<T>): (...args: Args) => Promise<T> {
  const answers = new LRUCache<string, Promise<T>>({ max: most });
  return (...args) => {
    const key = args.join('|').toLowerCase();
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

import { z } from 'zod';

/** Most items of one page, and how many it has unless asked otherwise. */
const MOST = 200;
const USUAL = 50;

/** The parameters of every list. */
export const pageQuery = z.strictObject({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(MOST)
    .default(USUAL)
    .describe(`Items of the page, at most ${MOST}.`),
  cursor: z.string().min(1).max(200).optional().describe('`next` of the page before.'),
});

/** Describes a page of items: `next` is there if more follow. */
export function pageOfItems<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), next: z.string().optional() });
}

/**
 * Cuts a page out of a list, greatest key first. Keys are unique and compares as text, so a page holds its
 * place while newer items come in.
 */
export function cutPage<T>(
  list: Iterable<T>,
  keyOf: (item: T) => string,
  { limit, cursor }: z.output<typeof pageQuery>,
): { items: T[]; next?: string } {
  const keyed = [...list]
    .map((item) => ({ key: keyOf(item), item }))
    .filter(({ key }) => cursor === undefined || key < cursor)
    .sort((a, b) => (a.key < b.key ? 1 : a.key > b.key ? -1 : 0));
  const page = keyed.slice(0, limit);
  const last = page.at(-1);
  const items = page.map(({ item }) => item);
  return keyed.length > limit && last !== undefined ? { items, next: last.key } : { items };
}

/** Makes a key that sorts by time (any unit, not negative), then by id. */
export function timeKey(time: bigint, id: string): string {
  return `${String(time).padStart(20, '0')}-${id}`;
}

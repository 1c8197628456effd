import type { Hex } from 'viem';
import { silentLogger } from '../../observe/logger.ts';
import { openStore } from '../store.ts';

/*
 * Add to a store until the process or the disk ends, several writers at a time, and print what was
 * acknowledged, one a line: `order <id> <version>`, `vote <key>`, `quote <digest>`. Prints `opened` at first;
 * when the disk fails, `failed <code>` once and `refused <code>` for each writer, and ends with 3.
 */

const WRITERS = 4;
const [dir = '', run = '0'] = process.argv.slice(2);
/** Resolves once the line has left: its reader may be slower than we write. */
const say = (line: string) =>
  new Promise<void>((resolve) => process.stdout.write(`${line}\n`, () => resolve()));
const hex = (...parts: (number | string)[]): Hex =>
  `0x${parts
    .map((part) => Number(part).toString(16).padStart(8, '0'))
    .join('')
    .padEnd(64, '0')}`;

type Quote = { readonly intent: Hex; readonly filler: string };
const store = await openStore<object, object, Quote>({
  dir,
  log: silentLogger(),
  onFailure: ({ code }) => void say(`failed ${code}`),
});
await say('opened');

async function write(writer: number): Promise<void> {
  for (let number = 0; ; number++) {
    const id = hex(run, writer, Math.floor(number / 8));
    const version = number % 8;
    try {
      await store.orders.append(id, version, [{ type: 'event', version, filler: 'f'.repeat(300) }]);
      await say(`order ${id} ${version}`);
      if (version === 3) {
        await store.votes.put(`${id}:1`, { id, openBy: 5n });
        await say(`vote ${id}:1`);
        await store.quotes.put(id, { intent: id, filler: 'f'.repeat(300) });
        await say(`quote ${id}`);
      }
    } catch (error) {
      await say(`refused ${(error as { code?: string }).code}`);
      return;
    }
  }
}

await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
await store.close().catch(() => undefined); // what the disk refused it refuses again
process.exitCode = 3;

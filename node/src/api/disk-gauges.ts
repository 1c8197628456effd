import { readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { GaugeSource } from '../observe/gauges.ts';

/** Lists the gauges of the store's place on disk. */
export function diskGauges(dir: string): GaugeSource[] {
  return [
    {
      name: 'gavel_store_bytes',
      read: async () => [{ value: await sizeOf(dir) }],
    },
    {
      name: 'gavel_store_free_bytes',
      read: async () => {
        const { bavail, bsize } = await statfs(dir);
        return [{ value: bavail * bsize }];
      },
    },
  ];
}

async function sizeOf(dir: string): Promise<number> {
  const sizes = await Promise.all(
    (await readdir(dir)).map(async (name) => {
      try {
        return (await stat(join(dir, name))).size;
      } catch (error) {
        // The database drops files while it is looked at.
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
        throw error;
      }
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

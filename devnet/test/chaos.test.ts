import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const chaos = fileURLToPath(new URL('../scenarios/chaos.ts', import.meta.url));

it('loses nothing while random nodes are killed during auctions', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'gavel-chaos-test-'));
  const file = join(dir, 'outcome.json');
  const child = spawn(process.execPath, [chaos, '--kills', '8', '--seed', '11', '--json', file], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += String(chunk);
    });
  }
  const [exit] = (await once(child, 'exit')) as [number | null];
  expect(exit, output).toBe(0);
  const outcome = JSON.parse(await readFile(file, 'utf8'));
  expect(outcome).toMatchObject({ ok: true, kills: 8, failed: [], equivocations: [] });
  expect(outcome.liquidations).toBeGreaterThan(0);
  expect(outcome.votes).toBeGreaterThan(0);
  await rm(dir, { recursive: true });
});

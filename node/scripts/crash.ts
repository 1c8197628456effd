/**
 * Kills a process that writes to the store, again and again at random moments, and checks that everything the
 * process was told is on disk can be read back: `npm run crash -w @gavel/node`.
 *
 * Exits with 1 as soon as something is missing or the store does not open, and keeps the store then.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { count, npmCommand, writeData } from '@gavel/contracts/command';
import { startProgress } from '@gavel/contracts/progress';
import { findMissing, nothingAcknowledged, startAppender } from '../src/store/testing/crash.ts';

const { kills, json } = npmCommand(
  'crash -w @gavel/node',
  'Kill a process that writes to the store, and check that everything it was told is on disk can be read back.',
)
  .option('--kills <n>', 'how many kills', count, 200)
  .option('--json <file>', 'also write the outcome as data')
  .parse()
  .opts<{ kills: number; json?: string }>();

using progress = startProgress(`killing a writing process ${kills} times`);
const root = await mkdtemp(join(tmpdir(), 'gavel-crash-'));
const dir = join(root, 'store');
const acknowledged = nothingAcknowledged();
const began = performance.now();
let events = 0;
for (let run = 0; run < kills; run++) {
  progress.update(`${run} kills`);
  const appender = startAppender({ dir, run, acknowledged });
  await appender.first;
  await pause(Math.random() * 60);
  appender.process.kill('SIGKILL');
  await appender.ended;
  // Reading everything back takes ever longer: now and then is enough, since nothing is ever taken away
  // again.
  if (run % 20 !== 19 && run !== kills - 1) continue;
  const found = await findMissing(dir, acknowledged);
  events = found.events;
  if (found.missing.length > 0) {
    process.stderr.write(`missing after kill ${run + 1}, kept in ${root}:\n${found.missing.join('\n')}\n`);
    process.exit(1);
  }
}
const outcome = {
  kills,
  events,
  acknowledged: {
    events: [...acknowledged.orders.values()].reduce((sum, versions) => sum + versions.size, 0),
    votes: acknowledged.votes.size,
    quotes: acknowledged.quotes.size,
  },
  missing: 0,
  seconds: Math.round((performance.now() - began) / 1_000),
};
progress.print(JSON.stringify(outcome, null, 2));
await writeData(json, outcome);
await rm(root, { recursive: true });

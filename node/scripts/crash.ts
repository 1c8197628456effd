import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { findMissing, nothingAcknowledged, startAppender } from '../src/store/testing/crash.ts';

/*
 * Kill a process that writes to the store, again and again at random moments, and look each time whether everything it was
 * told is on disk is there:
 *
 *   npm run crash -w @gavel/node -- --kills 1000 --json outcome.json
 *
 * Exits with 1 as soon as something is missing, or the store does not open, and keeps the store then.
 */

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '200' }, json: { type: 'string' } },
});
const kills = Number(values.kills);
const root = await mkdtemp(join(tmpdir(), 'gavel-crash-'));
const dir = join(root, 'store');
const acknowledged = nothingAcknowledged();
const began = performance.now();
let events = 0;
for (let run = 0; run < kills; run++) {
  const appender = startAppender({ dir, run, acknowledged });
  await appender.first;
  await pause(Math.random() * 60);
  appender.process.kill('SIGKILL');
  await appender.ended;
  // Reading everything back takes ever longer: now and then is enough, since nothing is ever taken away again.
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
const text = `${JSON.stringify(outcome, null, 2)}\n`;
process.stdout.write(text);
if (values.json !== undefined) await writeFile(resolve(process.env.INIT_CWD ?? '.', values.json), text);
await rm(root, { recursive: true });

/**
 * Plays auctions among 30 nodes that lose, delay and repeat messages, with auctioneers that lie: `npm run
 * simulate`.
 */
import { npmCommand, whole, writeData } from '@gavel/contracts/command';
import { startProgress } from '@gavel/contracts/progress';
import { playRounds } from './rounds.ts';

const { rounds, seed, json } = npmCommand(
  'simulate',
  'Play auctions among 30 nodes that lose, delay and repeat messages, with auctioneers that lie.',
)
  .option('--rounds <n>', 'how many rounds', whole, 500)
  .option('--seed <s>', 'seed of the first round; each further round has the next seed', whole, 1)
  .option('--json <file>', 'also write the outcome as data')
  .parse()
  .opts<{ rounds: number; seed: number; json?: string }>();

using progress = startProgress(`playing ${rounds} rounds from seed ${seed}`);
const onRound = (played: number) => progress.update(`${played} played`);
const outcome = await playRounds({ rounds, seed, onRound });
progress.print(JSON.stringify({ ...outcome, failed: outcome.failed.length }));
for (const { seed: failing, council, liars, weather, broken } of outcome.failed)
  progress.print(`seed ${failing} (${council}, ${liars} liars, ${weather}): ${broken.join('; ')}
  npm run simulate -- --rounds 1 --seed ${failing}`);
await writeData(json, outcome);
process.exitCode = outcome.failed.length === 0 ? 0 : 1;

/** Sends a node's gossip validation good messages among many more mutated ones: `npm run fuzz`. */
import { npmCommand, whole, writeData } from '@gavel/contracts/command';
import { startProgress } from '@gavel/contracts/progress';
import { fuzz } from './fuzz.ts';

const { messages, seed, json } = npmCommand(
  'fuzz',
  'Send a node good gossip messages among many more mutated ones. The same seed sends the same messages.',
)
  .option('--messages <n>', 'how many messages', whole, 20_000)
  .option('--seed <s>', 'seed of the run', whole, 1)
  .option('--json <file>', 'also write the outcome as data')
  .parse()
  .opts<{ messages: number; seed: number; json?: string }>();

using progress = startProgress(`sending ${messages} messages, seed ${seed}`);
const onSent = (sent: number) => progress.update(`${sent} sent`);
const outcome = await fuzz({ messages, seed, onSent });
progress.print(JSON.stringify(outcome, null, 2));
await writeData(json, outcome);
process.exitCode = outcome.broken.length === 0 ? 0 : 1;

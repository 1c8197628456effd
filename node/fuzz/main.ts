#!/usr/bin/env node
import { writeFile } from 'node:fs/promises';
import { Command, InvalidArgumentError } from 'commander';
import { fuzz } from './fuzz.ts';

/*
 * Send a node's gossip door good messages among many more bent ones:
 *
 *   npm run fuzz -- --messages 1000000 --seed 1 --json outcome.json
 *
 * The same seed sends the same messages, so a failing run is played again with fewer of them.
 */

const whole = (text: string): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError('Expected a whole number.');
  return value;
};
const { messages, seed, json } = new Command('fuzz')
  .option('--messages <n>', 'how many messages', whole, 20_000)
  .option('--seed <s>', 'seed of the run', whole, 1)
  .option('--json <file>', 'also write the outcome as data')
  .parse()
  .opts<{ messages: number; seed: number; json?: string }>();
const outcome = await fuzz({ messages, seed });
process.stdout.write(`${JSON.stringify(outcome, null, 2)}\n`);
if (json !== undefined) await writeFile(json, `${JSON.stringify(outcome, null, 2)}\n`);
process.exitCode = outcome.broken.length === 0 ? 0 : 1;

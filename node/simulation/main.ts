#!/usr/bin/env node
import { writeFile } from 'node:fs/promises';
import { Command, InvalidArgumentError } from 'commander';
import { playRounds } from './rounds.ts';

/*
 * Play auctions among 30 nodes that lose, delay and repeat messages, with auctioneers that lie:
 *
 *   npm run simulate -- --rounds 5000 --seed 1 --json outcome.json
 *
 * Round i has the seed S + i; a round that fails is played again alone by `--rounds 1 --seed <its seed>`.
 */

const whole = (text: string): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError('Expected a whole number.');
  return value;
};
const { rounds, seed, json } = new Command('simulate')
  .option('--rounds <n>', 'how many rounds', whole, 500)
  .option('--seed <s>', 'seed of the first round', whole, 1)
  .option('--json <file>', 'also write the outcome as data')
  .parse()
  .opts<{ rounds: number; seed: number; json?: string }>();
const outcome = await playRounds({ rounds, seed });
const print = (line: string) => process.stdout.write(`${line}\n`);
print(JSON.stringify({ ...outcome, failed: outcome.failed.length }));
for (const { seed: failing, council, liars, weather, broken } of outcome.failed)
  print(`seed ${failing} (${council}, ${liars} liars, ${weather}): ${broken.join('; ')}
  npm run simulate -- --rounds 1 --seed ${failing}`);
if (json !== undefined) await writeFile(json, `${JSON.stringify(outcome, null, 2)}\n`);
process.exitCode = outcome.failed.length === 0 ? 0 : 1;

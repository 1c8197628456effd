#!/usr/bin/env node
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Argument, Command, InvalidArgumentError } from 'commander';
import { layOut } from '../src/cli/table.ts';
import { BENCHMARKS } from './benchmarks.ts';
import { type Result, run } from './measure.ts';
import { present } from './present.ts';

/*
 * Measure how fast a node is, each figure beside a baseline of the same run:
 *
 *   npm run bench -- --list
 *   npm run bench -- validate --json validate.json
 *
 * Without a name every benchmark runs. Nothing fails for being slow: figures depend on the machine and on what else it does.
 */

const count = (text: string): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('Expected a whole number above 0.');
  return value;
};
const command = new Command('bench')
  .addArgument(new Argument('[name]', 'which benchmark').choices(BENCHMARKS.map(({ name }) => name)))
  .option('--list', 'name the benchmarks')
  .option('--repetitions <n>', 'how often to measure', count)
  .option('--tiny', 'as little as possible, to see that it runs: the figures mean nothing')
  .option('--json <file>', 'also write the results as data')
  .parse();
const options = command.opts<{ list?: true; repetitions?: number; tiny?: true; json?: string }>();
const [name] = command.args;
const chosen = BENCHMARKS.filter((benchmark) => name === undefined || benchmark.name === name);

if (options.list === true) {
  const columns = [
    { head: 'name', of: (benchmark: (typeof BENCHMARKS)[number]) => benchmark.name },
    { head: 'what', of: (benchmark: (typeof BENCHMARKS)[number]) => benchmark.what },
  ];
  process.stdout.write(layOut(BENCHMARKS, columns, 'There are none.'));
} else {
  const results: Result[] = [];
  for (const benchmark of chosen) {
    const result = await run(benchmark, {
      size: options.tiny === true ? 'tiny' : 'full',
      ...(options.repetitions !== undefined && { repetitions: options.repetitions }),
    });
    results.push(result);
    process.stdout.write(`${present(result)}\n`);
  }
  if (options.json !== undefined) {
    // From where the command was given: npm runs scripts in the package's own directory.
    const file = resolve(process.env.INIT_CWD ?? '.', options.json);
    await writeFile(file, `${JSON.stringify(results, null, 2)}\n`);
  }
}

/**
 * Measures how fast a node is, each figure beside a baseline of the same run: `npm run bench`.
 *
 * Nothing fails for being slow: the figures depend on the machine and on its other work.
 */
import { count, npmCommand, writeData } from '@gavel/contracts/command';
import { startProgress } from '@gavel/contracts/progress';
import { Argument } from 'commander';
import { layOut } from '../src/cli/table.ts';
import { BENCHMARKS } from './benchmarks.ts';
import { type Result, run } from './measure.ts';
import { present } from './present.ts';

const command = npmCommand('bench', 'Measure how fast a node is; without a name, run every benchmark.')
  .usage('-- [options] [name]')
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
  using progress = startProgress(`running ${chosen.length} benchmarks`);
  const results: Result[] = [];
  for (const benchmark of chosen) {
    progress.update(`${benchmark.name}, number ${results.length + 1}`);
    const result = await run(benchmark, {
      size: options.tiny === true ? 'tiny' : 'full',
      ...(options.repetitions !== undefined && { repetitions: options.repetitions }),
    });
    results.push(result);
    progress.print(present(result));
  }
  await writeData(options.json, results);
}

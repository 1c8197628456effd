/**
 * Measures gas and prints it beside what we aim for: whole transactions, real Aave and Morpho, real
 * Mailboxes: `npm run gas`.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildProtocols } from './build.ts';
import { npmCommand, writeData } from './command.ts';
import { requireForge, root } from './forge.ts';
import { startProgress } from './progress.ts';

const { json } = npmCommand(
  'gas',
  'Measure the gas of whole transactions, renew contracts/snapshots, and print the figures beside the aims.',
)
  .option('--json <file>', 'also write the figures, under stable keys')
  .parse()
  .opts<{ json?: string }>();

{
  using progress = startProgress('measuring gas: compiling with the optimizer takes minutes the first time');
  progress.update('Aave and Morpho Blue');
  await buildProtocols();
  progress.update('the contracts and the tests in contracts/test/gas');
  await requireForge(['test', '--match-path', 'test/gas/*'], { env: { FOUNDRY_PROFILE: 'optimized' } });
}

type Snapshot = Record<string, string>;
const read = (name: string): Snapshot =>
  JSON.parse(readFileSync(join(root, 'snapshots', `${name}.json`), 'utf8'));
const figure = (snapshot: Snapshot, name: string): number => {
  const value = Number(snapshot[name]);
  if (Number.isNaN(value)) throw new RangeError(`test/gas measures no "${name}"`);
  return value;
};

const [aave, morpho, core] = [read('aave'), read('morpho'), read('core')];
/** Both sides of a message of `count` items, shared among them. */
const shared = (out: string, back: string, count: string): number =>
  Math.round((figure(core, `${out}, ${count}`) + figure(core, `${back}, ${count}`)) / Number(count));

const figures: Record<string, number> = {
  'aave.direct': figure(aave, 'direct liquidationCall'),
  'aave.local': figure(aave, 'land, local'),
  'aave.open': figure(aave, 'land, remote'),
  'morpho.direct': figure(morpho, 'direct liquidate'),
  'morpho.local': figure(morpho, 'land, local'),
  'morpho.open': figure(morpho, 'land, remote'),
  fill: figure(core, 'fill'),
  'perFill.1': shared('report', 'process report', '01'),
  'perFill.10': shared('report', 'process report', '10'),
  'perFill.50': shared('report', 'process report', '50'),
  'verdict.10': shared('sendVerdicts', 'process verdicts', '10'),
};

/** What we aim for; of landings, above the protocol's own call. */
const AIMS: Record<string, number> = {
  'aave.local': 110_000,
  'aave.open': 190_000,
  'morpho.local': 110_000,
  'morpho.open': 190_000,
  fill: 76_000,
  'perFill.1': 180_000,
  'perFill.10': 62_000,
  'perFill.50': 52_000,
  'verdict.10': 22_000,
};

for (const [name, gas] of Object.entries(figures)) {
  const [protocol, step] = name.split('.');
  const direct = step === 'local' || step === 'open' ? figures[`${protocol}.direct`] : undefined;
  const compared = direct === undefined ? gas : gas - direct;
  const aim = AIMS[name];
  const verdict = aim === undefined ? '' : `${compared <= aim ? 'within' : 'above '} ${grouped(aim)}`;
  const above = direct === undefined ? '' : `+ ${grouped(compared)}`;
  process.stdout.write(`${name.padEnd(14)} ${grouped(gas).padStart(9)}  ${above.padStart(11)}  ${verdict}\n`);
}
await writeData(json, figures);

function grouped(value: number): string {
  return value.toString().replace(/\B(?=(\d{3})+$)/g, ' ');
}

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { concat, type Hex } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseConfig } from './config.ts';
import { EXIT } from './errors.ts';
import { plan } from './plan.ts';
import { configOf, startWorld, type World } from './testing/world.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});

afterAll(() => world.stop());

interface Entry {
  readonly label: string;
  readonly chain: string;
  readonly contract: string;
  readonly compiler: string;
  readonly constructorArguments: Hex;
  readonly standardInput: string;
}

test('what is written for explorers compiles to the very code that is deployed', async () => {
  const config = configOf(world, 'sources');
  const out = join(world.folder, 'sources');
  const { code, err } = await world.run('sources', config, ['--out', out], {});
  expect(code, err).toBe(EXIT.inSync);
  const entries: Entry[] = JSON.parse(await readFile(join(out, 'contracts.json'), 'utf8'));
  const plans = await plan(parseConfig(JSON.stringify(config), {}));
  const steps = plans.flatMap(({ layout }) =>
    layout.steps.map((step) => ({ step, chain: layout.chain.config.name })),
  );
  expect(entries).toHaveLength(steps.filter(({ step }) => step.kind === 'create').length);

  const solc = createRequire(import.meta.url)('solc') as {
    version(): string;
    compile(input: string): string;
  };
  // one with linked libraries, one with arguments of the file, one of several contracts of a kind
  for (const label of ['CollateralEscrow', 'adapter tiny-alpha', 'BackstopVault USD']) {
    const entry = entries.find((one) => one.label === label && one.chain === 'alpha');
    const step = steps.find((one) => one.chain === 'alpha' && one.step.what === label)?.step;
    if (entry === undefined || step?.kind !== 'create') throw new TypeError(`no ${label}`);
    expect(`v${solc.version()}`).toContain(entry.compiler);
    const { contracts, errors = [] } = JSON.parse(
      solc.compile(await readFile(join(out, entry.standardInput), 'utf8')),
    );
    expect(errors.filter(({ severity }: { severity: string }) => severity === 'error')).toEqual([]);
    const [path = '', name = ''] = entry.contract.split(':');
    const bytecode: Hex = `0x${contracts[path][name].evm.bytecode.object}`;
    expect(concat([bytecode, entry.constructorArguments])).toBe(step.initCode);
  }
});

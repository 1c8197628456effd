import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { FUNDED_KEY, startAnvil } from '../../node/src/chain/testing/anvil.ts';
import { BIN, CommandError, expect, type Reporter, run } from './commands.ts';

/** The account of {@link FUNDED_KEY}. */
const FUNDED = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';
const MAILBOX = '0x00000000000000000000000000000000000000aa';
const DOMAIN = 1001;

/** Code that answers every call with the domain, in place of Hyperlane's mailbox. */
const MAILBOX_CODE = `0x61${DOMAIN.toString(16).padStart(4, '0')}60005260206000f3`;

const STRATEGY = `import {
  askWithMargin, basisPoints, bestPriced, defineStrategy, optionsOf, payableOptions, quote, reject,
  type Strategy,
} from '@gavel/solver-sdk';

const make: (raw: unknown) => Strategy = defineStrategy({
  name: 'packed',
  options: optionsOf({ spreadBps: basisPoints() }),
  quote: (opportunity, { spreadBps }) => {
    const best = bestPriced(opportunity, payableOptions(opportunity), (option) =>
      askWithMargin(opportunity, option, spreadBps),
    );
    return best === undefined ? reject('does not pay') : quote(best.ask, best.option.domain);
  },
});
export default make;
`;

const STRATEGY_TEST = `import { test } from 'node:test';
import { strategyCompliance } from '@gavel/solver-sdk/testing';
import make from './strategy.ts';

for (const { name, run } of strategyCompliance(make, { options: { spreadBps: 30 } })) test(name, run);
`;

/** Uses the packages in the folder they are installed in, as people would. Throws CommandError. */
export async function tryPackages(reporter: Reporter, node: string, project: string): Promise<void> {
  const command = (name: string) => join(project, 'node_modules/.bin', name);
  // The commands start the Node that is first on the path.
  const env = { PATH: `${join(node, '..')}:${process.env.PATH}` };
  const gavel = (args: readonly string[], code = 0) =>
    run(command('gavel'), args, { cwd: project, env: { ...env, KEY: FUNDED_KEY }, code });
  const deploy = (args: readonly string[], code: number) =>
    run(command('gavel-deploy'), args, {
      cwd: project,
      env: { ...env, GAVEL_DEPLOYER_KEY: FUNDED_KEY },
      code,
    });

  await reporter.step('gavel --version', async () => {
    const manifest = await readFile(join(project, 'node_modules/@gavel/node/package.json'), 'utf8');
    const printed = (await gavel(['--version'])).trim();
    expect(printed === JSON.parse(manifest).version, 'the version of the package', printed);
  });
  await reporter.step('gavel --help', async () => {
    const help = await gavel(['--help']);
    expect(help.includes('doctor'), 'help that names doctor', help);
  });
  await reporter.step('every export can be imported', () => importAll(node, project));

  await writeFile(join(project, 'strategy.ts'), STRATEGY);
  await writeFile(join(project, 'strategy.test.ts'), STRATEGY_TEST);
  await writeFile(join(project, 'broken.ts'), "\nthrow new TypeError('no feed');\n");
  await reporter.step('a strategy in TypeScript passes the compliance suite', () =>
    run(node, ['--test', 'strategy.test.ts'], { cwd: project }),
  );
  await reporter.step('the strategy type-checks against the declarations', () =>
    run(join(BIN, 'tsc'), [...TSC, 'strategy.ts'], { cwd: project }),
  );

  const anvil = await startAnvil({ blockTime: 1 });
  try {
    await callRpc(anvil.url, 'anvil_setCode', [MAILBOX, MAILBOX_CODE]);
    const config = ['--config', 'deployment.yaml'];
    await writeFile(join(project, 'deployment.yaml'), JSON.stringify(deployment(anvil.url)));
    await reporter.step('gavel-deploy plan: contracts are missing', async () => {
      const printed = await deploy(['plan', ...config], 3);
      expect(printed.includes('CollateralEscrow'), 'a plan that names CollateralEscrow', printed);
    });
    await reporter.step('gavel-deploy apply: chain and file agree', () => deploy(['apply', ...config], 0));
    const plan = JSON.parse(await deploy(['plan', ...config, '--json'], 0));
    const contracts = contractsOf(plan.chains[0].contracts);

    const write = (name: string, settings: object) =>
      writeFile(join(project, name), JSON.stringify({ ...nodeConfig(anvil.url, contracts), ...settings }));
    await write('node.yaml', {});
    await write('solver.yaml', { roles: ['solver'], solver: solverSection() });
    await write('broken.yaml', {
      roles: ['solver'],
      solver: { ...solverSection(), strategy: './broken.ts' },
    });
    await write('faulty.yaml', { roles: ['baker'] });
    await reporter.step('gavel doctor: ready to start', async () => {
      const printed = await gavel(['doctor', '--config', 'node.yaml']);
      expect(printed.includes('Ready to start'), '“Ready to start”', printed);
    });
    await reporter.step('gavel doctor: loads the strategy', async () => {
      const { findings } = JSON.parse(await gavel(['doctor', '--config', 'solver.yaml', '--json']));
      const found = findings.find(({ check }: { check: string }) => check === 'strategy');
      expect(found?.status === 'ok' && found.found === 'packed', 'the strategy loaded', findings);
    });
    await reporter.step(
      'gavel doctor: a strategy that throws is named by file and line, exits with 1',
      async () => {
        const printed = await gavel(['doctor', '--config', 'broken.yaml'], 1);
        expect(printed.includes('broken.ts:2: TypeError: no feed'), 'file, line and cause', printed);
      },
    );
    await reporter.step('gavel doctor: a faulty configuration exits with 2', () =>
      gavel(['doctor', '--config', 'faulty.yaml'], 2),
    );
    const started = performance.now();
    await reporter.step('gavel start, until SIGTERM', async () => {
      const ready = await startUntilReady(command('gavel'), project, env);
      reporter.note(`ready after ${((ready - started) / 1_000).toFixed(1)} s`);
    });
  } finally {
    await anvil.stop();
  }
}

const TSC = [
  '--ignoreConfig',
  '--noEmit',
  '--strict',
  '--skipLibCheck',
  '--allowImportingTsExtensions',
].concat(['--module', 'nodenext', '--target', 'es2024', '--types', '']);

/** Imports every code export of every installed package. */
async function importAll(node: string, project: string): Promise<void> {
  const specifiers: string[] = [];
  for (const name of ['protocol', 'abi', 'solver-sdk', 'node', 'deploy']) {
    const manifest = await readFile(join(project, 'node_modules/@gavel', name, 'package.json'), 'utf8');
    for (const [path, target] of Object.entries<unknown>(JSON.parse(manifest).exports)) {
      if (typeof target === 'object') specifiers.push(join('@gavel', name, path));
    }
  }
  const script = specifiers.map((specifier) => `await import(${JSON.stringify(specifier)});`).join('\n');
  await run(node, ['--input-type=module', '-e', script], { cwd: project });
}

/** Runs a node until it is ready, ends it, and returns when it was ready. Throws CommandError. */
async function startUntilReady(
  gavel: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<number> {
  const child = spawn(gavel, ['start', '--config', 'node.yaml'], {
    cwd,
    env: { ...process.env, ...env, KEY: FUNDED_KEY },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  const lines: string[] = [];
  let ready: number | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (ready !== undefined || JSON.parse(line).msg !== 'ready') continue;
    ready = performance.now();
    child.kill('SIGTERM');
  }
  const [code] = await exit;
  if (ready !== undefined && code === 0) return ready;
  throw new CommandError(`gavel start ended with ${code}\n${lines.join('\n')}`);
}

/** One home chain without markets. */
function deployment(rpc: string): object {
  const chain = { rpc, chainId: 31_337, domain: DOMAIN, mailbox: MAILBOX, bondDelay: 86_400 };
  const key = { address: FUNDED, withoutCode: 'accepted' };
  const people = { deployer: FUNDED, admin: key, guardian: key };
  return { salt: 'packed', ...people, delay: 1, chains: { alpha: { ...chain, tokens: {}, markets: {} } } };
}

function contractsOf(deployed: Readonly<Record<string, string>>): object {
  const { CollateralEscrow, RepaymentEscrow, SolverBonds, MarketRegistry } = deployed;
  return {
    collateralEscrow: CollateralEscrow,
    repaymentEscrow: RepaymentEscrow,
    bonds: SolverBonds,
    registry: MarketRegistry,
    mailbox: MAILBOX,
  };
}

function nodeConfig(rpc: string, contracts: object): object {
  return {
    network: 'packed',
    dataDir: 'data',
    roles: ['auctioneer', 'keeper'],
    p2p: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    chains: { alpha: { chainId: 31_337, domain: DOMAIN, rpc: [rpc], contracts } },
    auctioneer: { key: { env: 'KEY' } },
    keeper: { key: { env: 'KEY' } },
  };
}

function solverSection(): object {
  const strategy = { strategy: './strategy.ts', options: { spreadBps: 30 } };
  return { key: { env: 'KEY' }, account: FUNDED, payout: FUNDED, ...strategy };
}

async function callRpc(url: string, method: string, params: readonly unknown[]): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  const { error } = (await response.json()) as { error?: { message: string } };
  if (error !== undefined) throw new CommandError(`${method}: ${error.message}`);
}

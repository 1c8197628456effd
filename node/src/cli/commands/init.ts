import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { CliError } from '../errors.ts';

type Role = 'watcher' | 'solver' | 'auctioneer' | 'keeper';

const ROLES: readonly { readonly value: Role; readonly name: string }[] = [
  { value: 'solver', name: 'solver      bids with your money' },
  { value: 'watcher', name: 'watcher     announces unhealthy loans' },
  { value: 'keeper', name: 'keeper      lands awards and carries messages, for a fee' },
  { value: 'auctioneer', name: 'auctioneer  signs awards, if a market names your key' },
];

/** Adds `gavel init`: ask, and writes a configuration. */
export function addInit(program: Command): void {
  program
    .command('init [file]')
    .summary('write a configuration by answering questions')
    .description(
      `Ask what a node needs and write it as a configuration, gavel.yaml unless a file is named. Nothing is overwritten, and no
key is asked for: the file only says where it will be. Chains and markets are best copied from the network's own
configuration: name that file when asked, or with --network.`,
    )
    .option('--network <file>', 'configuration to take network, bootstrap peers, chains and markets from')
    .action(async (file: string | undefined, options: { network?: string }) => {
      if (!process.stdin.isTTY) {
        throw new CliError(
          'BAD_ARGUMENT',
          'There is no terminal to ask questions in: run this in one, or write the file by hand',
        );
      }
      const answers = await askAll(options.network);
      const [{ stringify }, { resolve }] = await Promise.all([import('yaml'), import('node:path')]);
      const target = resolve(file ?? 'gavel.yaml');
      try {
        await writeFile(target, stringify(answers), { flag: 'wx' });
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
        throw new CliError('EXISTS', 'There is a configuration of this name: nothing is overwritten', {
          meta: { file: target },
          cause,
        });
      }
      process.stdout.write(
        `\nWritten to ${target}. Next:\n  gavel check-config --config ${target}\n  gavel doctor --config ${target}\n`,
      );
    });
}

async function askAll(given: string | undefined): Promise<Record<string, unknown>> {
  const { checkbox, confirm, input } = await import('@inquirer/prompts');
  const roles = await checkbox<Role>({ message: 'Roles of this node', choices: [...ROLES], required: true });
  const source = given ?? (await input({ message: 'Configuration of the network (file)', required: true }));
  const network = await readNetwork(source);
  const dataDir = await input({ message: 'Data directory', default: './data' });
  const api = await confirm({ message: 'Serve status and metrics on 127.0.0.1:9750?', default: true });
  const sections: Record<string, unknown> = {};
  for (const role of ['solver', 'keeper', 'auctioneer'] as const) {
    if (roles.includes(role)) sections[role] = { key: await askKey(role) };
  }
  if (roles.includes('solver')) {
    const account = await askAddress('Bonded account of the solver');
    const payout = await askAddress('Payout: where collateral goes', account);
    const strategy = await input({ message: 'Strategy module', default: './strategy.ts' });
    sections.solver = { ...(sections.solver as object), account, payout, strategy };
  }
  return { ...network, dataDir, roles, ...(api ? { api: {} } : {}), ...sections };
}

async function readNetwork(file: string): Promise<Record<string, unknown>> {
  const { readYaml } = await import('../../config/read-yaml.ts');
  const { tree, faults } = await readYaml(file);
  if (faults.length > 0 || tree.chains === undefined) {
    throw new CliError('BAD_ARGUMENT', 'Expected a node’s configuration with chains and markets', {
      meta: { file },
    });
  }
  const { network, chains, markets, p2p } = tree as { [key: string]: unknown; p2p?: { bootstrap?: unknown } };
  return { network, p2p: { bootstrap: p2p?.bootstrap ?? [] }, chains, markets };
}

async function askKey(role: Role): Promise<Record<string, string>> {
  const { input, select } = await import('@inquirer/prompts');
  const kind = await select({
    message: `Where will the ${role}’s key be?`,
    choices: [
      { value: 'keystore', name: 'encrypted keystore (gavel keys new)' },
      { value: 'env', name: 'environment variable' },
      { value: 'file', name: 'file' },
    ],
  });
  if (kind === 'env')
    return { env: await input({ message: 'Variable', default: `${role.toUpperCase()}_KEY` }) };
  if (kind === 'file') return { file: await input({ message: 'File', default: `./${role}.key` }) };
  return {
    keystore: await input({ message: 'Keystore', default: `./${role}.json` }),
    passwordFile: await input({ message: 'File with its password', default: `./${role}.password` }),
  };
}

async function askAddress(message: string, usual?: string): Promise<string> {
  const [{ input }, { addressProblem }] = await Promise.all([
    import('@inquirer/prompts'),
    import('@gavel/protocol'),
  ]);
  return input({
    message,
    ...(usual === undefined ? {} : { default: usual }),
    validate: (value) => addressProblem(value) ?? true,
  });
}

#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { VERSION } from '../version.ts';
import { addBond } from './commands/bond.ts';
import { addCheckConfig } from './commands/check-config.ts';
import { addCompletion } from './commands/completion.ts';
import { addDoctor } from './commands/doctor.ts';
import { addExport } from './commands/export.ts';
import { addInit } from './commands/init.ts';
import { addKeys } from './commands/keys.ts';
import { addListings } from './commands/listings.ts';
import { addRepair } from './commands/repair.ts';
import { addStart } from './commands/start.ts';
import { addSwitch } from './commands/switch.ts';
import { EXIT } from './exit-codes.ts';

const INTRODUCTION = `Run a node of the Gavel network, which liquidates loans by auction across chains.

A node plays any mix of roles, chosen in its configuration:
  watcher     sees unhealthy loans and announces them as intents
  solver      answers intents with signed quotes, and pays when it wins
  auctioneer  ranks quotes and signs awards
  keeper      lands awards, carries reports and verdicts, returns surplus`;

const LEARN_MORE = `
A first configuration, node.yaml:
  network: devnet
  dataDir: ./data
  roles: [watcher]
  p2p: { listen: [/ip4/0.0.0.0/tcp/9740], bootstrap: [/dns4/…/tcp/9740/p2p/…] }
  chains:
    alpha:
      { chainId: 31337, domain: 1001, rpc: [http://127.0.0.1:8545],
        contracts: { collateralEscrow: 0x…, repaymentEscrow: 0x…, bonds: 0x…, registry: 0x…, mailbox: 0x… } }
  markets:
    - { id: aave-alpha, chain: alpha, protocol: aave-v3, source: 0x… }

Then:
  $ gavel init node.yaml                     asks, and writes a configuration
  $ gavel check-config --config node.yaml    every fault at once, nothing started
  $ gavel doctor --config node.yaml          chains, keys, bond, peers: what is missing and what to do
  $ gavel start --config node.yaml           runs until Ctrl-C; --dry-run bids on paper
  $ gavel quotes --config node.yaml          what the running node does (orders, auctions, inventory, …)

Settings come from the file, then from the environment (GAVEL_LOG__LEVEL=debug sets log.level),
then from flags. Keys are referred to, never written: key: { env: NAME }, { file: PATH }, or { keystore: PATH, passwordFile: PATH }.

Exit codes: 0 stopped cleanly, 1 failed while running, 2 used or configured wrongly, 3 data directory in use, full or
failing, 4 records damaged or of a newer version (gavel repair).`;

/** Builds the command line. */
export function createProgram(): Command {
  const program = new Command('gavel')
    .description(INTRODUCTION)
    .version(VERSION)
    .addHelpText('after', LEARN_MORE)
    .showHelpAfterError('(gavel --help explains)')
    .configureHelp({ showGlobalOptions: true })
    .exitOverride();
  addInit(program);
  addKeys(program);
  addCheckConfig(program);
  addDoctor(program);
  addBond(program);
  addStart(program);
  addSwitch(program);
  addListings(program);
  addExport(program);
  addRepair(program);
  addCompletion(program);
  teach(program);
  return program;
}

/** Lets every command, however deep, explain itself when it is misused. */
function teach(command: Command): void {
  for (const child of command.commands) {
    child.exitOverride().showHelpAfterError('(add --help for an explanation)');
    teach(child);
  }
}

/**
 * Ends the process without a word once the reader of its output has gone, as `head` goes when it has enough.
 * Commands print after what they do, so nothing is cut short.
 */
function endWithReader(): void {
  const isGone = (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  };
  process.stderr.on('error', isGone);
  process.stdout.on('error', (error) => {
    isGone(error);
    process.exit(process.exitCode ?? EXIT.ok);
  });
}

async function main(): Promise<void> {
  endWithReader();
  try {
    await createProgram().parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has said what there is to say; asking for help is no misuse.
      process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
      return;
    }
    const { explain } = await import('./explain.ts');
    const { text, code } = explain(error);
    process.stderr.write(`${text}\n`);
    process.exitCode = code;
  }
}

if (import.meta.main) await main();

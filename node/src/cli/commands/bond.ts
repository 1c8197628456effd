import type { Command } from 'commander';
import type { AccountOptions, AccountReach } from '../account.ts';
import { configOption } from '../options.ts';

type Actions = typeof import('../bond.ts');

/** Adds `gavel bond`: what secures a solver's quotes, and who may sign and be paid for it. */
export function addBond(program: Command): void {
  const bond = program
    .command('bond')
    .summary('show and change the solver’s bond, keys and payouts')
    .description(
      `Show and change what the solver's account has in SolverBonds of a home chain: its bond, the keys that may sign its
quotes, the addresses its collateral may go to. A new key, a new payout and a withdrawal wait for the contract's delay.

Changes are the account's to make. If the node's own key is another, give the account's by --key-env, --key-file or
--keystore; an account that is a multisig makes the same calls by its own means.`,
    );
  ofAccount(bond.command('show'))
    .summary('bonds, keys and payouts on every home chain')
    .option('--json', 'print JSON instead of a table')
    .action((options: AccountOptions & { json?: boolean }) =>
      reach(options, (bond, parts) => bond.show(parts, options)),
    );
  signed(bond.command('deposit <amount>'))
    .summary('add to the bond, in whole tokens')
    .action((amount: string, options: AccountOptions) =>
      reach(options, (bond, parts) => bond.deposit(parts, amount)),
    );
  signed(bond.command('withdraw [amount]'))
    .summary('ask for a withdrawal in whole tokens; without an amount, collect the one that is due')
    .option('--to <address>', 'who gets it; the account unless given')
    .action((amount: string | undefined, options: AccountOptions & { to?: string }) =>
      reach(options, (bond, parts) => bond.withdraw(parts, amount, options.to)),
    );
  signed(bond.command('add-key <address>'))
    .summary('let a key sign quotes, after the delay')
    .action((address: string, options: AccountOptions) =>
      reach(options, (bond, parts) => bond.register(parts, 'addKey', address)),
    );
  signed(bond.command('add-payout <address>'))
    .summary('let collateral go to an address, after the delay')
    .action((address: string, options: AccountOptions) =>
      reach(options, (bond, parts) => bond.register(parts, 'addPayout', address)),
    );
}

function ofAccount(command: Command): Command {
  return configOption(command)
    .option('--chain <name>', 'home chain; may be left out if there is one')
    .option('--token <address>', 'bond token, the debt it secures; may be left out if there is one');
}

function signed(command: Command): Command {
  return ofAccount(command)
    .option('--key-env <name>', 'environment variable with the account’s key')
    .option('--key-file <file>', 'file with the account’s key')
    .option('--keystore <file>', 'encrypted keystore of the account')
    .option('--password-file <file>', 'file with the keystore’s password')
    .option('--password-env <name>', 'environment variable with the keystore’s password');
}

async function reach(
  options: AccountOptions,
  act: (bond: Actions, parts: AccountReach) => Promise<void>,
): Promise<void> {
  // Imported late, so that help is instant.
  const [{ reachAccount }, actions] = await Promise.all([import('../account.ts'), import('../bond.ts')]);
  const parts = await reachAccount(options);
  try {
    await act(actions, parts);
  } finally {
    await parts.close();
  }
}

import { solverBondsAbi } from '@gavel/abi';
import type { Command } from 'commander';
import { erc20Abi, formatUnits, type TransactionReceipt } from 'viem';
import type { AccountOptions, AccountReach, Money } from '../account.ts';
import { configOption } from '../options.ts';

/** Add `gavel bond`: what secures a solver's quotes, and who may sign and be paid for it. */
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
      reach(options, (parts) => show(parts, options)),
    );
  signed(bond.command('deposit <amount>'))
    .summary('add to the bond, in whole tokens')
    .action((amount: string, options: AccountOptions) => reach(options, (parts) => deposit(parts, amount)));
  signed(bond.command('withdraw [amount]'))
    .summary('ask for a withdrawal in whole tokens; without an amount, collect the one that is due')
    .option('--to <address>', 'who gets it; the account unless given')
    .action((amount: string | undefined, options: AccountOptions & { to?: string }) =>
      reach(options, (parts) => withdraw(parts, amount, options.to)),
    );
  signed(bond.command('add-key <address>'))
    .summary('let a key sign quotes, after the delay')
    .action((address: string, options: AccountOptions) =>
      reach(options, (parts) => register(parts, 'addKey', address)),
    );
  signed(bond.command('add-payout <address>'))
    .summary('let collateral go to an address, after the delay')
    .action((address: string, options: AccountOptions) =>
      reach(options, (parts) => register(parts, 'addPayout', address)),
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

async function reach(options: AccountOptions, act: (parts: AccountReach) => Promise<void>): Promise<void> {
  const { reachAccount } = await import('../account.ts');
  const parts = await reachAccount(options);
  try {
    await act(parts);
  } finally {
    await parts.close();
  }
}

async function show(parts: AccountReach, options: AccountOptions & { json?: boolean }): Promise<void> {
  const { account, payout } = parts;
  const wanted = options.chain === undefined ? parts.chains : [parts.chain()];
  const rows = await Promise.all(
    wanted.map(async (chain) => {
      const bonds = { address: chain.contracts.bonds, abi: solverBondsAbi } as const;
      const { client } = chain;
      const [tokens, delay, { timestamp }] = await Promise.all([
        parts.tokensOf(chain),
        client.readContract({ ...bonds, functionName: 'delay' }),
        client.getBlock(),
      ]);
      const quoteBy = timestamp * 1_000n;
      const paid = await client.readContract({
        ...bonds,
        functionName: 'isPayout',
        args: [account, payout, quoteBy],
      });
      return Promise.all(
        tokens.map(async ({ address, symbol, decimals }) => {
          const args = [account, address] as const;
          const [balance, locked, quotable, [asked, readyAt]] = await Promise.all([
            client.readContract({ ...bonds, functionName: 'balanceOf', args }),
            client.readContract({ ...bonds, functionName: 'lockedOf', args }),
            client.readContract({ ...bonds, functionName: 'quotableOf', args }),
            client.readContract({ ...bonds, functionName: 'withdrawals', args }),
          ]);
          return {
            chain: chain.name,
            account,
            token: symbol,
            balance: formatUnits(balance, decimals),
            locked: formatUnits(locked, decimals),
            free: formatUnits(balance - locked, decimals),
            quotable: formatUnits(quotable, decimals),
            withdrawal: asked === 0n ? '-' : `${formatUnits(asked, decimals)}, ${when(readyAt, timestamp)}`,
            payoutRegistered: paid,
            delaySeconds: Number(delay),
          };
        }),
      );
    }),
  );
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify(rows.flat(), null, 2)}\n`);
    return;
  }
  const { layOut } = await import('../table.ts');
  process.stdout.write(`Account ${account}, payout ${payout}\n\n`);
  process.stdout.write(
    layOut(
      rows.flat(),
      [
        { head: 'chain', of: ({ chain }) => chain },
        { head: 'token', of: ({ token }) => token },
        { head: 'bond', of: ({ balance }) => balance, right: true },
        { head: 'locked', of: ({ locked }) => locked, right: true },
        { head: 'free', of: ({ free }) => free, right: true },
        { head: 'quotable', of: ({ quotable }) => quotable, right: true },
        { head: 'withdrawal', of: ({ withdrawal }) => withdrawal },
        {
          head: 'payout',
          of: ({ payoutRegistered }) => (payoutRegistered ? 'registered' : 'not registered'),
        },
        { head: 'delay', of: ({ delaySeconds }) => `${delaySeconds} s`, right: true },
      ],
      'No market of this configuration has a debt token yet.',
    ),
  );
}

async function deposit(parts: AccountReach, text: string): Promise<void> {
  const { amountIn } = await import('../account.ts');
  const chain = parts.chain();
  const [token, sender] = [await parts.token(), await parts.sender()];
  const amount = amountIn(text, token);
  const { bonds } = chain.contracts;
  await sender.send({ to: token.address, abi: erc20Abi, functionName: 'approve', args: [bonds, amount] });
  const args = [parts.account, token.address, amount] as const;
  const receipt = await sender.send({ to: bonds, abi: solverBondsAbi, functionName: 'deposit', args });
  say(`Added ${sum(amount, token)} to the bond on ${chain.name}`, receipt);
}

async function withdraw(
  parts: AccountReach,
  text: string | undefined,
  to: string | undefined,
): Promise<void> {
  const { addressIn, amountIn } = await import('../account.ts');
  const { name, contracts } = parts.chain();
  const [token, sender] = [await parts.token(), await parts.sender()];
  const call = { to: contracts.bonds, abi: solverBondsAbi } as const;
  if (text !== undefined) {
    const amount = amountIn(text, token);
    const args = [token.address, amount] as const;
    const receipt = await sender.send({ ...call, functionName: 'requestWithdrawal', args });
    say(
      `Asked for ${sum(amount, token)} of ${name}. Within a day after the delay: gavel bond withdraw --chain ${name}`,
      receipt,
    );
    return;
  }
  const receiver = to === undefined ? parts.account : addressIn(to, '--to');
  const receipt = await sender.send({ ...call, functionName: 'withdraw', args: [token.address, receiver] });
  say(`The withdrawal of ${name} went to ${receiver}`, receipt);
}

async function register(
  parts: AccountReach,
  functionName: 'addKey' | 'addPayout',
  text: string,
): Promise<void> {
  const { addressIn } = await import('../account.ts');
  const address = addressIn(text, 'the argument');
  const { name, contracts } = parts.chain();
  const sender = await parts.sender();
  const receipt = await sender.send({
    to: contracts.bonds,
    abi: solverBondsAbi,
    functionName,
    args: [address],
  });
  say(`${address} is registered on ${name}, and counts after the delay`, receipt);
}

function say(text: string, { transactionHash }: TransactionReceipt): void {
  process.stdout.write(`${text}\n  ${transactionHash}\n`);
}

function sum(amount: bigint, { symbol, decimals }: Money): string {
  return `${formatUnits(amount, decimals)} ${symbol}`;
}

function when(readyAt: bigint, timestamp: bigint): string {
  return readyAt <= timestamp ? 'due' : `due in ${readyAt - timestamp} s`;
}

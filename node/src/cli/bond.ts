import { solverBondsAbi } from '@gavel/abi';
import { type Seconds, toMs } from '@gavel/protocol';
import { formatUnits, type TransactionReceipt } from 'viem';
import type { TokenFacts } from '../chain/tokens.ts';
import { approveExactly } from '../solver/pay/allowance.ts';
import { type AccountOptions, type AccountReach, addressIn, amountIn } from './account.ts';
import { layOut } from './table.ts';

/** Prints the bonds, the keys and the payouts of the account on its home chains. */
export async function show(parts: AccountReach, options: AccountOptions & { json?: boolean }): Promise<void> {
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
      const quoteBy = toMs(timestamp);
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
          of: ({ payoutRegistered }) => (payoutRegistered ? 'registered' : 'not registered, or not yet'),
        },
        { head: 'delay', of: ({ delaySeconds }) => `${delaySeconds} s`, right: true },
      ],
      'No market of this configuration has a debt token yet.',
    ),
  );
}

/** Adds whole tokens to the bond. */
export async function deposit(parts: AccountReach, text: string): Promise<void> {
  const chain = parts.chain();
  const [token, sender] = [await parts.token(), await parts.sender()];
  const amount = amountIn(text, token);
  const { bonds } = chain.contracts;
  await approveExactly(chain, sender, { token: token.address, spender: bonds, amount });
  const args = [parts.account, token.address, amount] as const;
  const receipt = await sender.send({ to: bonds, abi: solverBondsAbi, functionName: 'deposit', args });
  say(`Added ${sum(amount, token)} to the bond on ${chain.name}`, receipt);
}

/** Requests a withdrawal of whole tokens, or collects the one that is due if no amount is given. */
export async function withdraw(
  parts: AccountReach,
  text: string | undefined,
  to: string | undefined,
): Promise<void> {
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

/** Registers a key or a payout of the account. */
export async function register(
  parts: AccountReach,
  functionName: 'addKey' | 'addPayout',
  text: string,
): Promise<void> {
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

function sum(amount: bigint, { symbol, decimals }: TokenFacts): string {
  return `${formatUnits(amount, decimals)} ${symbol}`;
}

function when(readyAt: bigint, timestamp: Seconds): string {
  return readyAt <= timestamp ? 'due' : `due in ${readyAt - timestamp} s`;
}

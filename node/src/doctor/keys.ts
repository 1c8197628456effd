import { marketRegistryAbi, solverBondsAbi } from '@gavel/abi';
import { addressOfKey, marketId, sameAddress, toMs } from '@gavel/protocol';
import { type Address, formatEther, formatUnits } from 'viem';
import type { Chain } from '../chain/client.ts';
import { allowanceOf, describeToken } from '../chain/erc20.ts';
import type { Config } from '../config/schema.ts';
import { readKey } from '../config/secrets.ts';
import { debtTokensOf } from '../solver/pay/allowance.ts';
import { examine, type Finding } from './finding.ts';

type Chains = ReadonlyMap<string, Chain>;

/** Checks the keys of the roles: that they open, that they can pay for gas, and that the chain knows them. */
export async function examineKeys(config: Config, chains: Chains): Promise<Finding[]> {
  const { roles, solver, auctioneer, keeper } = config;
  const findings: Promise<Finding[]>[] = [];
  if (solver !== undefined && roles.includes('solver')) {
    const key = await readKey(solver.key);
    findings.push(
      examineGas('solver', addressOfKey(key), chains),
      examineSolver(config, addressOfKey(key), chains),
    );
  }
  if (keeper !== undefined && roles.includes('keeper')) {
    findings.push(examineGas('keeper', addressOfKey(await readKey(keeper.key)), chains));
  }
  if (auctioneer !== undefined && roles.includes('auctioneer')) {
    findings.push(examineAuctioneer(config, addressOfKey(await readKey(auctioneer.key)), chains));
  }
  return (await Promise.all(findings)).flat();
}

function examineGas(role: string, address: Address, chains: Chains): Promise<Finding[]> {
  return Promise.all(
    [...chains.values()].map((chain) =>
      examine(role, `gas on ${chain.name}`, 'Its balance cannot be read: see the chain', async () => {
        const balance = await chain.client.getBalance({ address });
        const found = `${formatEther(balance)} on ${address}`;
        if (balance > 0n) return found;
        return { status: 'fail', found, next: `Send native currency of ${chain.name} to ${address}` };
      }),
    ),
  );
}

async function examineSolver(config: Config, key: Address, chains: Chains): Promise<Finding[]> {
  const { solver, markets } = config;
  if (solver === undefined) return [];
  const homes = [...new Set(markets.map(({ chain }) => chain))].flatMap((name) => chains.get(name) ?? []);
  const { account, payout } = solver;
  const found = homes.map(async (chain): Promise<Finding[]> => {
    const { client, contracts, name } = chain;
    const bonds = { address: contracts.bonds, abi: solverBondsAbi } as const;
    const subject = `solver on ${name}`;
    const registered = (kind: 'isKey' | 'isPayout', what: string, address: Address, command: string) =>
      examine(subject, what, 'The bonds contract does not answer: see the chain', async () => {
        const { timestamp } = await client.getBlock();
        const args = [account, address, toMs(timestamp)] as const;
        if (await client.readContract({ ...bonds, functionName: kind, args }))
          return `${address} is registered`;
        const missing = `${address} is not registered for ${account}, or not yet`;
        return {
          status: 'fail',
          found: missing,
          next: `gavel bond ${command} ${address} --chain ${name}, then wait`,
        };
      });
    const debts = await debtsOf(config, chain);
    return Promise.all([
      registered('isKey', 'key', key, 'add-key'),
      registered('isPayout', 'payout', payout, 'add-payout'),
      ...debts.map((token) => examineBond(subject, chain, token, account)),
      ...(sameAddress(account, key)
        ? []
        : debts.map((token) => examineAllowance(subject, chain, token, account))),
    ]);
  });
  const settled = await Promise.allSettled(found);
  return settled.flatMap((result, index): Finding[] => {
    if (result.status === 'fulfilled') return result.value;
    const subject = `solver on ${homes[index]?.name}`;
    return [
      {
        subject,
        check: 'account',
        status: 'fail',
        found: 'the chain does not answer',
        next: 'See the chain',
      },
    ];
  });
}

function examineBond(subject: string, chain: Chain, token: Address, account: Address): Promise<Finding> {
  return examine(subject, 'bond', 'The bonds contract does not answer: see the chain', async () => {
    const bonds = { address: chain.contracts.bonds, abi: solverBondsAbi } as const;
    const { symbol, decimals } = await describeToken(chain.client, token);
    const args = [account, token] as const;
    const [free, quotable] = await Promise.all([
      chain.client.readContract({ ...bonds, functionName: 'freeOf', args }),
      chain.client.readContract({ ...bonds, functionName: 'quotableOf', args }),
    ]);
    const found = `${formatUnits(free, decimals)} ${symbol} free`;
    if (free === 0n) {
      const next = `Bids need one, local ones too: gavel bond deposit AMOUNT --token ${token} --chain ${chain.name}`;
      return { status: 'warn', found, next };
    }
    if (quotable === free) return found;
    return {
      status: 'warn',
      found: `${found}, ${formatUnits(quotable, decimals)} quotable: a withdrawal falls due`,
      next: 'Bids count on no more than that until it is collected, or a day after it could have been',
    };
  });
}

function examineAllowance(subject: string, chain: Chain, token: Address, account: Address): Promise<Finding> {
  return examine(subject, 'allowance', 'The token does not answer: see the chain', async () => {
    const { symbol, decimals } = await describeToken(chain.client, token);
    const escrow = chain.contracts.collateralEscrow;
    const allowance = await allowanceOf(chain.client, token, account, escrow);
    const found = `${formatUnits(allowance, decimals)} ${symbol} for the escrow`;
    if (allowance > 0n) return found;
    return {
      status: 'warn',
      found,
      next: `Local bids need it: let ${account} approve ${escrow} for ${token}`,
    };
  });
}

function examineAuctioneer({ markets }: Config, key: Address, chains: Chains): Promise<Finding[]> {
  return Promise.all(
    markets.flatMap(({ id, chain: name }) => {
      const chain = chains.get(name);
      if (chain === undefined) return [];
      return [
        examine('auctioneer', `seat in ${id}`, 'The registry does not answer: see the chain', async () => {
          const [members] = await chain.client.readContract({
            address: chain.contracts.registry,
            abi: marketRegistryAbi,
            functionName: 'auctioneers',
            args: [marketId(id)],
          });
          if (members.some((member) => sameAddress(member, key))) return `${key} is one of ${members.length}`;
          return {
            status: 'warn',
            found: `${key} is none of ${members.length}`,
            next: 'Its votes in this market count for nothing',
          };
        }),
      ];
    }),
  );
}

async function debtsOf({ markets }: Config, chain: Chain): Promise<Address[]> {
  const served = markets.filter((market) => market.chain === chain.name);
  const tokens = await Promise.all(served.map(({ id }) => debtTokensOf(chain, marketId(id))));
  return [...new Set(tokens.flat())];
}

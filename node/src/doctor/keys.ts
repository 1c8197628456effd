import { marketRegistryAbi, solverBondsAbi } from '@gavel/abi';
import { addressOfKey, marketId, sameAddress, toMs } from '@gavel/protocol';
import { type Address, formatEther, formatUnits } from 'viem';
import { debtTokensOf } from '../auction/debt-tokens.ts';
import type { Chain } from '../chain/client.ts';
import { allowanceOf } from '../chain/erc20.ts';
import { describeToken } from '../chain/tokens.ts';
import type { Config, Role, SecretRef } from '../config/schema.ts';
import { readKey } from '../config/secrets.ts';
import { type CauseOf, examine, type Finding } from './finding.ts';

type Chains = ReadonlyMap<string, Chain>;

/** What is known of the chains already: the cause of other failures. */
type Known = {
  readonly causeOf: CauseOf;
  /** What was found of each market. */
  readonly markets: readonly Finding[];
};

/** Checks the keys of the roles: that they open, that they can pay for gas, and that the chain knows them. */
export async function examineKeys(config: Config, chains: Chains, known: Known): Promise<Finding[]> {
  const { roles, solver, auctioneer, keeper } = config;
  const keyOf = async (role: Role, section: { readonly key: SecretRef } | undefined) =>
    section === undefined || !roles.includes(role) ? undefined : addressOfKey(await readKey(section.key));
  const [asSolver, asKeeper, asAuctioneer] = await Promise.all([
    keyOf('solver', solver),
    keyOf('keeper', keeper),
    keyOf('auctioneer', auctioneer),
  ]);
  const payers = [
    ...(asSolver === undefined ? [] : [{ role: 'solver', address: asSolver }]),
    ...(asKeeper === undefined ? [] : [{ role: 'keeper', address: asKeeper }]),
  ];
  const findings = await Promise.all([
    // Roles may share a key, and then its balance.
    ...[...Map.groupBy(payers, ({ address }) => address)].map(([address, same]) =>
      examineGas(same.map(({ role }) => role).join(', '), address, chains, known),
    ),
    ...(asSolver === undefined ? [] : [examineSolver(config, asSolver, chains, known)]),
    ...(asAuctioneer === undefined ? [] : [examineAuctioneer(config, asAuctioneer, chains, known)]),
  ]);
  return findings.flat();
}

function examineGas(role: string, address: Address, chains: Chains, { causeOf }: Known): Promise<Finding[]> {
  return Promise.all(
    [...chains.values()].map((chain) =>
      examine(
        role,
        `gas on ${chain.name}`,
        'Its balance cannot be read: see the chain',
        async () => {
          const balance = await chain.client.getBalance({ address });
          const found = `${formatEther(balance)} on ${address}`;
          if (balance > 0n) return found;
          return { status: 'fail', found, next: `Send native currency of ${chain.name} to ${address}` };
        },
        causeOf(chain.name),
      ),
    ),
  );
}

async function examineSolver(
  config: Config,
  key: Address,
  chains: Chains,
  { causeOf, markets: examined }: Known,
): Promise<Finding[]> {
  const { solver, markets } = config;
  if (solver === undefined) return [];
  const homes = [...new Set(markets.map(({ chain }) => chain))].flatMap((name) => chains.get(name) ?? []);
  const { account, payout } = solver;
  const found = homes.map(async (chain): Promise<Finding[]> => {
    const { client, contracts, name } = chain;
    const bonds = { address: contracts.bonds, abi: solverBondsAbi } as const;
    const subject = `solver on ${name}`;
    const noBonds = causeOf(name, 'bonds');
    const registered = (kind: 'isKey' | 'isPayout', what: string, address: Address, command: string) =>
      examine(
        subject,
        what,
        'The bonds contract does not answer: see the chain',
        async () => {
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
        },
        noBonds,
      );
    const debts = await debtsOf(
      markets.filter(({ id }) => failureOf(id, examined) === undefined),
      chain,
    );
    return Promise.all([
      registered('isKey', 'key', key, 'add-key'),
      registered('isPayout', 'payout', payout, 'add-payout'),
      ...debts.map((token) => examineBond(subject, chain, token, account, noBonds)),
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

function examineBond(
  subject: string,
  chain: Chain,
  token: Address,
  account: Address,
  cause: Finding | undefined,
): Promise<Finding> {
  const next = 'The bonds contract does not answer: see the chain';
  const run = async () => {
    const bonds = { address: chain.contracts.bonds, abi: solverBondsAbi } as const;
    const { symbol, decimals } = await describeToken(chain, token);
    const args = [account, token] as const;
    const [free, quotable] = await Promise.all([
      chain.client.readContract({ ...bonds, functionName: 'freeOf', args }),
      chain.client.readContract({ ...bonds, functionName: 'quotableOf', args }),
    ]);
    const found = `${formatUnits(free, decimals)} ${symbol} free`;
    if (free === 0n) {
      const next = `Bids need one, local ones too: gavel bond deposit AMOUNT --token ${token} --chain ${chain.name}`;
      return { status: 'warn', found, next } as const;
    }
    if (quotable === free) return found;
    return {
      status: 'warn',
      found: `${found}, ${formatUnits(quotable, decimals)} quotable: a withdrawal falls due`,
      next: 'Bids count on no more than that until it is collected, or a day after it could have been',
    } as const;
  };
  return examine(subject, 'bond', next, run, cause);
}

function examineAllowance(subject: string, chain: Chain, token: Address, account: Address): Promise<Finding> {
  return examine(subject, 'allowance', 'The token does not answer: see the chain', async () => {
    const { symbol, decimals } = await describeToken(chain, token);
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

function examineAuctioneer(
  { markets }: Config,
  key: Address,
  chains: Chains,
  { markets: examined }: Known,
): Promise<Finding[]> {
  return Promise.all(
    markets.flatMap(({ id, chain: name }) => {
      const chain = chains.get(name);
      if (chain === undefined) return [];
      const next = 'The registry does not answer: see the chain';
      const run = async () => {
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
        } as const;
      };
      return [examine('auctioneer', `seat in ${id}`, next, run, failureOf(id, examined))];
    }),
  );
}

function failureOf(market: string, examined: readonly Finding[]): Finding | undefined {
  const hasFailed = ({ status }: Finding) => status === 'fail' || status === 'follows';
  return examined.find((found) => found.subject === `market ${market}` && hasFailed(found));
}

async function debtsOf(markets: Config['markets'], chain: Chain): Promise<Address[]> {
  const served = markets.filter((market) => market.chain === chain.name);
  const tokens = await Promise.all(served.map(({ id }) => debtTokensOf(chain, marketId(id))));
  return [...new Set(tokens.flat())];
}

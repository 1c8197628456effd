import { type Address, getAddress } from 'viem';
import { type DevAccount, devAccount } from '../accounts.ts';
import type { Network } from '../network.ts';
import { ACCOUNTS_OF } from '../plan.ts';
import { tokenAbi } from '../tokens.ts';

/** One token on one chain. */
export interface TrackedToken {
  readonly chain: string;
  readonly address: Address;
  readonly symbol: string;
  readonly decimals: number;
}

/** Balances in token units, by `chain:token:holder`, and the supply of every token. */
export interface Snapshot {
  readonly balances: ReadonlyMap<string, bigint>;
  readonly supplies: ReadonlyMap<string, bigint>;
}

/** A holder with a name people understand. */
export interface Holder {
  readonly name: string;
  readonly address: Address;
}

/** Lists every token that moves in the network, once. */
export function trackedTokens(network: Network): TrackedToken[] {
  const dollars = [...network.sites].map(([chain, { dollar }]) => ({ ...dollar, chain }));
  const collaterals = network.markets.flatMap(({ home, collaterals }) =>
    Object.values(collaterals).map((token) => ({ ...token, chain: home })),
  );
  const all = [...dollars, ...collaterals];
  return [...new Map(all.map((token) => [`${token.chain}:${getAddress(token.address)}`, token])).values()];
}

/** Lists every account that may hold any of them on a chain. */
export function holdersOn(network: Network, chain: string): Holder[] {
  const { solvers, people, loans } = network.plan;
  const site = network.sites.get(chain);
  const markets = network.markets.filter(({ home }) => home === chain);
  const named = (name: string, { address }: DevAccount): Holder => ({ name, address });
  const all: Holder[] = [
    ...(site
      ? [
          { name: 'CollateralEscrow', address: site.gavel.collateralEscrow },
          { name: 'RepaymentEscrow', address: site.gavel.repaymentEscrow },
          { name: 'SolverBonds', address: site.gavel.bonds },
        ]
      : []),
    ...markets.flatMap(({ vault, adapter, custody, id }) => [
      { name: `vault of ${id}`, address: vault },
      { name: `adapter of ${id}`, address: adapter },
      ...custody.map(({ holder }) => ({ name: `lending market ${id}`, address: holder })),
    ]),
    named('lending treasury', ACCOUNTS_OF.protocolTreasury),
    named('vault treasury', ACCOUNTS_OF.vaultTreasury),
    named('lender', ACCOUNTS_OF.lender),
    named('token owner', ACCOUNTS_OF.lending),
    ...ACCOUNTS_OF.keepers.map((keeper, at) => named(`keeper ${at + 1}`, keeper)),
    ...[...solvers, ...people].map((person) => named(person.name, devAccount(person.account))),
    ...[...loans.alpha, ...loans.beta].map(({ account }) =>
      named(`borrower ${account}`, devAccount(account)),
    ),
  ];
  // Of several names for one address the first stands: markets share vaults and custody.
  return [
    ...new Map(all.toReversed().map((holder) => [getAddress(holder.address), holder])).values(),
  ].toReversed();
}

/** Key of a balance. */
export function balanceKey(chain: string, token: Address, holder: Address): string {
  return `${chain}:${getAddress(token)}:${getAddress(holder)}`;
}

/** Reads all balances at one block of each chain: the newest. */
export async function snapshot(network: Network): Promise<Snapshot> {
  const balances = new Map<string, bigint>();
  const supplies = new Map<string, bigint>();
  await Promise.all(
    [...network.sites].map(async ([name, { chain }]) => {
      const blockNumber = await chain.publicClient.getBlockNumber();
      const tokens = trackedTokens(network).filter((token) => token.chain === name);
      await Promise.all(
        tokens.flatMap(({ address }) => [
          chain.publicClient
            .readContract({ address, abi: tokenAbi, functionName: 'totalSupply', blockNumber })
            .then((supply) => supplies.set(`${name}:${getAddress(address)}`, supply)),
          ...holdersOn(network, name).map((holder) =>
            chain.publicClient
              .readContract({
                address,
                abi: tokenAbi,
                functionName: 'balanceOf',
                args: [holder.address],
                blockNumber,
              })
              .then((amount) => balances.set(balanceKey(name, address, holder.address), amount)),
          ),
        ]),
      );
    }),
  );
  return { balances, supplies };
}

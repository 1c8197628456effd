import { type Address, getAddress, isAddress } from 'viem';
import { z } from 'zod';
import type { Argument, ChainConfig, Config, MarketConfig, RouteConfig } from './types.ts';

const MAPPING = 'expected `name: value` lines';

const text = z
  .union([z.string().min(1), z.number()], { error: 'expected text' })
  .transform((value) => String(value));

const integer = z.custom<number>((value) => Number.isSafeInteger(value) && Number(value) >= 0, {
  error: ({ input }) => `expected a whole number, got ${String(input)}`,
});

const address = z
  .custom<Address>((value) => typeof value === 'string' && isAddress(value), {
    error: ({ input }) =>
      `expected an address (0x and 40 hex digits, checksummed or lower case), got ${String(input)}`,
  })
  .transform((value) => getAddress(value));

const scalar = z.union([z.string(), z.number(), z.boolean()], { error: 'expected one value' });

const argument: z.ZodType<Argument> = z.lazy(() =>
  z.union([scalar, z.array(argument), z.record(z.string(), argument)], {
    error: 'expected a value, a list or a mapping of values',
  }),
);

/** A mapping of names to entries; nothing at all is an empty one. */
function named<T extends z.ZodType>(entry: T) {
  return z
    .record(z.string(), entry, { error: MAPPING })
    .nullish()
    .transform((value) => value ?? {});
}

function listOf<T extends z.ZodType>(entry: T) {
  return z.array(entry, { error: 'expected a list' });
}

function section<T extends z.ZodRawShape>(shape: T) {
  return z.strictObject(shape, { error: ({ code }) => (code === 'invalid_type' ? MAPPING : undefined) });
}

const route = z
  .object(
    { token: text, warpRoute: address.optional(), reimbursement: scalar.optional() },
    { error: MAPPING },
  )
  .catchall(scalar)
  .transform(
    ({ token, warpRoute, reimbursement, ...fields }): Omit<RouteConfig, 'payChain'> => ({
      token,
      fields,
      ...(reimbursement === undefined ? {} : { reimbursement }),
      ...(warpRoute === undefined ? {} : { warpRoute }),
    }),
  );

const debt = section({ amounts: named(scalar), routes: named(route) }).transform(({ amounts, routes }) => ({
  amounts,
  routes: Object.entries(routes).map(([payChain, parts]) => ({ payChain, ...parts })),
}));

const adapter = section({
  address: address.optional(),
  contract: text.optional(),
  arguments: named(argument),
}).transform(({ address, contract, arguments: args }, { addIssue }): MarketConfig['adapter'] => {
  if (address !== undefined && contract === undefined) return { address };
  if (contract !== undefined && address === undefined) return { contract, args };
  addIssue('expected either `address`, of an adapter that exists, or `contract`, the name of one to deploy');
  return z.NEVER;
});

const market = section({
  adapter,
  treasury: address,
  collaterals: listOf(text),
  auctioneers: listOf(address),
  threshold: integer,
  terms: named(scalar),
  debts: named(debt),
}).transform(({ debts, auctioneers, ...parts }) => ({
  ...parts,
  auctioneers: auctioneers.toSorted((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1)),
  debts: Object.entries(debts).map(([token, terms]) => ({ token, ...terms })),
}));

/** Returns the schema of a deployment's file. `$NAME` as a chain's `rpc` is taken from `env`. */
export function configSchema(env: Readonly<Record<string, string | undefined>>): z.ZodType<Config> {
  const rpc = text.transform((value, { addIssue }) => {
    const url = value.startsWith('$') ? env[value.slice(1)] : value;
    if (url !== undefined) return url;
    addIssue(`the environment has no ${value.slice(1)}`);
    return z.NEVER;
  });
  const chain = section({
    rpc,
    chainId: integer,
    domain: integer,
    mailbox: address,
    bondDelay: integer,
    securityModule: address.optional(),
    tokens: named(address),
    vaults: named(named(scalar)),
    markets: named(market),
  }).transform(
    ({ rpc: rpcUrl, vaults, markets, securityModule, ...parts }): Omit<ChainConfig, 'name'> => ({
      ...parts,
      rpcUrl,
      ...(securityModule === undefined ? {} : { securityModule }),
      vaults: Object.entries(vaults).map(([token, args]) => ({ token, args })),
      markets: Object.entries(markets).map(([id, rules]) => ({ id, ...rules })),
    }),
  );
  return section({
    salt: text,
    deployer: address,
    admin: address,
    guardian: address,
    delay: integer,
    chains: named(chain),
  }).transform(({ chains, ...parts }) => ({
    ...parts,
    chains: Object.entries(chains).map(([name, rest]) => ({ name, ...rest })),
  }));
}

/** Writes an issue as faults: where it is in the file, and what was expected there. */
export function faultsOf(issue: z.core.$ZodIssue): string[] {
  const path = issue.path.reduce<string>(
    (before, part) => (typeof part === 'number' ? `${before}[${part}]` : join(before, String(part))),
    '',
  );
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `${join(path, key)}: unknown setting`);
  return [`${path || 'file'}: ${issue.message}`];
}

function join(before: string, part: string): string {
  return before === '' ? part : `${before}.${part}`;
}

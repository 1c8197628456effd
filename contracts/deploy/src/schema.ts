import { type Address, getAddress, isAddress, parseGwei, zeroAddress } from 'viem';
import { z } from 'zod';
import {
  type Argument,
  type ChainConfig,
  type Config,
  type Governor,
  MAILBOX_DEFAULT,
  type MarketConfig,
  type RouteConfig,
} from './types.ts';
import { ADDRESS, show } from './values.ts';

const MAPPING = 'expected `name: value` lines';

const text = z
  .union([z.string().min(1), z.number()], { error: 'expected text' })
  .transform((value) => String(value));

/** A whole number from `least` to `most`. */
function integer(least: number, most: number) {
  return z.custom<number>(
    (value) => Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most,
    { error: ({ input }) => `expected a whole number from ${least} to ${most}, got ${show(input)}` },
  );
}

const UINT32 = 2 ** 32 - 1;

/** Seconds as the access manager counts delays, and as a person can wait for. */
const TEN_YEARS = 315_360_000;

const address = z
  .custom<Address>((value) => typeof value === 'string' && isAddress(value), {
    error: ({ input }) => `expected ${ADDRESS}, got ${show(input)}`,
  })
  .refine((value) => value !== zeroAddress, { error: 'expected an address that is not zero' })
  .transform((value) => getAddress(value));

/** An account that governs: an address, or a mapping that accepts an account without code. */
const governor = z.union(
  [
    address.transform((value): Governor => ({ address: value, withoutCode: false })),
    z
      .strictObject({ address, withoutCode: z.literal('accepted') })
      .transform((value): Governor => ({ address: value.address, withoutCode: true })),
  ],
  {
    error: ({ input }) =>
      `expected ${ADDRESS} other than zero, or { address: "0x…", withoutCode: accepted }, got ${show(input)}`,
  },
);

/** A fee of at most a million gwei, as wei. */
const gwei = z.union([z.string(), z.number()]).transform((value, { addIssue }) => {
  if (/^\d{1,7}(\.\d{1,9})?$/.test(String(value))) return parseGwei(String(value));
  addIssue(`expected gwei, such as 30 or 0.05, got ${show(value)}`);
  return z.NEVER;
});

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

const transactions = z
  .strictObject(
    {
      maxFeeGwei: gwei.optional(),
      maxPriorityFeeGwei: gwei.optional(),
      confirmations: integer(1, 1_000).default(1),
      replaceAfter: integer(1, 86_400).default(180),
    },
    { error: ({ code }) => (code === 'invalid_type' ? MAPPING : undefined) },
  )
  .prefault({})
  .transform(({ maxFeeGwei: maxFee, maxPriorityFeeGwei: maxPriorityFee, ...rest }) => ({
    ...rest,
    ...(maxFee === undefined ? {} : { maxFee }),
    ...(maxPriorityFee === undefined ? {} : { maxPriorityFee }),
  }));

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
  artifact: text.optional(),
  arguments: named(argument),
}).transform(({ address, contract, artifact, arguments: args }, { addIssue }): MarketConfig['adapter'] => {
  const given = [address, contract, artifact].filter((one) => one !== undefined);
  if (given.length !== 1) {
    addIssue(
      'expected one of `address`, of an adapter that exists, `contract`, the name of one of Gavel’s, and `artifact`, the file of one that forge compiled',
    );
    return z.NEVER;
  }
  if (address !== undefined) {
    if (Object.keys(args).length === 0) return { address };
    addIssue('expected no `arguments` beside `address`: that adapter exists already');
    return z.NEVER;
  }
  if (artifact === undefined) return { contract: contract ?? '', args };
  return { contract: artifact.replace(/^.*[\\/]/, '').replace(/\.json$/, ''), artifact, args };
});

const market = section({
  adapter,
  treasury: address,
  collaterals: listOf(text),
  auctioneers: listOf(address),
  threshold: integer(1, 16),
  terms: named(scalar),
  debts: named(debt),
}).transform(({ debts, auctioneers, ...parts }) => ({
  ...parts,
  auctioneers: auctioneers.toSorted((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1)),
  debts: Object.entries(debts).map(([token, terms]) => ({ token, ...terms })),
}));

const chain = section({
  rpc: text.refine((value) => /^https?:\/\/./.test(value), { error: 'expected a URL with http or https' }),
  chainId: integer(1, Number.MAX_SAFE_INTEGER),
  domain: integer(1, UINT32),
  mailbox: address,
  bondDelay: integer(1, TEN_YEARS),
  securityModule: z
    .union([z.literal(MAILBOX_DEFAULT), address], {
      error: ({ input }) => `expected ${ADDRESS}, or the words: ${MAILBOX_DEFAULT}; got ${show(input)}`,
    })
    .optional(),
  admin: governor.optional(),
  guardian: governor.optional(),
  transactions,
  tokens: named(address),
  vaults: named(named(scalar)),
  markets: named(market),
}).transform(({ rpc: rpcUrl, vaults, markets, ...parts }) => ({
  ...parts,
  rpcUrl,
  vaults: Object.entries(vaults).map(([token, args]) => ({ token, args })),
  markets: Object.entries(markets).map(([id, rules]) => ({ id, ...rules })),
}));

/** The schema of a deployment's file. */
export const configSchema: z.ZodType<Config> = section({
  salt: text,
  deployer: address,
  admin: governor.optional(),
  guardian: governor.optional(),
  delay: integer(1, TEN_YEARS),
  chains: named(chain),
}).transform(
  ({ chains, admin: everyAdmin, guardian: everyGuardian, ...parts }, { addIssue }): Config => ({
    ...parts,
    chains: Object.entries(chains).map(([name, { securityModule, ...rest }]): ChainConfig => {
      const [admin, guardian] = [rest.admin ?? everyAdmin, rest.guardian ?? everyGuardian];
      for (const [role, account] of Object.entries({ admin, guardian })) {
        if (account !== undefined) continue;
        const message = `expected ${ADDRESS}, here or at the top of the file for all chains`;
        addIssue({ code: 'custom', path: ['chains', name, role], message });
      }
      return {
        ...rest,
        name,
        admin: admin ?? NOT_GIVEN,
        guardian: guardian ?? NOT_GIVEN,
        ...(securityModule === undefined ? {} : { securityModule }),
      };
    }),
  }),
);

/** In place of an account whose absence is a fault of its own. */
const NOT_GIVEN: Governor = { address: zeroAddress, withoutCode: false };

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

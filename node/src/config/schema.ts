import { addressProblem } from '@gavel/protocol';
import { multiaddr } from '@multiformats/multiaddr';
import { type Address, getAddress, parseGwei, parseUnits } from 'viem';
import { z } from 'zod';
import { isPeerOrSubnet } from './peer-or-subnet.ts';

/** The roles a node can run, any mix in one process. */
export const ROLES = ['watcher', 'solver', 'auctioneer', 'keeper'] as const;
export type Role = (typeof ROLES)[number];

const text = z.string({ error: 'Expected text' }).min(1, 'Expected text, got nothing');

const address = text
  .refine((value) => addressProblem(value) === undefined, {
    error: ({ input }) => addressProblem(String(input)),
  })
  .transform((value): Address => getAddress(value.toLowerCase()));

const milliseconds = (least: number, most: number) =>
  z.int('Expected a whole number of milliseconds').min(least).max(most);

const hours = z.int('Expected a whole number of hours').min(1).max(876_000);

const blockNumber = z
  .union([z.int().nonnegative(), z.string().regex(/^\d{1,18}$/), z.bigint().nonnegative()], {
    error: 'Expected a block number',
  })
  .transform((value) => BigInt(value));

const rpcUrl = text.refine(
  (value) => URL.canParse(value) && ['http:', 'https:', 'ws:', 'wss:'].includes(new URL(value).protocol),
  'Expected an http://, https://, ws:// or wss:// URL of a JSON-RPC endpoint',
);

/** One URL, or several in the order of preference. */
const rpcUrls = z
  .preprocess(
    (given) => (typeof given === 'string' ? [given] : given),
    z.array(rpcUrl, { error: 'Expected a URL, or a list of URLs' }),
  )
  .refine((urls) => urls.length > 0, 'Expected at least one RPC URL')
  .refine((urls) => urls.length <= 16, 'Expected at most 16 RPC URLs')
  .refine(
    (urls) => new Set(urls).size === urls.length,
    'Expected each URL once: an endpoint asked twice agrees with itself',
  );

/** A price of gas in gwei, as text so that no digit is lost; in wei once read. */
const gwei = z
  .string({ error: 'Expected gwei as text, such as "300"' })
  .regex(/^\d{1,9}(\.\d{1,9})?$/, 'Expected gwei such as "300" or "0.05"')
  .refine((value) => /[1-9]/.test(value), 'Expected more than 0 gwei')
  .transform((value) => parseGwei(value));

const peerAddress = text.refine(isMultiaddr, 'Expected a multiaddr, for instance /ip4/127.0.0.1/tcp/9740');

const peerOrSubnet = text.refine(
  isPeerOrSubnet,
  'Expected a peer id, an IP address, or a subnet such as 10.0.0.0/8',
);

/**
 * Refer to a secret without holding it: the name of an environment variable, the path of a file, or the path
 * of an encrypted keystore with where its password is.
 */
export const secretRef = z.union(
  [
    z.strictObject({ env: text }),
    z.strictObject({ file: text }),
    z.strictObject({ keystore: text, passwordEnv: text }),
    z.strictObject({ keystore: text, passwordFile: text }),
  ],
  {
    error:
      'Expected { env: NAME }, { file: PATH } or { keystore: PATH, passwordEnv or passwordFile }: a secret is referred to, never written here',
  },
);
export type SecretRef = z.infer<typeof secretRef>;

const batch = z.strictObject({
  maxFills: z.int().min(1).max(64).default(16),
  maxAgeMs: milliseconds(0, 3_600_000).default(2_000),
  /** A message that shows no effect for so long counts as lost, and is sent again. */
  againAfterMs: milliseconds(1_000, 86_400_000).default(600_000),
});

const chain = z.strictObject({
  chainId: z.int().positive(),
  domain: z.int().min(1).max(0xffff_ffff),
  rpc: rpcUrls,
  /** How many endpoints must say the same before money follows; the majority of `rpc` unless given. */
  quorum: z.int('Expected a whole number of endpoints').min(1).optional(),
  rpcTimeoutMs: milliseconds(100, 120_000).default(10_000),
  /** Blocks an endpoint may be behind, or ahead of, what enough others show before it is quarantined. */
  maxLagBlocks: z.int('Expected a whole number of blocks').min(1).max(10_000).default(5),
  /** A chain whose newest block is older than this is not paid on, nor paid for. */
  maxHeadAgeMs: milliseconds(1_000, 86_400_000).default(120_000),
  /** Where landings are sent first, and the blocks after which they are sent to the public. */
  privateRpc: rpcUrl.optional(),
  publicAfterBlocks: z.int('Expected a whole number of blocks').min(1).max(1_000).default(3),
  fees: z
    .strictObject({
      maxFeeGwei: gwei.prefault('500'),
      /** Time without a receipt after which a transaction is stuck, and replaced at a higher price. */
      stuckAfterMs: milliseconds(500, 3_600_000).default(30_000),
    })
    .prefault({}),
  pollMs: milliseconds(20, 60_000).default(1_000),
  confirmations: z.int().min(0).max(1_000).default(1),
  fromBlock: blockNumber.default(0n),
  contracts: z.strictObject({
    collateralEscrow: address,
    repaymentEscrow: address,
    bonds: address,
    registry: address,
    mailbox: address,
  }),
});

/** An amount of whole tokens, as text so that no digit is lost. */
const wholeTokens = z
  .string({ error: 'Expected an amount as text, such as "0.25"' })
  .regex(/^\d{1,12}(\.\d{1,18})?$/, 'Expected an amount such as "0.25"');

/** The most a solver may pay in one token of one chain, in whole tokens. */
const limit = z
  .strictObject({
    chain: text,
    token: address,
    perPayment: wholeTokens.optional(),
    perHour: wholeTokens.optional(),
  })
  .refine(
    ({ perPayment, perHour }) => perPayment !== undefined || perHour !== undefined,
    'Expected perPayment, perHour or both',
  )
  .refine(({ perPayment, perHour }) => perHour === undefined || isAtLeast(perHour, perPayment), {
    path: ['perHour'],
    error: 'Expected at least perPayment: no payment of that size fits into an hour',
  });

/** What a payment in one token of one chain costs a solver besides, in whole tokens of it. */
const cost = z.strictObject({ chain: text, token: address, perPayment: wholeTokens });

const COSTS = 'Expected a list such as [{ chain: gamma, token: "0x…", perPayment: "0.05" }]';

const blocks = z.int('Expected a whole number of blocks').min(0).max(1_000);

/**
 * Blocks over a landing before it is paid for: one number, or tiers by the debt repaid, the last without a
 * bound. A tier of one chain's debt token counts for that token alone, in place of those of all tokens.
 */
const confirmations = z.union(
  [
    blocks,
    z
      .array(
        z
          .strictObject({
            chain: text.optional(),
            token: address.optional(),
            upTo: wholeTokens.optional(),
            confirmations: blocks,
          })
          .refine(
            ({ chain, token }) => (chain === undefined) === (token === undefined),
            'Expected chain and token, or neither',
          ),
      )
      .min(1)
      .max(64)
      .refine(
        (tiers) => tiers.at(-1)?.token === undefined && tiers.at(-1)?.upTo === undefined,
        'Expected a last tier without upTo and token, which counts for everything else',
      )
      .refine(
        (tiers) =>
          tiersByToken(tiers).every((own) => own.slice(0, -1).every(({ upTo }) => upTo !== undefined)),
        'Expected upTo in every tier of a token but its last',
      )
      .refine(
        (tiers) =>
          tiersByToken(tiers).every((own) =>
            own.every(({ upTo }, index) => isAbove(upTo, own[index - 1]?.upTo)),
          ),
        'Expected every upTo above the one before',
      ),
  ],
  {
    error:
      'Expected a number of blocks, or tiers such as [{ upTo: "1000", confirmations: 1 }, { confirmations: 12 }]',
  },
);

type Tier = {
  readonly chain?: string | undefined;
  readonly token?: Address | undefined;
  readonly upTo?: string | undefined;
  readonly confirmations: number;
};

/** Groups tiers by the token that they are for. */
function tiersByToken(tiers: readonly Tier[]): Tier[][] {
  return [...Map.groupBy(tiers, ({ chain, token }) => `${chain} ${token}`).values()];
}

function asTiers(given: number | readonly Tier[]): readonly Tier[] {
  return typeof given === 'number' ? [{ confirmations: given }] : given;
}

/** Compares whole-token amounts digit for digit: both are text of at most 18 decimals. */
function isAbove(amount: string | undefined, before: string | undefined): boolean {
  return amount === undefined || before === undefined || parseUnits(amount, 18) > parseUnits(before, 18);
}

function isAtLeast(amount: string, least: string | undefined): boolean {
  return least === undefined || parseUnits(amount, 18) >= parseUnits(least, 18);
}

/** The lending protocols that need no module. */
const BUILT_IN = [
  'aave-v3',
  'morpho-blue',
  'venus-isolated',
  'aave-margin-call',
  'morpho-margin-call',
] as const;
export type BuiltInProtocol = (typeof BUILT_IN)[number];

/** Tells whether a market's `protocol` is a name; anything else is the path of a module. */
export function isBuiltIn(protocol: string): protocol is BuiltInProtocol {
  return BUILT_IN.some((name) => name === protocol);
}

const market = z.strictObject({
  id: z.string().regex(/^[\x21-\x7e]{1,32}$/, 'Expected 1 to 32 ASCII characters without spaces'),
  chain: text,
  /** A built-in protocol, or a protocol module: an absolute path, or a package specifier with a slash. */
  protocol: text.refine(
    (value) => isBuiltIn(value) || /[./]/.test(value),
    `Expected one of ${BUILT_IN.join(', ')}, or a module such as ./lend.ts`,
  ),
  /** Whose logs name the positions: Aave's Pool, Morpho, Venus's Comptroller, or what a module follows. */
  source: address,
  /** Options of the protocol; the protocol checks them when a role that needs it starts. */
  options: z.unknown().optional(),
  fromBlock: blockNumber.default(0n),
});

/**
 * The one strict schema, a schema for each section. Unknown keys are faults. What one section demands of
 * another is in `relations.ts`.
 */
export const sections = {
  network: z.string().regex(/^[a-z0-9-]{1,32}$/, 'Expected 1 to 32 of a-z, 0-9 and -'),
  dataDir: text,
  roles: z
    .array(z.enum(ROLES, { error: `Expected one of ${ROLES.join(', ')}` }))
    .min(1, `Expected at least one of ${ROLES.join(', ')}`)
    .refine((roles) => new Set(roles).size === roles.length, 'Expected each role once'),
  log: z
    .strictObject({
      level: z
        .enum(['debug', 'info', 'warn', 'error'], { error: 'Expected debug, info, warn or error' })
        .default('info'),
      format: z.enum(['json', 'pretty'], { error: 'Expected json or pretty' }).default('json'),
    })
    .prefault({}),
  p2p: z
    .strictObject({
      listen: z.array(peerAddress).default(['/ip4/0.0.0.0/tcp/9740']),
      bootstrap: z
        .array(
          peerAddress.refine(
            (value) => value.includes('/p2p/'),
            'Expected the address to end in /p2p/<peer id>',
          ),
        )
        .default([]),
      identity: text.default('identity.key'),
      maxPeers: z.int().min(1).max(1_000).default(50),
      /** Connections from one address; this machine's own are not counted. */
      maxPerAddress: z.int().min(1).max(1_000).default(8),
      /** Unless empty, only these peers and subnets may connect, and the bootstrap peers. */
      allow: z.array(peerOrSubnet).max(1_000).default([]),
      /** These peers and subnets never may. */
      deny: z.array(peerOrSubnet).max(1_000).default([]),
    })
    .prefault({}),
  chains: z
    .record(z.string().regex(/^[a-z0-9-]{1,32}$/, 'Expected a chain name of a-z, 0-9 and -'), chain)
    .refine((chains) => Object.keys(chains).length > 0, 'Expected at least one chain'),
  markets: z.array(market).default([]),
  auctioneer: z.strictObject({ key: secretRef }).optional(),
  solver: z
    .strictObject({
      key: secretRef,
      account: address,
      payout: address,
      strategy: text,
      options: z.unknown().optional(),
      confirmations: confirmations.default(1).transform(asTiers),
      /** How long keepers are left alone with reporting this solver's payments before it does so itself. */
      proveAfterMs: milliseconds(1_000, 86_400_000).default(120_000),
      /** What payments cost this solver besides (their gas); strategies add it to the price. */
      costs: z.array(cost, { error: COSTS }).default([]),
      /** Collateral on offer to any solver that the strategy is asked about, beside auctions. */
      offers: z
        .strictObject({
          /** Lots of orders that were not paid, at home. */
          sales: z.boolean().default(true),
          /** Flagged positions that no auction liquidated. */
          takes: z.boolean().default(true),
          /** Others' won orders whose exclusive right has passed. */
          fills: z.boolean().default(true),
        })
        .prefault({}),
      /** Spending limits; a token without one may be spent to the last unit. */
      limits: z.array(limit).default([]),
    })
    .optional(),
  keeper: z
    .strictObject({
      key: secretRef,
      report: batch.prefault({}),
      verdicts: batch.prefault({}),
      /**
       * How long a position stays unhealthy without a landing before it is flagged, so that any account may
       * take it.
       */
      flagAfterMs: milliseconds(0, 86_400_000).default(60_000),
      /** Collect what contracts owe the keeper's key, and where to; not collected without it. */
      collect: z
        .strictObject({ to: address, everyMs: milliseconds(1_000, 86_400_000).default(3_600_000) })
        .optional(),
    })
    .optional(),
  auction: z
    .strictObject({
      tallyWaitMs: milliseconds(10, 60_000).default(400),
      voteWaitMs: milliseconds(10, 60_000).default(600),
      clockToleranceMs: milliseconds(0, 60_000).default(500),
    })
    .prefault({}),
  clock: z
    .strictObject({
      /**
       * How far this machine's clock may be off before the node promises nothing; `auction.clockToleranceMs`
       * unless given: by more than that, others take its messages for early or late.
       */
      maxOffsetMs: milliseconds(50, 600_000).optional(),
      /** Whether it is measured by blocks as well as by peers; off for test chains whose time is moved. */
      chains: z.boolean().default(true),
    })
    .prefault({}),
  /** How long a node that is asked to stop may finish what is in flight. */
  shutdown: z.strictObject({ drainMs: milliseconds(0, 600_000).default(30_000) }).prefault({}),
  /**
   * How long what is over is kept on record. All that is still going on is kept for as long as it goes on.
   */
  retention: z
    .strictObject({
      ordersHours: hours.default(2_160),
      quotesHours: hours.default(720),
      /** After a vote binds no more. */
      votesHours: hours.default(168),
      /** What was witnessed of auctions, and of how many at most: the oldest are forgotten first. */
      auctionsHours: hours.default(720),
      mostAuctions: z.int('Expected a whole number of auctions').min(1).max(10_000_000).default(50_000),
    })
    .prefault({}),
  /** The HTTP interface; off without this section. The token turns on what changes anything. */
  api: z
    .strictObject({
      listen: text
        .regex(
          /^(\[[0-9a-fA-F:.]+\]|[^\s:/[\]]+):\d{1,5}$/,
          'Expected host:port, for instance 127.0.0.1:9750',
        )
        .default('127.0.0.1:9750'),
      token: secretRef.optional(),
    })
    .optional(),
};

const whole = z.strictObject(sections);

/**
 * A node's whole configuration, parsed, resolved and frozen. Times in milliseconds, paths absolute, addresses
 * checksummed. `p2p.identity` lies in `dataDir` unless given otherwise. `solver.strategy` is an absolute
 * path, or a package specifier if it starts with `@`.
 */
export type Config = z.output<typeof whole>;
export type ChainConfig = Config['chains'][string];

/** Complete the settings of one chain with what is left at its default. Throws ZodError on a fault. */
export function completeChain(settings: z.input<typeof chain>): ChainConfig {
  return chain.parse(settings);
}
export type MarketConfig = Config['markets'][number];
export type LimitConfig = z.output<typeof limit>;

function isMultiaddr(value: string): boolean {
  try {
    multiaddr(value);
    return true;
  } catch {
    return false;
  }
}

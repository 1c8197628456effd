import {
  addressOfKey,
  encodeIntent,
  type Home,
  type Intent,
  marketId,
  type Quote,
  type SignedQuote,
  sameAddress,
  signQuote,
} from '@gavel/protocol';
import { type Address, type Hex, keccak256, pad, toHex } from 'viem';
import { observe } from '../src/auction/derive.ts';
import { createMarket, type Market } from '../src/auction/market.ts';
import type { BlockRef, HomeReads, Terms } from '../src/auction/rules.ts';

/** Names of tokens and contracts in the arena. */
export const ESCROW: Address = '0x00000000000000000000000000000000000e5c70';
export const COLLATERAL: Address = '0x000000000000000000000000000000000000c011';
export const DEBT: Address = '0x000000000000000000000000000000000000deb7';
export const PAYOUT: Address = '0x00000000000000000000000000000000000a0a00';
export const HOME_DOMAIN = 1001;
export const PAY_DOMAIN = 1003;
export const POSITION: Hex = pad('0xb0', { size: 64 });

/** Makes a private key from a name. */
export function keyOf(name: string): Hex {
  return keccak256(toHex(`arena ${name}`));
}

/** Makes the address of a name. */
export function addressOf(name: string): Address {
  return addressOfKey(keyOf(name));
}

const TERMS: Terms = {
  adapter: '0x000000000000000000000000000000000000ada9',
  stressBps: 1_000,
  maxAskBps: 9_800,
  lateBountyBps: 10,
  bonusBps: 500,
  fadeBps: 100,
  minLotBps: 9_000,
  auctionLength: 600,
  takeDelay: 300,
  slot: 2,
  quoteWindow: 600,
  landingWindow: 30,
};

/** What a test may change of the arena. */
export type ArenaOptions = {
  readonly auctioneers?: readonly string[];
  readonly threshold?: number;
  /** Solvers with a registered key, payout and bond. */
  readonly solvers?: readonly string[];
  /** Unix milliseconds of the observed block, whole seconds. */
  readonly at?: bigint;
  readonly reads?: Partial<HomeReads>;
  readonly terms?: Partial<Terms>;
};

/** A market whose chain is made up: the same answers to every caller. */
export type Arena = {
  readonly market: Market;
  readonly home: Home;
  readonly block: BlockRef;
  /** Derives the arena's intent. */
  intent(position?: Hex): Promise<{ intent: Intent; digest: Hex; bytes: Uint8Array }>;
  /** Signs a quote of a named solver. */
  quote(solver: string, intent: Hex, parts?: Partial<Quote>, key?: Hex): SignedQuote;
};

/** Builds an arena. */
export function createArena(options: ArenaOptions = {}): Arena {
  const { auctioneers = ['a', 'b', 'c'], threshold = 2, solvers = ['x', 'y', 'z'] } = options;
  const at = options.at ?? (BigInt(Date.now()) / 1_000n) * 1_000n;
  const block: BlockRef = { number: 100n, hash: keccak256('0x64'), timestamp: at / 1_000n };
  const home: Home = { chainId: 31_337, escrow: ESCROW };
  const known = new Set(solvers.map(addressOf));
  const members = auctioneers.map(addressOf).sort();
  const reads: HomeReads = {
    block: async (number) => (number === block.number ? block : undefined),
    terms: async () => ({ ...TERMS, ...options.terms }),
    debtTerms: async () => ({
      vault: '0x00000000000000000000000000000000000fa017',
      keeperFee: 1n,
      minRepay: 1n,
    }),
    route: async (_market, _debt, payDomain) => ({
      enabled: payDomain === PAY_DOMAIN,
      payDecimals: 18,
      feeBps: 5,
      handicapBps: 0,
      payEscrow: '0x00000000000000000000000000000000000e5c73',
      payToken: '0x0000000000000000000000000000000000070c33',
    }),
    council: async () => ({ members, threshold }),
    isCollateral: async () => true,
    isPaused: async () => false,
    round: async () => 0n,
    assess: async () => ({
      collateral: COLLATERAL,
      debt: DEBT,
      repay: 1_000_000n,
      seizable: 500_000n,
      health: 95n * 10n ** 16n,
    }),
    isKey: async (account, key) => known.has(account.toLowerCase() as Address) && sameAddress(account, key),
    isPayout: async (_account, payout) => payout === PAYOUT,
    isLive: async (_account, epoch) => epoch === 0n,
    suspendedUntil: async () => 0n,
    quotableBond: async () => 10n ** 12n,
    idle: async () => 10n ** 12n,
    balance: async () => 10n ** 12n,
    ...options.reads,
  };
  const market = createMarket({ name: 'arena', chain: 'alpha', domain: HOME_DOMAIN, home, reads });
  return {
    market,
    home,
    block,
    async intent(position = POSITION) {
      const result = await observe(market, position, block);
      if ('none' in result) throw new TypeError(`The arena has no intent: ${result.none}`);
      const { intent, digest } = result.observed;
      return { intent, digest, bytes: encodeIntent(intent) };
    },
    quote(solver, intent, parts = {}, key = keyOf(solver)) {
      const quote = {
        intent,
        solver: addressOf(solver),
        ask: 480_000n,
        payDomain: PAY_DOMAIN,
        payout: PAYOUT,
        epoch: 0n,
      };
      return signQuote({ ...quote, ...parts }, home, key);
    },
  };
}

/** The market's id, for looking it up. */
export const ARENA_MARKET = marketId('arena');

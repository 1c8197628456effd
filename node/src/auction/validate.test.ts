import {
  awardOf,
  encodeAuctionMessage,
  encodeIntent,
  encodeQuote,
  MAX_MESSAGE_BYTES,
  quoteDigest,
  type SignedQuote,
  signDisavowal,
  signTally,
  signVote,
  tallyDigest,
} from '@gavel/protocol';
import { ContractFunctionRevertedError, pad, parseAbi } from 'viem';
import { expect, test } from 'vitest';
import {
  type Arena,
  type ArenaOptions,
  addressOf,
  createArena,
  HOME_DOMAIN,
  keyOf,
} from '../../test/arena.ts';
import type { Validation } from '../gossip/validation.ts';
import { type Auction, createAuctions } from './auctions.ts';
import { indexMarkets } from './market.ts';
import { awardValidator } from './validate-award.ts';
import { intentValidator } from './validate-intent.ts';
import { quoteValidator } from './validate-quote.ts';

const AT = 1_700_000_000_000n;

/** Validators over an arena, with a clock that tests move; messages come from `peer`. */
function setUp(options: ArenaOptions = {}) {
  const arena = createArena({ at: AT, ...options });
  const clock = { now: AT + 100n };
  const told: string[] = [];
  const deps = {
    auctions: createAuctions(),
    findMarket: indexMarkets([arena.market]),
    now: () => clock.now,
    clockTolerance: 50n,
    intentWaitMs: 20,
    block: (market: Arena['market'], number: bigint) => market.reads.block(number),
    onIntent: () => void told.push('intent'),
    onQuote: () => void told.push('quote'),
    onTally: () => void told.push('tally'),
    onVote: () => void told.push('vote'),
    onCertificate: () => void told.push('certificate'),
    onDisavowal: () => void told.push('disavowal'),
  };
  const validators = {
    intent: intentValidator(deps),
    quote: quoteValidator(deps),
    award: awardValidator(deps),
  };
  const send = async (kind: keyof typeof validators, bytes: Uint8Array): Promise<string> => {
    const judgement: Validation = await validators[kind](bytes, 'peer');
    if (judgement.outcome !== 'accept') return `${judgement.outcome} ${judgement.code}`;
    judgement.deliver();
    return 'accept';
  };
  const announce = async (): Promise<{ digest: `0x${string}`; auction: Auction }> => {
    const { digest, bytes } = await arena.intent();
    expect(await send('intent', bytes)).toBe('accept');
    const auction = deps.auctions.get(digest);
    if (auction === undefined) throw new TypeError('the intent is not in the auctions');
    return { digest, auction };
  };
  return { arena, clock, told, deps, send, announce };
}

/** Sends a message that must change nothing but be refused under `code`. */
async function refused(set: ReturnType<typeof setUp>, kind: 'intent' | 'quote' | 'award', bytes: Uint8Array) {
  const before = [...set.told];
  const outcome = await set.send(kind, bytes);
  expect(set.told).toEqual(before);
  return outcome;
}

test('an intent that derives from the chain is taken, its copy is not', async () => {
  const set = setUp();
  const { bytes } = await set.arena.intent();
  expect(await set.send('intent', bytes)).toBe('accept');
  expect(await refused(set, 'intent', bytes)).toBe('ignore DUPLICATE');
  expect(set.told).toEqual(['intent']);
});

test.each(['intent', 'quote', 'award'] as const)(
  'an undecodable or oversized %s is rejected',
  async (kind) => {
    const set = setUp();
    expect(await refused(set, kind, new Uint8Array([255, 255, 255]))).toMatch(
      /^reject (UNDECODABLE|BAD_FIELD)$/,
    );
    expect(await refused(set, kind, new Uint8Array(MAX_MESSAGE_BYTES + 1))).toBe('reject OVERSIZED');
  },
);

test('an intent of an unknown market is ignored', async () => {
  const set = setUp();
  const { intent } = await set.arena.intent();
  const bytes = encodeIntent({ ...intent, market: pad('0x01', { size: 32 }) });
  expect(await refused(set, 'intent', bytes)).toBe('ignore UNKNOWN_MARKET');
  expect(await refused(set, 'intent', encodeIntent({ ...intent, homeDomain: 7 }))).toBe(
    'ignore UNKNOWN_MARKET',
  );
});

test('a late intent is ignored, one far ahead rejected', async () => {
  const set = setUp();
  const { intent, bytes } = await set.arena.intent();
  const ahead = encodeIntent({
    ...intent,
    quoteBy: intent.quoteBy + 10_000_000n,
    openBy: intent.openBy + 10_000n,
  });
  expect(await refused(set, 'intent', ahead)).toBe('ignore EARLY');
  set.clock.now = intent.quoteBy + 51n;
  expect(await refused(set, 'intent', bytes)).toBe('ignore LATE');
});

test('a bent intent is rejected whatever was bent', async () => {
  const set = setUp();
  const { intent } = await set.arena.intent();
  for (const bent of [{ repay: 1n }, { seizable: 1n }, { round: 5n }, { quoteBy: intent.quoteBy - 1n }]) {
    expect(await refused(set, 'intent', encodeIntent({ ...intent, ...bent }))).toBe('reject BENT');
  }
});

test('an intent of a healthy position is rejected', async () => {
  const { intent } = await createArena({ at: AT }).intent();
  const healthy = async () => ({
    collateral: intent.collateral,
    debt: intent.debt,
    repay: 0n,
    seizable: 0n,
    health: 2n * 10n ** 18n,
  });
  const set = setUp({ reads: { assess: healthy } });
  expect(await refused(set, 'intent', encodeIntent(intent))).toBe('reject NOT_DERIVABLE');
});

test('an intent of another branch, or of a block not there yet, may be judged again later', async () => {
  const set = setUp();
  const { intent } = await set.arena.intent();
  const fork = encodeIntent({ ...intent, observedBlockHash: pad('0x02', { size: 32 }) });
  expect(await refused(set, 'intent', fork)).toBe('ignore FORK');
  const ahead = encodeIntent({ ...intent, observedBlock: 102n });
  expect(await refused(set, 'intent', ahead)).toBe('ignore BLOCK_UNKNOWN');
});

test('an intent of a position that the adapter does not know is rejected', async () => {
  const { intent } = await createArena({ at: AT }).intent();
  const revert = new ContractFunctionRevertedError({
    abi: parseAbi(['error NonCanonicalPosition()']),
    data: '0x8a0d377b',
    functionName: 'assess',
  });
  const set = setUp({ reads: { assess: () => Promise.reject(revert) } });
  expect(await refused(set, 'intent', encodeIntent(intent))).toBe('reject NOT_DERIVABLE');
});

test('an RPC that is down is held against nobody, and taken for no answer', async () => {
  let down = true;
  const set = setUp();
  const { reads } = set.arena.market;
  const { bytes } = await set.arena.intent();
  const assess = reads.assess;
  reads.assess = (...args) => (down ? Promise.reject(new TypeError('fetch failed')) : assess(...args));
  expect(await refused(set, 'intent', bytes)).toBe('ignore CHAIN_UNKNOWN');
  down = false;
  expect(await set.send('intent', bytes)).toBe('accept');
});

test('a good quote is taken once, and counted as in time', async () => {
  const set = setUp();
  const { digest, auction } = await set.announce();
  const bytes = encodeQuote(set.arena.quote('x', digest));
  expect(await set.send('quote', bytes)).toBe('accept');
  expect(auction.inTime.size).toBe(1);
  expect(await refused(set, 'quote', bytes)).toBe('ignore DUPLICATE');
});

test('a quote for an unknown intent waits shortly, then may be judged again', async () => {
  const set = setUp();
  const { digest, bytes } = await set.arena.intent();
  const quote = encodeQuote(set.arena.quote('x', digest));
  expect(await refused(set, 'quote', quote)).toBe('ignore UNKNOWN_INTENT');
  const waiting = set.send('quote', quote);
  expect(await set.send('intent', bytes)).toBe('accept');
  expect(await waiting).toBe('accept');
});

test('a late quote is ignored; one within the clocks tolerance is forwarded and not counted', async () => {
  const set = setUp();
  const { digest, auction } = await set.announce();
  set.clock.now = auction.observed.intent.quoteBy + 10n;
  expect(await set.send('quote', encodeQuote(set.arena.quote('x', digest)))).toBe('accept');
  expect(auction.inTime.size).toBe(0);
  set.clock.now = auction.observed.intent.quoteBy + 51n;
  expect(await refused(set, 'quote', encodeQuote(set.arena.quote('y', digest)))).toBe('ignore LATE');
});

test('bad quotes are rejected, each under its rule', async () => {
  const set = setUp();
  const { digest } = await set.announce();
  const { arena } = set;
  const cases: [SignedQuote, string][] = [
    [arena.quote('x', digest, { ask: 500_001n }), 'reject OVER_ASKING'],
    [arena.quote('x', digest, { ask: 480_001n }), 'reject OFF_TICK'],
    [arena.quote('x', digest, { payDomain: 77 }), 'reject ROUTE_OFF'],
    [arena.quote('x', digest, { payout: addressOf('thief') }), 'reject NOT_A_PAYOUT'],
    [arena.quote('x', digest, { epoch: 3n }), 'reject EPOCH_ENDED'],
    [arena.quote('x', digest, {}, keyOf('y')), 'reject NOT_A_KEY'],
    [arena.quote('stranger', digest), 'reject NOT_A_KEY'],
  ];
  for (const [quote, outcome] of cases) expect(await refused(set, 'quote', encodeQuote(quote))).toBe(outcome);
});

test('a quote of an account that is suspended past the end of quoting is rejected', async () => {
  const until = (seconds: bigint) => setUp({ reads: { suspendedUntil: async () => seconds } });
  const lasting = until(AT / 1_000n + 3_600n);
  const { digest } = await lasting.announce();
  const quote = encodeQuote(lasting.arena.quote('x', digest));
  expect(await refused(lasting, 'quote', quote)).toBe('reject SUSPENDED');
  const over = until(AT / 1_000n - 1n);
  await over.announce();
  expect(await over.send('quote', quote)).toBe('accept');
});

test('an unsigned quote is rejected', async () => {
  const set = setUp();
  const { digest } = await set.announce();
  const bytes = encodeQuote(set.arena.quote('x', digest));
  // The last field is the signature: tag, length, 65 bytes.
  expect(await refused(set, 'quote', bytes.slice(0, -67))).toBe('reject BAD_SIGNATURE');
});

test('a quote whose signed price was changed on the way is rejected', async () => {
  const set = setUp();
  const { digest } = await set.announce();
  const signed = set.arena.quote('x', digest);
  const bytes = encodeQuote({ ...signed, quote: { ...signed.quote, ask: 400_000n } });
  expect(await refused(set, 'quote', bytes)).toBe('reject NOT_A_KEY');
});

test('an account can put only so many quotes into one auction', async () => {
  const set = setUp();
  const { digest } = await set.announce();
  for (const ask of [480_000n, 470_000n, 460_000n, 450_000n]) {
    expect(await set.send('quote', encodeQuote(set.arena.quote('x', digest, { ask })))).toBe('accept');
  }
  const fifth = encodeQuote(set.arena.quote('x', digest, { ask: 440_000n }));
  expect(await refused(set, 'quote', fifth)).toBe('ignore TOO_MANY_QUOTES');
  expect(await set.send('quote', encodeQuote(set.arena.quote('y', digest)))).toBe('accept');
});

test('a replayed quote of another home is refused', async () => {
  const set = setUp();
  const { digest } = await set.announce();
  const { quote } = set.arena.quote('x', digest);
  const elsewhere = createArena({ at: AT });
  const home = { ...elsewhere.home, chainId: 1 };
  const { signQuote } = await import('@gavel/protocol');
  const bytes = encodeQuote(signQuote(quote, home, keyOf('x')));
  expect(await refused(set, 'quote', bytes)).toBe('reject NOT_A_KEY');
});

test('tallies and votes count from auctioneers alone, and only after quoteBy', async () => {
  const set = setUp();
  const { arena } = set;
  const { digest, auction } = await set.announce();
  const quote = arena.quote('x', digest);
  const tally = signTally(digest, [quote], arena.home, keyOf('a'));
  const bytes = encodeAuctionMessage({ kind: 'tally', tally });
  expect(await refused(set, 'award', bytes)).toBe('ignore EARLY');
  set.clock.now = auction.observed.intent.quoteBy;
  const forged = signTally(digest, [quote], arena.home, keyOf('stranger'));
  expect(await refused(set, 'award', encodeAuctionMessage({ kind: 'tally', tally: forged }))).toBe(
    'reject NOT_AUCTIONEER',
  );
  expect(await set.send('award', bytes)).toBe('accept');
  expect(auction.tallies).toHaveLength(1);
  expect(auction.quotes.size).toBe(1);
  expect(auction.inTime.size).toBe(0);

  const award = awardOf(digest, 1, [quoteDigest(quote.quote, arena.home)]);
  const cited = [tallyDigest(tally.tally, arena.home)];
  const stranger = signVote(award, cited, arena.home, keyOf('stranger'));
  expect(await refused(set, 'award', encodeAuctionMessage({ kind: 'vote', vote: stranger }))).toBe(
    'reject NOT_AUCTIONEER',
  );
  const vote = signVote(award, cited, arena.home, keyOf('b'));
  expect(await set.send('award', encodeAuctionMessage({ kind: 'vote', vote }))).toBe('accept');
  expect(auction.votes).toHaveLength(1);
});

test('a tally with a quote that breaks a rule is rejected under that rule', async () => {
  const set = setUp();
  const { digest, auction } = await set.announce();
  set.clock.now = auction.observed.intent.quoteBy;
  const bad = set.arena.quote('x', digest, { ask: 480_001n });
  const tally = signTally(digest, [bad], set.arena.home, keyOf('a'));
  expect(await refused(set, 'award', encodeAuctionMessage({ kind: 'tally', tally }))).toBe('reject OFF_TICK');
});

test('a certificate needs the threshold of signatures, and is taken even where its intent was missed', async () => {
  const set = setUp();
  const { arena } = set;
  const { intent, digest } = await arena.intent();
  expect(intent.homeDomain).toBe(HOME_DOMAIN);
  const quote = arena.quote('x', digest);
  const award = awardOf(digest, 1, [quoteDigest(quote.quote, arena.home)]);
  const votes = ['a', 'b', 'c'].map((name) => ({ name, vote: signVote(award, [], arena.home, keyOf(name)) }));
  votes.sort((one, other) => (addressOf(one.name) < addressOf(other.name) ? -1 : 1));
  const signatures = votes.map(({ vote }) => vote.signature);
  const certificate = (list: typeof signatures) =>
    encodeAuctionMessage({
      kind: 'certificate',
      certificate: { intent, award, quotes: [quote], signatures: list },
    });
  set.clock.now = intent.quoteBy + 10n;
  expect(await refused(set, 'award', certificate(signatures.slice(0, 1)))).toBe('reject NOT_THRESHOLD');
  expect(await refused(set, 'award', certificate(signatures.slice(0, 2).reverse()))).toBe(
    'reject OUT_OF_ORDER',
  );
  expect(await set.send('award', certificate(signatures.slice(0, 2)))).toBe('accept');
  expect(await refused(set, 'award', certificate(signatures.slice(1)))).toBe('ignore DUPLICATE');
  expect(set.told).toEqual(['certificate']);
});

test('a certificate of junk that comes before its intent does not silence the auction', async () => {
  const set = setUp();
  const { arena } = set;
  const { intent, digest } = await arena.intent();
  const quote = arena.quote('x', digest);
  const award = awardOf(digest, 1, [quoteDigest(quote.quote, arena.home)]);
  const signatures = ['stranger', 'thief']
    .toSorted((one, other) => (addressOf(one) < addressOf(other) ? -1 : 1))
    .map((name) => signVote(award, [], arena.home, keyOf(name)).signature);
  const certificate = { intent, award, quotes: [quote], signatures };
  const junk = encodeAuctionMessage({ kind: 'certificate', certificate });
  expect(await refused(set, 'award', junk)).toBe('reject NOT_AUCTIONEER');
  expect(set.deps.auctions.all()).toEqual([]);
  await set.announce();
  expect(set.told).toEqual(['intent']);
});

test('an auctioneer can have no more tallies and votes forwarded than say anything', async () => {
  const set = setUp();
  const { arena } = set;
  const { digest, auction } = await set.announce();
  set.clock.now = auction.observed.intent.quoteBy;
  const verdicts: string[] = [];
  for (const ask of [480_000n, 470_000n, 460_000n, 450_000n]) {
    const tally = signTally(digest, [arena.quote('x', digest, { ask })], arena.home, keyOf('a'));
    verdicts.push(await set.send('award', encodeAuctionMessage({ kind: 'tally', tally })));
  }
  expect(verdicts).toEqual(['accept', 'accept', 'accept', 'ignore TOO_MANY_TALLIES']);
  for (const attempt of [1, 2] as const) {
    const votes: string[] = [];
    for (const ranked of ['0x01', '0x02', '0x03'] as const) {
      const vote = signVote(
        awardOf(digest, attempt, [pad(ranked, { size: 32 })]),
        [],
        arena.home,
        keyOf('a'),
      );
      votes.push(await set.send('award', encodeAuctionMessage({ kind: 'vote', vote })));
    }
    expect(votes).toEqual(['accept', 'accept', 'ignore TOO_MANY_VOTES']);
  }
  expect(auction.tallies).toHaveLength(2);
  expect(auction.votes).toHaveLength(4);
});

test('a disavowal counts once, of a known quote, by the key that signed it', async () => {
  const { arena, send, announce, told } = setUp();
  const { digest } = await announce();
  const signed = arena.quote('x', digest, { ask: 490_000n });
  const subject = quoteDigest(signed.quote, arena.home);
  const by = (name: string, of = subject) =>
    encodeAuctionMessage({
      kind: 'disavowal',
      disavowal: signDisavowal(digest, of, arena.home, keyOf(name)),
    });
  expect(await send('award', by('x'))).toBe('ignore UNKNOWN_SUBJECT');
  expect(await send('quote', encodeQuote(signed))).toBe('accept');
  expect(await send('award', by('y'))).toBe('ignore UNKNOWN_SUBJECT');
  expect(await send('award', by('x', digest))).toBe('ignore UNKNOWN_SUBJECT');
  expect(await send('award', by('x'))).toBe('accept');
  expect(await send('award', by('x'))).toBe('ignore DUPLICATE');
  expect(told.filter((what) => what === 'disavowal')).toHaveLength(1);
});

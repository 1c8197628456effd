import fc from 'fast-check';
import { encodeAbiParameters, type Hex, keccak256 } from 'viem';
import { describe, expect, it } from 'vitest';
import { deriveIntent, intentDigest } from './messages/intent.ts';
import { type Quote, quoteDigest } from './messages/quote.ts';
import { type Candidate, type RankingInput, rankQuotes, tieBreaker } from './ranking.ts';
import { signDigest } from './signatures.ts';
import { anyAddress, anyBytes32, home, key, keys } from './testing/arbitraries.ts';

const account = (n: number) => `0x${String(n).padStart(40, '0')}` as const;
const LOCAL = 1001;
const REMOTE = 1002;
const OFF = 1003;

const intent = deriveIntent({
  homeDomain: LOCAL,
  escrow: home.escrow,
  market: `0x${'11'.repeat(32)}` as const,
  position: `0x${'22'.repeat(64)}`,
  round: 1n,
  block: { number: 8n, hash: `0x${'33'.repeat(32)}`, timestamp: 1_000n },
  assessment: { collateral: account(1), debt: account(2), repay: 100n, seizable: 1_000_050n },
  rules: { slot: 4, quoteWindow: 1_000, landingWindow: 10 },
});
const name = intentDigest(intent, home);
const signature = signDigest(name, key);

/** Offers an ask of `ticks` ticks (100 units each). Ranking reads no signature, so any will do. */
function offer(solver: number, ticks: number, change: Partial<Quote> = {}): Candidate {
  const quote: Quote = {
    intent: name,
    solver: account(solver),
    ask: BigInt(ticks) * 100n,
    payDomain: LOCAL,
    payout: account(99),
    epoch: 0n,
    ...change,
  };
  return { digest: quoteDigest(quote, home), signed: { quote, signature } };
}

function rank(quotes: readonly Candidate[], change: Partial<RankingInput> = {}) {
  return rankQuotes({
    intent,
    intentDigest: name,
    quotes,
    routes: new Map([
      [REMOTE, { handicapBps: 10, enabled: true }],
      [OFF, { handicapBps: 0, enabled: false }],
    ]),
    capacity: () => true,
    ...change,
  });
}
const digestsOf = (quotes: readonly Candidate[]): Hex[] => quotes.map(({ digest }) => digest);

describe('ranking', () => {
  it('has as many places as it is told, each for another account', () => {
    const quotes = [1, 2, 3, 4, 5].map((solver) => offer(solver, 10 * solver));
    const dearer = quotes.map((_, index) => offer(index + 1, 10 * index + 11));
    const { ranked, excluded } = rank([...dearer, ...quotes], { places: 4 });
    expect(digestsOf(ranked)).toEqual(digestsOf(quotes.slice(0, 4)));
    expect(excluded.filter(({ reason }) => reason === 'OUTBID')).toHaveLength(1);
  });

  it('puts the lowest ask first and stops at three', () => {
    const [a, b, c, d] = [offer(1, 40), offer(2, 10), offer(3, 30), offer(4, 20)];
    const { ranked, excluded } = rank([a, b, c, d]);
    expect(digestsOf(ranked)).toEqual(digestsOf([b, d, c]));
    expect(excluded).toEqual([{ digest: a.digest, reason: 'OUTBID' }]);
  });

  it('adds the route’s handicap to remote asks, exactly', () => {
    const remote = offer(1, 1000, { payDomain: REMOTE });
    const tied = offer(2, 1001);
    const above = offer(3, 1002);
    expect(rank([above, remote]).ranked[0]).toEqual(remote);
    const first = tieBreaker(account(1), name) < tieBreaker(account(2), name) ? remote : tied;
    expect(rank([tied, remote]).ranked[0]).toEqual(first);
  });

  it('breaks ties by the hash of solver and intent', () => {
    const quotes = [offer(1, 10), offer(2, 10), offer(3, 10)];
    const hashes = rank(quotes).ranked.map(({ signed }) => tieBreaker(signed.quote.solver, name));
    expect(hashes).toEqual([...hashes].sort());
  });

  it('makes that hash of their ABI encoding', () => {
    fc.assert(
      fc.property(anyAddress, anyBytes32, (solver, digest) => {
        const types = [{ type: 'address' }, { type: 'bytes32' }] as const;
        expect(tieBreaker(solver, digest)).toBe(keccak256(encodeAbiParameters(types, [solver, digest])));
      }),
    );
  });

  it('takes one quote per account, its lowest after handicap', () => {
    const local = offer(1, 1000);
    const remote = offer(1, 1000, { payDomain: REMOTE });
    const { ranked, excluded } = rank([remote, local]);
    expect(digestsOf(ranked)).toEqual([local.digest]);
    expect(excluded).toEqual([{ digest: remote.digest, reason: 'NOT_BEST_OF_ACCOUNT' }]);
  });

  it('lets an account’s second best stand if its best cannot', () => {
    const off = offer(1, 10, { payDomain: OFF });
    const good = offer(1, 20);
    expect(digestsOf(rank([off, good]).ranked)).toEqual([good.digest]);
  });

  it('says why it leaves a quote out', () => {
    const cases: readonly (readonly [string, Candidate])[] = [
      ['OTHER_INTENT', offer(1, 10, { intent: `0x${'77'.repeat(32)}` as const })],
      ['ABOVE_SEIZABLE', offer(1, 10, { ask: intent.seizable + 1n })],
      ['OFF_TICK', offer(1, 10, { ask: 101n })],
      ['ROUTE_OFF', offer(1, 10, { payDomain: OFF })],
      ['ROUTE_OFF', offer(1, 10, { payDomain: 5 })],
    ];
    for (const [reason, quote] of cases) {
      expect(rank([quote])).toEqual({ ranked: [], excluded: [{ digest: quote.digest, reason }] });
    }
    const uncovered = offer(2, 10);
    const capacity: RankingInput['capacity'] = (solver) => solver !== account(2);
    expect(rank([uncovered], { capacity }).excluded[0]?.reason).toBe('NOT_COVERED');
  });

  it('allows all of seizable off the tick, and an ask of nothing', () => {
    const all = offer(1, 0, { ask: intent.seizable });
    const nothing = offer(2, 0);
    expect(digestsOf(rank([all, nothing]).ranked)).toEqual([nothing.digest, all.digest]);
  });

  it('counts copies once and keeps one signature whatever the order', () => {
    const quote = offer(1, 10);
    const second = { ...quote, signed: { ...quote.signed, signature: signDigest(name, keys[1] ?? key) } };
    const { ranked, excluded } = rank([quote, second]);
    expect(ranked).toHaveLength(1);
    expect(excluded).toEqual([]);
    expect(rank([second, quote])).toEqual({ ranked, excluded });
  });
});

describe('ranking any quotes', () => {
  const anyOffer = fc
    .tuple(
      fc.integer({ min: 1, max: 6 }),
      fc.nat(5),
      fc.constantFrom(LOCAL, REMOTE, OFF),
      fc.nat(2),
      fc.boolean(),
    )
    .map(([solver, ticks, payDomain, epoch, onTick]) =>
      offer(solver, ticks, {
        payDomain,
        epoch: BigInt(epoch),
        ask: BigInt(ticks) * 100n + (onTick ? 0n : 1n),
      }),
    );
  const capacity: RankingInput['capacity'] = (solver, payDomain) =>
    solver !== account(6) || payDomain === LOCAL;
  const anyOffers = fc.array(anyOffer, { maxLength: 16 });
  const runs = { numRuns: 300 };

  it('does not depend on their order', () => {
    const shuffled = anyOffers.chain((quotes) =>
      fc.tuple(
        fc.constant(quotes),
        fc.shuffledSubarray(quotes, { minLength: quotes.length, maxLength: quotes.length }),
      ),
    );
    fc.assert(
      fc.property(shuffled, ([quotes, others]) => {
        expect(rank(others, { capacity })).toEqual(rank(quotes, { capacity }));
      }),
      runs,
    );
  });

  it('ranks or excludes each exactly once', () => {
    fc.assert(
      fc.property(anyOffers, (quotes) => {
        const { ranked, excluded } = rank(quotes, { capacity });
        const seen = [...ranked, ...excluded].map(({ digest }) => digest);
        expect(seen.toSorted()).toEqual([...new Set(digestsOf(quotes))].sort());
        expect(new Set(ranked.map(({ signed }) => signed.quote.solver)).size).toBe(ranked.length);
      }),
      runs,
    );
  });

  it('is unmoved by quotes it leaves out, and by ranking again what it ranked', () => {
    fc.assert(
      fc.property(anyOffers, (quotes) => {
        const { ranked } = rank(quotes, { capacity });
        expect(rank(ranked, { capacity })).toEqual({ ranked, excluded: [] });
      }),
      runs,
    );
  });
});

import { describe, expect, it } from 'vitest';
import { auctioneers, home, key, keys } from '../testing/arbitraries.ts';
import { expectCode } from '../testing/expect-code.ts';
import { quoteDigest, type SignedQuote, signQuote, verifyQuote } from './quote.ts';
import { signTally, verifyTally } from './tally.ts';

const intent = `0x${'1a'.repeat(32)}` as const;

function quoteOf(account: number, ask: bigint): SignedQuote {
  const solver = `0x${String(account).padStart(40, '0')}` as const;
  return signQuote({ intent, solver, ask, payDomain: 1, payout: solver, epoch: 0n }, home, key);
}

describe('verifying a tally', () => {
  const quotes = [quoteOf(1, 10n), quoteOf(2, 20n)];
  const tally = signTally(intent, quotes, home, key);

  it('returns its author, and the digest and signer of each quote', () => {
    const verified = quotes.map((quote) => verifyQuote(quote, home));
    expect(verifyTally(tally, home, auctioneers)).toEqual({ author: auctioneers[0], quotes: verified });
  });

  it('accepts an empty one: its author saw nothing in time', () => {
    const verified = verifyTally(signTally(intent, [], home, key), home, auctioneers);
    expect(verified).toEqual({ author: auctioneers[0], quotes: [] });
  });

  it('refuses an author who is not an auctioneer', () => {
    expectCode('NOT_AUCTIONEER', () => verifyTally(tally, home, auctioneers.slice(1)));
  });

  it('refuses digests changed after signing', () => {
    const swapped = {
      ...tally,
      tally: { ...tally.tally, quotes: [...tally.tally.quotes].reverse() },
      quotes: [...quotes].reverse(),
    };
    expectCode('NOT_AUCTIONEER', () => verifyTally(swapped, home, auctioneers));
  });

  it('refuses a quote beside the digest of another', () => {
    expectCode('MISMATCH', () => verifyTally({ ...tally, quotes: [...quotes].reverse() }, home, auctioneers));
  });

  it('refuses a quote left out', () => {
    expectCode('MISMATCH', () => verifyTally({ ...tally, quotes: quotes.slice(1) }, home, auctioneers));
  });

  it('refuses a quote whose signature yields no signer', () => {
    const [first, second] = quotes;
    if (first === undefined || second === undefined) return expect.unreachable();
    const broken: SignedQuote = { ...second, signature: `0x${'00'.repeat(64)}1b` };
    expectCode('BAD_SIGNATURE', () => verifyTally({ ...tally, quotes: [first, broken] }, home, auctioneers));
  });

  it('refuses two quotes of one account, more than eight, and another intent’s', () => {
    const nine = Array.from({ length: 9 }, (_, index) => quoteOf(index + 1, 1n));
    const other = signQuote({ ...quoteOf(3, 1n).quote, intent: `0x${'2b'.repeat(32)}` as const }, home, key);
    expectCode('DUPLICATE', () => signTally(intent, [quoteOf(1, 10n), quoteOf(1, 20n)], home, key));
    expectCode('TOO_MANY', () => signTally(intent, nine, home, key));
    expectCode('MISMATCH', () => signTally(intent, [other], home, key));
  });
});

describe('verifying a quote', () => {
  it('returns its digest and its signer', () => {
    const [, second] = keys;
    if (second === undefined) return expect.unreachable();
    const signed = signQuote(quoteOf(1, 10n).quote, home, second);
    const expected = { digest: quoteDigest(signed.quote, home), signer: auctioneers[1] };
    expect(verifyQuote(signed, home)).toEqual(expected);
  });
});

import { assembleCertificate, awardOf, quoteDigest, type SignedQuote, signVote } from '@gavel/protocol';
import { expect, test } from 'vitest';
import { addressOf, createArena, keyOf, PAY_DOMAIN, POSITION } from '../../test/arena.ts';
import { createWon } from '../../test/orders.ts';
import { type Auction, createAuctions } from '../auction/auctions.ts';
import { observe } from '../auction/derive.ts';
import { createCounters } from '../observe/counters.ts';
import { recordingLogger } from '../observe/testing/recording-logger.ts';
import { createPaper } from './paper.ts';

const arena = createArena({ at: 1_700_000_000_000n });

async function setUp() {
  const result = await observe(arena.market, POSITION, arena.block);
  if ('none' in result) throw new TypeError(result.none);
  const auction = createAuctions().add(arena.market, result.observed, 0n);
  const metrics = createCounters();
  const { log, lines } = recordingLogger();
  return { auction, metrics, lines, paper: createPaper({ log, metrics }) };
}

/** What two auctioneers of three sign for these quotes. */
function certificateFor({ observed }: Auction, quotes: readonly SignedQuote[]) {
  const digests = quotes.map((signed) => quoteDigest(signed.quote, arena.home));
  const award = awardOf(observed.digest, 1, digests);
  const signatures = ['a', 'b'].map((name) => signVote(award, [], arena.home, keyOf(name)).signature);
  const { members, threshold } = observed.council;
  return assembleCertificate(
    { intent: observed.intent, award, signatures, quotes: [...quotes] },
    arena.home,
    members,
    threshold,
  );
}

/** Bids on paper in an auction that a rival won for 470,000, and returns what was said of it. */
async function compare(ask: bigint, payDomain = PAY_DOMAIN) {
  const { auction, metrics, lines, paper } = await setUp();
  const intent = auction.observed.digest;
  const rival = arena.quote('y', intent, { ask: 470_000n });
  const signed = arena.quote('x', intent, { ask, payDomain });
  const { record } = await createWon();
  await paper.quotes.put(quoteDigest(signed.quote, arena.home), { ...record, intent, signed });
  await paper.onCertificate(auction, certificateFor(auction, [rival]));
  return { said: lines.at(-1), counted: metrics.snapshot() };
}

test('a bid below the winner’s would have won', async () => {
  const { said, counted } = await compare(460_000n);
  expect(said).toMatchObject({
    msg: 'would have won',
    place: 1,
    ask: '460000',
    winningAsk: '470000',
    winner: addressOf('y'),
  });
  expect(counted).toEqual({ 'paper_auction{outcome="won"}': 1 });
});

test('a bid above the winner’s would not have', async () => {
  const { said, counted } = await compare(480_000n);
  expect(said).toMatchObject({ msg: 'would not have won', place: 2 });
  expect(counted).toEqual({ 'paper_auction{outcome="lost"}': 1 });
});

test('a bid that would not have ranked says why', async () => {
  const { said, counted } = await compare(460_000n, PAY_DOMAIN + 1);
  expect(said).toMatchObject({ msg: 'would not have won', place: 0, reason: expect.any(String) });
  expect(counted).toEqual({ 'paper_auction{outcome="not ranked"}': 1 });
});

test('an auction without a bid of ours is nothing to speak of', async () => {
  const { auction, lines, paper } = await setUp();
  const rival = arena.quote('y', auction.observed.digest, { ask: 470_000n });
  await paper.onCertificate(auction, certificateFor(auction, [rival]));
  expect(lines).toEqual([]);
});

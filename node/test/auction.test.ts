import { type Certificate, encodeAuctionMessage, rankedOf, signTally } from '@gavel/protocol';
import { afterEach, expect, test } from 'vitest';
import { addressOf, keyOf } from './arena.ts';
import { bid, closeAll, nodeAt, reached, soon, startNodes, TALLY_WAIT, VOTE_WAIT } from './auction-nodes.ts';

afterEach(closeAll);

function expectOrder({ certificate }: { certificate: Certificate }, order: readonly string[]): void {
  expect(certificate.quotes.map(({ quote }) => quote.solver)).toEqual(order.map(addressOf));
  expect(rankedOf(certificate.award)).toHaveLength(order.length);
}

test('three auctioneers agree on one ranking, and everybody gets the certificate', async () => {
  const arena = soon();
  const nodes = await startNodes(['a', 'b', 'c', undefined], arena);
  const { order } = await bid(nodeAt(nodes, 3), arena);
  for (const result of await Promise.all(nodes.map(({ certificate }) => certificate))) {
    expectOrder(result, order);
    expect(result.certificate.award.attempt).toBe(1);
    expect(result.certificate.signatures).toHaveLength(2);
  }
});

test('one dead auctioneer of three stops nothing', async () => {
  const arena = soon();
  const nodes = await startNodes(['a', 'b', undefined], arena);
  const { order } = await bid(nodeAt(nodes, 2), arena);
  for (const result of await Promise.all(nodes.map(({ certificate }) => certificate)))
    expectOrder(result, order);
});

test('two dead auctioneers of three leave no certificate', async () => {
  const arena = soon();
  const nodes = await startNodes(['a', undefined], arena);
  const { intent } = await bid(nodeAt(nodes, 1), arena);
  const auction = nodeAt(nodes, 1).auctions.get(intent);
  const end = (auction?.observed.intent.quoteBy ?? 0n) + TALLY_WAIT + VOTE_WAIT + 200n;
  const over = reached(end).then(() => 'none');
  expect(await Promise.race([nodeAt(nodes, 1).certificate, over])).toBe('none');
  expect(auction?.tallies.map(({ author }) => author)).toEqual([addressOf('a')]);
  expect(auction?.votes.every(({ vote }) => BigInt(vote.award.first) === 0n)).toBe(true);
});

test('an auctioneer with two tallies can neither slip in its friend nor hide a rival', async () => {
  const arena = soon({ solvers: ['x', 'y', 'z', 'friend'] });
  const nodes = await startNodes(['a', 'b', undefined], arena);
  const listener = nodeAt(nodes, 2);
  const { intent, order } = await bid(listener, arena);
  const auction = listener.auctions.get(intent);
  const { quoteBy } = auction?.observed.intent ?? { quoteBy: 0n };
  // The third auctioneer signs one tally with a late friend's quote, and another without the best rival.
  const late = arena.quote('friend', intent, { ask: 450_000n });
  const rival = arena.quote('x', intent, { ask: 490_000n });
  await reached(quoteBy);
  for (const quotes of [[late], [rival]]) {
    const tally = signTally(intent, quotes, arena.home, keyOf('c'));
    expect(await listener.publish('awards', encodeAuctionMessage({ kind: 'tally', tally }), {})).toBe(true);
  }
  for (const result of await Promise.all(nodes.map(({ certificate }) => certificate)))
    expectOrder(result, order);
});

import { type Certificate, encodeAuctionMessage, rankedOf, signTally } from '@gavel/protocol';
import { afterEach, expect, test } from 'vitest';
import { addressOf, keyOf } from './arena.ts';
import { bid, closeAll, nodeAt, startNodes, stepsOf, timedArena } from './auction-nodes.ts';

afterEach(closeAll);

function expectOrder({ certificate }: { certificate: Certificate }, order: readonly string[]): void {
  expect(certificate.quotes.map(({ quote }) => quote.solver)).toEqual(order.map(addressOf));
  expect(rankedOf(certificate.award)).toHaveLength(order.length);
}

test('three auctioneers agree on one ranking, and everybody gets the certificate', async () => {
  const arena = timedArena();
  const nodes = await startNodes(['a', 'b', 'c', undefined], arena);
  const { order } = await bid(nodeAt(nodes, 3), arena);
  const { closeQuotes, castFirst } = await stepsOf(arena);
  await closeQuotes(nodes, 3);
  await castFirst(nodes, 3);
  for (const result of await Promise.all(nodes.map(({ certificate }) => certificate))) {
    expectOrder(result, order);
    expect(result.certificate.award.attempt).toBe(1);
    expect(result.certificate.signatures).toHaveLength(2);
  }
});

test('one dead auctioneer of three stops nothing', async () => {
  const arena = timedArena();
  const nodes = await startNodes(['a', 'b', undefined], arena);
  const { order } = await bid(nodeAt(nodes, 2), arena);
  const { closeQuotes, castFirst } = await stepsOf(arena);
  await closeQuotes(nodes, 3);
  await castFirst(nodes, 2);
  for (const result of await Promise.all(nodes.map(({ certificate }) => certificate)))
    expectOrder(result, order);
});

test('two dead auctioneers of three leave no certificate', async () => {
  const arena = timedArena();
  const nodes = await startNodes(['a', undefined], arena);
  const { intent } = await bid(nodeAt(nodes, 1), arena);
  const { closeQuotes, castFirst, castSecond } = await stepsOf(arena);
  await closeQuotes(nodes, 3);
  await castFirst(nodes, 1);
  // The only auctioneer has decided against a second vote when this step ends.
  await castSecond(nodes, 1);
  expect(nodes.flatMap(({ certificates }) => certificates)).toEqual([]);
  const auction = nodeAt(nodes, 1).auctions.get(intent);
  expect(auction?.tallies.map(({ author }) => author)).toEqual([addressOf('a')]);
  expect(auction?.votes.every(({ vote }) => BigInt(vote.award.first) === 0n)).toBe(true);
});

test('an auctioneer with two tallies can neither slip in its friend nor hide a rival', async () => {
  const arena = timedArena({ solvers: ['x', 'y', 'z', 'friend'] });
  const nodes = await startNodes(['a', 'b', undefined], arena);
  const listener = nodeAt(nodes, 2);
  const { intent, order } = await bid(listener, arena);
  const { closeQuotes, castFirst } = await stepsOf(arena);
  // The third auctioneer signs one tally with a late friend's quote, and another without the best rival.
  const late = arena.quote('friend', intent, { ask: 450_000n });
  const rival = arena.quote('x', intent, { ask: 490_000n });
  await closeQuotes(nodes, 3);
  for (const quotes of [[late], [rival]]) {
    const tally = signTally(intent, quotes, arena.home, keyOf('c'));
    expect(await listener.publish('awards', encodeAuctionMessage({ kind: 'tally', tally }), {})).toBe(true);
  }
  await castFirst(nodes, 4);
  for (const result of await Promise.all(nodes.map(({ certificate }) => certificate)))
    expectOrder(result, order);
});

import { quoteDigest } from '@gavel/protocol';
import { expect, test } from 'vitest';
import { addressOf, createArena, HOME_DOMAIN, POSITION } from '../../test/arena.ts';
import { createAuctions } from './auctions.ts';
import { isCovered } from './coverage.ts';
import { observe } from './derive.ts';
import { rank } from './rank.ts';
import type { HomeReads } from './rules.ts';

/** An auction over an arena whose chain says what the test wants. */
async function auctionWith(reads: Partial<HomeReads> = {}) {
  const arena = createArena({ reads });
  const result = await observe(arena.market, POSITION, arena.block);
  if ('none' in result) throw new TypeError(result.none);
  const auction = createAuctions().add(arena.market, result.observed, 0n);
  return { arena, auction, observed: result.observed };
}

test('a remote quote needs bond and float, a local one the money itself and a bond of the fade penalty', async () => {
  const { arena, observed } = await auctionWith();
  const { intent, digest, terms } = observed;
  const remote = arena.quote('x', digest).quote;
  const local = arena.quote('x', digest, { payDomain: HOME_DOMAIN }).quote;
  const judge = (quote: typeof remote, quotableBond: bigint, idle: bigint, balance: bigint) =>
    isCovered(quote, intent, terms, 1n, { quotableBond, idle, balance });
  expect(judge(remote, 100_000n, 1_000_001n, 0n)).toBe(true);
  expect(judge(remote, 99_999n, 1_000_001n, 0n)).toBe(false);
  expect(judge(remote, 100_000n, 1_000_000n, 0n)).toBe(false);
  expect(judge(local, 10_000n, 0n, 1_000_001n)).toBe(true);
  expect(judge(local, 10_000n, 0n, 1_000_000n)).toBe(false);
  expect(judge(local, 9_999n, 0n, 1_000_001n)).toBe(false);
});

test('a ranking leaves out what is not covered at the observed block, and asks for no other block', async () => {
  const blocks = new Set<bigint>();
  const { arena, auction, observed } = await auctionWith({
    quotableBond: async (account, _token, block) => {
      blocks.add(block);
      return account === arenaAccount() ? 0n : 10n ** 9n;
    },
    idle: async (_vault, block) => {
      blocks.add(block);
      return 10n ** 9n;
    },
  });
  function arenaAccount() {
    return arena.quote('y', observed.digest).quote.solver;
  }
  for (const [solver, ask] of [
    ['x', 490_000n],
    ['y', 470_000n],
    ['z', 480_000n],
  ] as const) {
    auction.quotes.set(
      `0x0${ask.toString(16).padStart(63, '0')}`,
      arena.quote(solver, observed.digest, { ask }),
    );
  }
  const { ranked, excluded } = await rank(auction, auction.quotes.keys());
  expect(ranked.map(({ signed }) => signed.quote.ask)).toEqual([480_000n, 490_000n]);
  expect(excluded.map(({ reason }) => reason)).toEqual(['NOT_COVERED']);
  expect([...blocks]).toEqual([observed.intent.observedBlock]);
});

test('an account without a bond takes no place, however much it holds and however little it asks', async () => {
  const { arena, auction, observed } = await auctionWith({
    quotableBond: async (account) => (account === addressOf('x') ? 10_000n : 0n),
  });
  for (const [solver, ask] of [
    ['x', 490_000n],
    ['y', 470_000n],
    ['z', 480_000n],
  ] as const) {
    const signed = arena.quote(solver, observed.digest, { ask, payDomain: HOME_DOMAIN });
    auction.quotes.set(quoteDigest(signed.quote, arena.home), signed);
  }
  const { ranked, excluded } = await rank(auction, auction.quotes.keys());
  expect(ranked.map(({ signed }) => signed.quote.solver)).toEqual([addressOf('x')]);
  expect(excluded.map(({ reason }) => reason)).toEqual(['NOT_COVERED', 'NOT_COVERED']);
});

test('a ranking without its facts is none', async () => {
  const { arena, auction, observed } = await auctionWith({
    idle: () => Promise.reject(new TypeError('fetch failed')),
  });
  auction.quotes.set(`0x${'01'.repeat(32)}`, arena.quote('x', observed.digest));
  await expect(rank(auction, auction.quotes.keys())).rejects.toThrow('fetch failed');
});

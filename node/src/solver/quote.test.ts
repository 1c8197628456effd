import {
  type Disavowal,
  decodeAuctionMessage,
  decodeQuote,
  quoteDigest,
  type SignedQuote,
  verifyDisavowal,
} from '@gavel/protocol';
import { type Decision, type Opportunity, postpone, quote, reject } from '@gavel/solver-sdk';
import type { Hex } from 'viem';
import { expect, test } from 'vitest';
import { addressOf, createArena, DEBT, HOME_DOMAIN, keyOf, PAY_DOMAIN, PAYOUT } from '../../test/arena.ts';
import { PAY_TOKEN } from '../../test/orders.ts';
import { type Auction, addQuote, createAuctions } from '../auction/auctions.ts';
import { observe } from '../auction/derive.ts';
import { createKeyGuard } from '../auction/key-guard.ts';
import { createCounters } from '../observe/counters.ts';
import { silentLogger } from '../observe/logger.ts';
import type { QuoteRecord } from '../store/records.ts';
import { createInventory } from './inventory.ts';
import type { Prospect } from './opportunity.ts';
import { createSolver } from './quote.ts';

const AT = 1_700_000_000_000n;
const ASK = 490_000n;

async function auctionOf(position: Hex): Promise<Auction> {
  const arena = createArena({ at: AT });
  const result = await observe(arena.market, position, arena.block);
  if ('none' in result) throw new TypeError(result.none);
  return createAuctions().add(arena.market, result.observed, AT);
}

function prospectOf({ observed: { intent, digest, health } }: Auction, free = 10n ** 9n): Prospect {
  const token = (address: Hex) => ({ address, symbol: 'T', decimals: 6 });
  const { repay, seizable, market, position, homeDomain, round, quoteBy, openBy } = intent;
  return {
    opportunity: {
      kind: 'auction',
      intent: digest,
      market,
      position,
      homeDomain,
      round,
      collateral: token(intent.collateral),
      debt: token(intent.debt),
      repay,
      seizable,
      tick: 50n,
      seizableInDebt: 1_050_000n,
      health,
      quoteBy,
      openBy,
    },
    options: [
      {
        domain: PAY_DOMAIN,
        mode: 'remote',
        token: token(PAY_TOKEN),
        payAmount: 1_000_501n,
        payInDebt: 1_000_501n,
        available: 1_500_000n,
        handicapBps: 0,
        gasInDebt: 0n,
        bond: { required: 1n, free },
      },
      {
        domain: HOME_DOMAIN,
        mode: 'local',
        token: token(DEBT),
        payAmount: 1_000_001n,
        payInDebt: 1_000_001n,
        available: 0n,
        handicapBps: 0,
        gasInDebt: 0n,
        bond: { required: 0n, free: 0n },
      },
    ],
  };
}

/** A solver whose strategy and surroundings tests choose; `sent` are the quotes that were published. */
function setUp(
  decision: (opportunity: Opportunity) => Decision,
  options: { refuse?: boolean; free?: bigint; closed?: string } = {},
) {
  const clock = { now: AT + 50n };
  const stored = new Map<Hex, QuoteRecord>();
  const sent: { signed: SignedQuote; wasStored: boolean }[] = [];
  const disavowed: Disavowal[] = [];
  const later: { at: bigint; task: () => Promise<void> | void }[] = [];
  const inventory = createInventory();
  const metrics = createCounters();
  const guard = createKeyGuard({ role: 'solver', telemetry: { log: silentLogger(), metrics } });
  const solver = createSolver({
    guard,
    key: keyOf('x'),
    account: addressOf('x'),
    payout: PAYOUT,
    strategy: { name: 'test', options: {}, quote: decision },
    quotes: {
      put: async (digest, record) => void stored.set(digest, record),
      get: async (digest) => stored.get(digest),
      async *forIntent(intent) {
        for (const [digest, record] of stored) if (record.intent === intent) yield { digest, quote: record };
      },
      async *all() {},
    },
    inventory,
    closed: () => options.closed,
    cap: (opportunity) => opportunity,
    onSent: () => undefined,
    scheduler: { at: (at, _name, task) => void later.push({ at, task }) },
    publish: async (topic, bytes) => {
      if (options.refuse) return false;
      if (topic === 'awards') {
        const message = decodeAuctionMessage(bytes);
        if (message.kind === 'disavowal') disavowed.push(message.disavowal);
        return true;
      }
      sent.push({ signed: decodeQuote(bytes), wasStored: stored.size > 0 });
      return true;
    },
    now: () => clock.now,
    gather: async (auction) => prospectOf(auction, options.free),
    epoch: async () => 0n,
    allow: async () => undefined,
    telemetry: { log: silentLogger(), metrics },
  });
  return { metrics, guard, clock, stored, sent, disavowed, later, inventory, solver };
}

test('a quote is on record before it is sent, and its money promised', async () => {
  const auction = await auctionOf('0xaa');
  const { solver, sent, inventory } = setUp(() => quote(ASK, PAY_DOMAIN));
  await solver.onIntent(auction);
  expect(sent.map(({ wasStored }) => wasStored)).toEqual([true]);
  expect(sent[0]?.signed.quote).toMatchObject({
    intent: auction.observed.digest,
    ask: ASK,
    payDomain: PAY_DOMAIN,
  });
  expect(inventory.promised(PAY_DOMAIN, PAY_TOKEN)).toBe(1_000_501n);
});

test('nothing is promised while the operator has bidding paused', async () => {
  const { solver, sent, inventory } = setUp(() => quote(ASK, PAY_DOMAIN), { closed: 'paused' });
  await solver.onIntent(await auctionOf('0xaa'));
  expect(sent).toEqual([]);
  expect(inventory.live()).toEqual([]);
});

test('nothing is promised while the clock is off, and it is counted as that', async () => {
  const { solver, sent, inventory, metrics } = setUp(() => quote(ASK, PAY_DOMAIN), { closed: 'clock' });
  await solver.onIntent(await auctionOf('0xaa'));
  expect(sent).toEqual([]);
  expect(inventory.live()).toEqual([]);
  expect(metrics.snapshot()['quote_rejected{by="clock"}']).toBe(1);
});

test('an intent is quoted once, whatever happens meanwhile', async () => {
  const auction = await auctionOf('0xaa');
  const { solver, sent } = setUp(() => quote(ASK, PAY_DOMAIN));
  await solver.onIntent(auction);
  await solver.onIntent(auction);
  expect(sent).toHaveLength(1);
});

test('two auctions at the same time never promise the same money', async () => {
  const [one, two] = await Promise.all([auctionOf('0xaa'), auctionOf('0xbb')]);
  const { solver, sent, inventory } = setUp(({ payOptions }) => {
    const [remote] = payOptions;
    return remote && remote.available >= remote.payAmount ? quote(ASK, PAY_DOMAIN) : reject('no money left');
  });
  await Promise.all([solver.onIntent(one), solver.onIntent(two)]);
  expect(sent).toHaveLength(1);
  expect(inventory.promised(PAY_DOMAIN, PAY_TOKEN)).toBe(1_000_501n);
});

test('a quote that this node itself refuses promises nothing', async () => {
  const auction = await auctionOf('0xaa');
  const { solver, inventory } = setUp(() => quote(ASK, PAY_DOMAIN), { refuse: true });
  await solver.onIntent(auction);
  expect(inventory.promised(PAY_DOMAIN, PAY_TOKEN)).toBe(0n);
});

test('a quote whose bond is not there is not sent, though the strategy wanted it', async () => {
  const auction = await auctionOf('0xaa');
  const { solver, sent, inventory } = setUp(() => quote(ASK, PAY_DOMAIN), { free: 1_000n });
  await solver.onIntent(auction);
  expect(sent).toEqual([]);
  expect(inventory.pledged(HOME_DOMAIN, DEBT)).toBe(0n);
});

test('a strategy may postpone, and is asked again with the time of then', async () => {
  const auction = await auctionOf('0xaa');
  const asked: bigint[] = [];
  const { solver, sent, later, clock } = setUp(({ now }) => {
    asked.push(now);
    return asked.length === 1 ? postpone(now + 100n) : quote(ASK, PAY_DOMAIN);
  });
  await solver.onIntent(auction);
  expect(sent).toEqual([]);
  expect(later.map(({ at }) => at)).toEqual([AT + 150n]);
  clock.now = AT + 150n;
  await later[0]?.task();
  expect(asked).toEqual([AT + 50n, AT + 150n]);
  expect(sent).toHaveLength(1);
});

test('a strategy that throws, or bids what it may not, sends nothing', async () => {
  const auction = await auctionOf('0xaa');
  for (const decision of [
    () => {
      throw new TypeError('a bug');
    },
    () => quote(ASK + 1n, PAY_DOMAIN),
    () => quote(ASK, HOME_DOMAIN),
    () => reject('not today'),
  ]) {
    const { solver, sent } = setUp(decision);
    await solver.onIntent(auction);
    expect(sent).toEqual([]);
  }
});

test('an intent whose quotes have closed is passed over', async () => {
  const auction = await auctionOf('0xaa');
  const { solver, sent, clock } = setUp(() => quote(ASK, PAY_DOMAIN));
  clock.now = auction.observed.intent.quoteBy;
  await solver.onIntent(auction);
  expect(sent).toEqual([]);
});

test('a quote with our key that we have no record of ends our bidding, and by our word that of the other node', async () => {
  const [first, second] = [await auctionOf('0xaa'), await auctionOf('0xbb')];
  const here = setUp(() => quote(ASK, PAY_DOMAIN));
  const elsewhere = setUp(() => quote(ASK, PAY_DOMAIN));
  await elsewhere.solver.onIntent(first);
  const [theirs] = elsewhere.sent;
  if (theirs === undefined) throw new TypeError('nothing was sent');
  const digest = quoteDigest(theirs.signed.quote, first.market.home);
  await elsewhere.solver.onQuote(first, digest, theirs.signed);
  expect(elsewhere.guard.isOurs()).toBe(true);

  await here.solver.onQuote(first, digest, theirs.signed);
  expect(here.guard.isOurs()).toBe(false);
  await here.solver.onIntent(second);
  expect(here.sent).toEqual([]);
  expect(here.metrics.snapshot()).toMatchObject({
    'key_used_elsewhere{role="solver"}': 1,
    'quote_rejected{by="key guard"}': 1,
  });

  // The other node has never seen a quote of ours.
  addQuote(first, digest, theirs.signed, true);
  const [disavowal, ...others] = here.disavowed;
  if (disavowal === undefined) throw new TypeError('nothing was disavowed');
  expect(others).toEqual([]);
  const signer = verifyDisavowal(disavowal, first.market.home);
  await elsewhere.solver.onDisavowal(first, signer, disavowal.subject);
  expect(elsewhere.guard.isOurs()).toBe(false);
  expect(elsewhere.disavowed).toEqual([]);
});

test("quotes of other accounts, and of the account's other keys, are none of our business", async () => {
  const auction = await auctionOf('0xaa');
  const { solver, guard } = setUp(() => quote(ASK, PAY_DOMAIN));
  const arena = createArena();
  const intent = auction.observed.digest;
  for (const signed of [arena.quote('y', intent), arena.quote('x', intent, {}, keyOf('x, second key'))]) {
    await solver.onQuote(auction, quoteDigest(signed.quote, auction.market.home), signed);
  }
  expect(guard.isOurs()).toBe(true);
});

import { quoteDigest } from '@gavel/protocol';
import { expect, test } from 'vitest';
import { addressOf, createArena, HOME_DOMAIN, keyOf, PAY_DOMAIN } from '../../../test/arena.ts';
import { createWon, SEEN, type Won } from '../../../test/orders.ts';
import { indexMarkets } from '../../auction/market.ts';
import type { Chain } from '../../chain/client.ts';
import { createCounters } from '../../observe/counters.ts';
import { silentLogger } from '../../observe/logger.ts';
import { fold } from '../../order/fold.ts';
import { isOpened } from '../../order/views.ts';
import type { QuoteRecord } from '../../store/records.ts';
import { createLostQuotes } from './lost-quote.ts';

const metrics = createCounters();

/** Asks for the quote behind a won order of which only the landing is left. */
async function find(won: Won, options: { lostAt?: bigint | undefined; signer?: string } = {}) {
  const { order, orderId, landing, intent } = won;
  const arena = createArena({ at: 1_700_000_000_000n });
  const { lostAt = intent.quoteBy } = options;
  const stored = new Map<string, QuoteRecord>();
  const found: QuoteRecord[] = [];
  const recover = createLostQuotes({
    lostAt: () => ('lostAt' in options ? options.lostAt : lostAt),
    account: addressOf('x'),
    signer: addressOf(options.signer ?? 'x'),
    quotes: { put: async (digest, record) => void stored.set(digest, record) },
    findMarket: indexMarkets([arena.market]),
    chainOf: (domain) => ({ name: String(domain), domain }) as unknown as Chain,
    decimals: async () => 6,
    onFound: (record) => found.push(record),
    now: () => 0n,
    telemetry: { log: silentLogger(), metrics },
  });
  const view = fold(order.intent, [
    { type: 'awarded', landing, quotes: 1, at: 0n },
    { type: 'opened', seen: SEEN, orderId, order, seized: 1n },
  ]);
  if (!isOpened(view)) throw new TypeError('the order is not opened');
  return { record: await recover(view), stored, found };
}

test('a lost quote that our key signed is read back from its landing, on record before it is paid for', async () => {
  const won = await createWon();
  const { record, stored, found } = await find(won);
  // The arena's route pays in a token of eighteen decimals.
  const { token, ...promised } = won.record.reservation;
  const amount = promised.amount * 10n ** 12n;
  expect(record).toMatchObject({ ...won.record, reservation: { ...promised, amount } });
  expect(record?.reservation.domain).toBe(PAY_DOMAIN);
  expect(record?.reservation.homeDomain).toBe(HOME_DOMAIN);
  expect(stored.get(won.order.quote)).toBe(record);
  expect(found).toEqual([record]);
});

test('nothing is taken for ours unless quotes were lost, and only from the time before', async () => {
  const won = await createWon();
  expect((await find(won, { lostAt: undefined })).record).toBeUndefined();
  const long = won.intent.quoteBy - 86_400_000n;
  const { record, stored } = await find(won, { lostAt: long });
  expect(record).toBeUndefined();
  expect(stored.size).toBe(0);
});

test('a quote that another key of the account signed, or whose price was changed, is not ours', async () => {
  const won = await createWon();
  expect((await find(won, { signer: 'y' })).record).toBeUndefined();
  const [signed] = won.landing.quotes;
  if (signed === undefined) throw new TypeError('no quote');
  const bent = { ...signed, quote: { ...signed.quote, ask: signed.quote.ask - 50n } };
  const { home } = createArena();
  const changed = {
    ...won,
    landing: { ...won.landing, quotes: [bent] },
    order: { ...won.order, quote: quoteDigest(bent.quote, home) },
  };
  expect((await find(changed)).record).toBeUndefined();
});

test('an order whose quote its landing does not hold is not ours', async () => {
  const won = await createWon();
  const other = createArena().quote('x', won.order.intent, {}, keyOf('x'));
  const stranger = {
    ...won,
    landing: { ...won.landing, quotes: [{ ...other, quote: { ...other.quote, ask: 1n } }] },
  };
  expect((await find(stranger)).record).toBeUndefined();
});

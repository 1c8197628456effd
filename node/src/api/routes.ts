import { parseBytes32 } from '@gavel/protocol';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { competitionOf } from '../auction/competition.ts';
import type { KeyGuards } from '../auction/key-guard.ts';
import { describeClock } from '../clock/describe.ts';
import type { BiddingSwitch } from '../lifecycle/bidding-switch.ts';
import { plainFields } from '../observe/logger.ts';
import { ORDER_STATES, type OrderState } from '../order/states.ts';
import { isClosed } from '../order/views.ts';
import { ApiError } from './errors.ts';
import { cutPage, pageOfItems, pageQuery, timeKey } from './pages.ts';
import { showFlag, showHolding, showOrder, showQuote, timeOfOrder } from './present.ts';
import { isOver, showAuction, showCompetition } from './present-auction.ts';
import type { NodeReader } from './reader.ts';
import * as schemas from './schemas.ts';

/** The oldest head with which a node counts as ready, milliseconds. */
const STALE_MS = 120_000n;

const digest = z
  .string()
  .regex(/^0x[0-9a-fA-F]{64}$/, 'Expected 0x and 64 hexadecimal digits')
  .transform((value) => parseBytes32(value, 'digest'));

const none = z.strictObject({});
const ordersQuery = pageQuery.extend({
  state: z
    .enum(['open', 'closed', ...ORDER_STATES] as ['open', 'closed', ...OrderState[]])
    .optional()
    .describe('open: something is left to be done.'),
  market: z.string().optional(),
});
const quotesQuery = pageQuery.extend({ intent: digest.optional() });
const auctionsQuery = pageQuery.extend({
  phase: z.enum(['live', 'quoting', 'awarding', 'landing', 'over']).optional(),
  market: z.string().optional(),
  since: z.coerce
    .number()
    .int()
    .min(0)
    .optional()
    .describe('Only auctions first seen at this Unix time in milliseconds, or later.'),
});
const positionsQuery = pageQuery.extend({ market: z.string().optional() });

/**
 * Adds the paths that answer with JSON: parameters are judged, and answers made, by the schemas that describe
 * them. Handlers throw ApiError. Paths that change something are in the description if they may be used.
 */
export function addRoutes(
  app: FastifyInstance,
  {
    reader,
    bidding,
    keys,
    canChange,
  }: {
    readonly reader: NodeReader;
    readonly bidding: BiddingSwitch;
    readonly keys: Pick<KeyGuards, 'claim'>;
    readonly canChange: boolean;
  },
): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  api.get(
    '/health',
    described('That the process lives, what it is, and whether it bids', { 200: schemas.health }),
    async () => {
      const { version, network, peerId, roles, startedAt } = reader;
      const about = { version, network, peerId, roles: [...roles], startedAt: Number(startedAt) };
      const rpc = reader.rpc().map(({ head, reasons, forMs, batchSize, ...one }) => ({
        ...one,
        inUse: reasons.length === 0,
        reasons: [...reasons],
        ...(forMs === undefined ? {} : { forMs }),
        ...(batchSize === undefined ? {} : { batchSize }),
        ...(head === undefined ? {} : { head: Number(head) }),
      }));
      return {
        status: 'ok' as const,
        ...about,
        bidding: reader.bidding(),
        contestedKeys: [...reader.contestedKeys()],
        clock: reader.clock(),
        rpc,
      };
    },
  );
  api.get(
    '/ready',
    described('Whether the node can do its work now; 503 if not, with the reason', {
      200: schemas.readiness,
      503: schemas.readiness,
    }),
    async (_, reply) => {
      const body = readinessOf(reader);
      return reply.code(body.ready ? 200 : 503).send(body);
    },
  );
  api.get(
    '/orders',
    described(
      'Awarded intents and what became of them, newest first',
      { 200: pageOfItems(schemas.order) },
      { querystring: ordersQuery },
    ),
    async ({ query }) => {
      const wanted = reader.orders().filter((view) => {
        const { state } = query;
        if (state === 'open' || state === 'closed') return isClosed(view) === (state === 'closed');
        return state === undefined || view.state === state;
      });
      const shown = wanted
        .map((view) => ({ view, key: timeKey(timeOfOrder(view), view.intent) }))
        .filter(({ view }) => query.market === undefined || showOrder(view).market === query.market);
      const { items, ...rest } = cutPage(shown, ({ key }) => key, query);
      return { items: items.map(({ view }) => showOrder(view)), ...rest };
    },
  );
  api.get(
    '/orders/:intent',
    described(
      'One order with its whole record, by its intent or its order id',
      { 200: schemas.orderRecord },
      { params: z.strictObject({ intent: digest }) },
    ),
    async ({ params }) => {
      const view = reader.order(params.intent);
      if (view === undefined)
        throw new ApiError('NOT_FOUND', 'No order on record has this intent or order id');
      const events = await reader.events(view.intent);
      return {
        ...showOrder(view),
        events: events.map((event) => ({ type: event.type, ...plainFields(event) })),
      };
    },
  );
  api.get(
    '/quotes',
    described(
      'Quotes of this node’s solver, newest first: the latest thousand, or those of an intent',
      { 200: pageOfItems(schemas.quote) },
      { querystring: quotesQuery },
    ),
    async ({ query }) => {
      const { solver } = reader;
      if (solver === undefined) return { items: [] };
      const found =
        query.intent === undefined ? solver.quotes() : await collect(solver.quotesFor(query.intent));
      const { items, ...rest } = cutPage(
        found,
        (own) => timeKey(own.quote.reservation.openBy, own.digest),
        query,
      );
      const show = (own: (typeof items)[number]) => {
        const { intent } = own.quote;
        const known = { view: reader.order(intent), auction: reader.auction(intent), now: reader.now() };
        const shown = showQuote(own, known);
        return reader.bidding() === 'dry run' ? { ...shown, outcome: 'paper' as const } : shown;
      };
      return { items: items.map(show), ...rest };
    },
  );
  api.get(
    '/auctions',
    described(
      'Auctions on record, with every good quote seen; those that were seen last come first',
      { 200: pageOfItems(schemas.auction) },
      { querystring: auctionsQuery },
    ),
    ({ query }) => listAuctions(reader, query),
  );
  api.get(
    '/auctions/:intent',
    described(
      'One auction with everything this node witnessed of it',
      { 200: schemas.auctionRecord },
      { params: z.strictObject({ intent: digest }) },
    ),
    async ({ params: { intent } }) => {
      const auction = competitionOf(intent, await reader.competitions.read(intent));
      if (auction === undefined) throw new ApiError('NOT_FOUND', 'No auction on record has this intent');
      return showCompetition(auction, reader.order(intent), reader.now());
    },
  );
  api.get(
    '/positions',
    described(
      'Positions this node watches; healthy ones too',
      { 200: pageOfItems(schemas.position) },
      { querystring: positionsQuery },
    ),
    async ({ query }) => {
      const watched = reader.watched.filter(
        ({ market }) => query.market === undefined || market === query.market,
      );
      const all = watched.flatMap(({ market, chain, source }) =>
        [...source.positions()].map((position) => ({ market, chain, position, source })),
      );
      const { items, ...rest } = cutPage(all, ({ market, position }) => `${market} ${position}`, query);
      const shown = items.map(({ source, ...item }) => ({ ...item, owner: source.ownerOf(item.position) }));
      return { items: shown, ...rest };
    },
  );
  api.get(
    '/flags',
    described(
      'Positions flagged for anybody to ingest, by the log; those that lapse last come first',
      { 200: pageOfItems(schemas.flag) },
      { querystring: positionsQuery },
    ),
    async ({ query }) => {
      const times = new Map(reader.heads().map(({ chain, time }) => [chain, time]));
      const shown = reader
        .flags()
        .map((flag) => ({ ...showFlag(flag, times.get(flag.chain)), key: flag.lapsesAt }))
        .filter(({ market }) => query.market === undefined || query.market === market);
      const keyOf = ({ key, positionKey }: (typeof shown)[number]) => timeKey(key, positionKey);
      const { items, ...rest } = cutPage(shown, keyOf, query);
      return { items: items.map(({ key, ...flag }) => flag), ...rest };
    },
  );
  api.get(
    '/inventory',
    described('What the solver has, has promised, and may still spend', {
      200: z.object({ items: z.array(schemas.holding) }),
    }),
    async () => ({ items: ((await reader.solver?.holdings()) ?? []).map(showHolding) }),
  );
  api.get(
    '/peers',
    described('Connected peers and what they listen to', { 200: z.object({ items: z.array(schemas.peer) }) }),
    async () => ({
      items: reader.peers().map(({ peerId, topics }) => ({ peerId, topics: [...topics] })),
    }),
  );
  api.post(
    '/pause',
    described(
      'Make no new quotes, over restarts too, until resumed. What was won is still paid for',
      { 200: schemas.bidding },
      { hide: !canChange },
    ),
    async () => {
      await bidding.pause();
      return { bidding: reader.bidding() };
    },
  );
  api.post(
    '/claim-key',
    described(
      'Go on with a key that another node used, which its operator has stopped for good',
      { 200: schemas.claimed },
      { hide: !canChange },
    ),
    async () => ({ claimed: [...(await keys.claim())], bidding: reader.bidding() }),
  );
  api.post('/resume', described('Quote again', { 200: schemas.bidding }, { hide: !canChange }), async () => {
    await bidding.resume();
    return { bidding: reader.bidding() };
  });
}

async function listAuctions(reader: NodeReader, query: z.output<typeof auctionsQuery>) {
  const { phase, market, limit, cursor } = query;
  const since = query.since === undefined ? undefined : BigInt(query.since);
  const now = reader.now();
  const items: z.output<typeof schemas.auction>[] = [];
  let last: string | undefined;
  for await (const { key, intent, ...heading } of reader.competitions.list({ before: cursor, since })) {
    if (market !== undefined && heading.market !== market) continue;
    // Most are over, and told apart without their record being read.
    if (phase !== undefined && isOver(heading.openBy, now) !== (phase === 'over')) continue;
    const auction = competitionOf(intent, await reader.competitions.read(intent));
    if (auction === undefined) continue;
    const shown = showAuction(auction, now);
    if (phase !== undefined && phase !== 'live' && shown.phase !== phase) continue;
    if (items.length === limit && last !== undefined) return { items, next: last };
    items.push(shown);
    last = key;
  }
  return { items };
}

function readinessOf(reader: NodeReader): z.output<typeof schemas.readiness> {
  const heads = reader.heads().map(({ chain, ageMs }) => ({
    check: `chain ${chain}`,
    ok: ageMs !== undefined && ageMs < STALE_MS,
    found: ageMs === undefined ? 'no block seen yet' : `newest block ${Number(ageMs) / 1_000} s old`,
  }));
  const count = reader.peers().length;
  const peers = { check: 'peers', ok: count > 0 || !reader.hasBootstrap, found: `${count} connected` };
  const state = reader.bidding();
  const clock = reader.clock();
  const time = { check: 'clock', ok: clock.state !== 'off', found: describeClock(clock) };
  const running = { check: 'running', ok: state !== 'draining', found: state };
  const contested = reader.contestedKeys();
  const keys = {
    check: 'keys',
    ok: contested.length === 0,
    found: contested.length === 0 ? 'used here alone' : `used elsewhere: ${contested.join(', ')}`,
  };
  const checks = [...heads, peers, time, keys, running];
  return { ready: checks.every(({ ok }) => ok), checks };
}

/** Describes a path: what it answers by status, and what it takes; it takes nothing else. */
function described<
  Response extends Readonly<Record<number, z.ZodType>>,
  Query extends z.ZodObject = typeof none,
  Params extends z.ZodObject = typeof none,
>(
  summary: string,
  response: Response,
  takes: { readonly querystring?: Query; readonly params?: Params; readonly hide?: boolean } = {},
) {
  // The defaults have the type of the parameters that they replace.
  const { querystring = none as unknown as Query, params = none as unknown as Params, hide = false } = takes;
  return { schema: { summary, querystring, params, hide, response } };
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

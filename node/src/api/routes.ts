import { parseBytes32 } from '@gavel/protocol';
import { z } from 'zod';
import { competitionOf } from '../auction/competition.ts';
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

/** One path of the interface: what it takes, what it gives. */
export type Route = {
  readonly method: 'GET' | 'POST';
  /** `:name` stands for a parameter. */
  readonly path: string;
  readonly summary: string;
  readonly query: z.ZodObject;
  readonly params: z.ZodObject;
  readonly response: z.ZodType;
  /** Throws ApiError. `status` other than 200 goes with what is returned. */
  handle(input: {
    readonly query: unknown;
    readonly params: unknown;
  }): Promise<{ body: unknown; status?: number }>;
};

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

/** Lists the paths that answer with JSON. */
export function createRoutes({
  reader,
  bidding,
}: {
  readonly reader: NodeReader;
  readonly bidding: BiddingSwitch;
}): Route[] {
  return [
    route({
      path: '/health',
      summary: 'That the process lives, what it is, and whether it bids',
      response: schemas.health,
      handle: async () => {
        const { version, network, peerId, roles, startedAt } = reader;
        const about = { version, network, peerId, roles: [...roles], startedAt: Number(startedAt) };
        return { status: 'ok' as const, ...about, bidding: reader.bidding(), clock: reader.clock() };
      },
    }),
    {
      ...route({
        path: '/ready',
        summary: 'Whether the node can do its work now; 503 if not, with the reason',
        response: schemas.readiness,
        handle: async () => readinessOf(reader),
      }),
      async handle() {
        const body = readinessOf(reader);
        return { body, status: body.ready ? 200 : 503 };
      },
    },
    route({
      path: '/orders',
      summary: 'Awarded intents and what became of them, newest first',
      query: ordersQuery,
      response: pageOfItems(schemas.order),
      handle: async ({ query }) => {
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
    }),
    route({
      path: '/orders/:intent',
      summary: 'One order with its whole record, by its intent or its order id',
      params: z.strictObject({ intent: digest }),
      response: schemas.orderRecord,
      handle: async ({ params }) => {
        const view = reader.order(params.intent);
        if (view === undefined)
          throw new ApiError('NOT_FOUND', 'No order on record has this intent or order id');
        const events = await reader.events(view.intent);
        return {
          ...showOrder(view),
          events: events.map((event) => ({ type: event.type, ...plainFields(event) })),
        };
      },
    }),
    route({
      path: '/quotes',
      summary: 'Quotes of this node’s solver, newest first: the latest thousand, or those of an intent',
      query: quotesQuery,
      response: pageOfItems(schemas.quote),
      handle: async ({ query }) => {
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
    }),
    route({
      path: '/auctions',
      summary: 'Auctions on record, with every good quote seen; those that were seen last come first',
      query: auctionsQuery,
      response: pageOfItems(schemas.auction),
      handle: ({ query }) => listAuctions(reader, query),
    }),
    route({
      path: '/auctions/:intent',
      summary: 'One auction with everything this node witnessed of it',
      params: z.strictObject({ intent: digest }),
      response: schemas.auctionRecord,
      handle: async ({ params: { intent } }) => {
        const auction = competitionOf(intent, await reader.competitions.read(intent));
        if (auction === undefined) throw new ApiError('NOT_FOUND', 'No auction on record has this intent');
        return showCompetition(auction, reader.order(intent), reader.now());
      },
    }),
    route({
      path: '/positions',
      summary: 'Positions this node watches; healthy ones too',
      query: positionsQuery,
      response: pageOfItems(schemas.position),
      handle: async ({ query }) => {
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
    }),
    route({
      path: '/flags',
      summary: 'Positions flagged for anybody to ingest, by the log; those that lapse last come first',
      query: positionsQuery,
      response: pageOfItems(schemas.flag),
      handle: async ({ query }) => {
        const times = new Map(reader.heads().map(({ chain, time }) => [chain, time]));
        const shown = reader
          .flags()
          .map((flag) => ({ ...showFlag(flag, times.get(flag.chain)), key: flag.lapsesAt }))
          .filter(({ market }) => query.market === undefined || query.market === market);
        const keyOf = ({ key, positionKey }: (typeof shown)[number]) => timeKey(key, positionKey);
        const { items, ...rest } = cutPage(shown, keyOf, query);
        return { items: items.map(({ key, ...flag }) => flag), ...rest };
      },
    }),
    route({
      path: '/inventory',
      summary: 'What the solver has, has promised, and may still spend',
      response: z.object({ items: z.array(schemas.holding) }),
      handle: async () => ({ items: ((await reader.solver?.holdings()) ?? []).map(showHolding) }),
    }),
    route({
      path: '/peers',
      summary: 'Connected peers and what they listen to',
      response: z.object({ items: z.array(schemas.peer) }),
      handle: async () => ({
        items: reader.peers().map(({ peerId, topics }) => ({ peerId, topics: [...topics] })),
      }),
    }),
    route({
      method: 'POST',
      path: '/pause',
      summary: 'Make no new quotes, over restarts too, until resumed. What was won is still paid for',
      response: schemas.bidding,
      handle: async () => {
        await bidding.pause();
        return { bidding: reader.bidding() };
      },
    }),
    route({
      method: 'POST',
      path: '/resume',
      summary: 'Quote again',
      response: schemas.bidding,
      handle: async () => {
        await bidding.resume();
        return { bidding: reader.bidding() };
      },
    }),
  ];
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
  const checks = [...heads, peers, time, running];
  return { ready: checks.every(({ ok }) => ok), checks };
}

/** Makes a route whose handler gets parsed parameters and must return what its description says. */
function route<
  Response extends z.ZodType,
  Query extends z.ZodObject = typeof none,
  Params extends z.ZodObject = typeof none,
>(parts: {
  readonly method?: 'GET' | 'POST';
  readonly path: string;
  readonly summary: string;
  readonly query?: Query;
  readonly params?: Params;
  readonly response: Response;
  handle(input: {
    readonly query: z.output<Query>;
    readonly params: z.output<Params>;
  }): Promise<z.output<Response>>;
}): Route {
  const { method = 'GET', path, summary, query = none, params = none, response, handle } = parts;
  return {
    method,
    path,
    summary,
    query,
    params,
    response,
    async handle(input) {
      const parsed = { query: parse(query, input.query), params: parse(params, input.params) };
      // The defaults have the type of the parameters they stand for.
      return { body: await handle(parsed as { query: z.output<Query>; params: z.output<Params> }) };
    },
  };
}

function parse(schema: z.ZodObject, value: unknown): unknown {
  const parsed = schema.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join('.')}: ${message}`,
  );
  throw new ApiError('BAD_REQUEST', 'The parameters are not as described', { meta: { faults } });
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

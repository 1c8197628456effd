import type { Command } from 'commander';
import { formatUnits } from 'viem';
import type { z } from 'zod';
import type * as schemas from '../../api/schemas.ts';
import { CliError } from '../errors.ts';
import { askAll, findNode, type NodeOptions, nodeOption } from '../node-api.ts';
import { type Column, layOut, short } from '../table.ts';

type Options = NodeOptions & {
  limit: string;
  state?: string;
  phase?: string;
  market?: string;
  intent?: string;
};
type Row<Schema extends z.ZodType> = z.output<Schema>;

/** One list: what it asks the node for and how it shows it. */
type Listing<Item> = {
  readonly name: string;
  readonly summary: string;
  readonly filters: readonly ('state' | 'phase' | 'market' | 'intent')[];
  /** Whether the node gives it in pages. */
  readonly paged: boolean;
  readonly columns: readonly Column<Item>[];
  readonly empty: string;
};

const FILTERS = {
  state: ['--state <state>', 'open, closed, or a state such as filled'],
  phase: ['--phase <phase>', 'live, quoting, awarding, landing or over'],
  market: ['--market <id>', 'only of this market'],
  intent: ['--intent <digest>', 'only of this intent'],
} as const;

const MOST = 10_000;

/** Add the commands that list what a running node sees, does and holds. */
export function addListings(program: Command): void {
  add<Row<typeof schemas.order>>(program, {
    name: 'orders',
    summary: 'awarded intents and what became of them',
    filters: ['state', 'market'],
    paged: true,
    columns: [
      { head: 'to land by', of: ({ openBy }) => time(openBy === undefined ? undefined : openBy * 1_000) },
      { head: 'intent', of: ({ intent }) => short(intent) },
      { head: 'market', of: ({ market }) => market ?? '-' },
      { head: 'state', of: ({ state, closed }) => (closed ? `${state} ✓` : state) },
      { head: 'mode', of: ({ mode }) => mode ?? '-' },
      { head: 'solver', of: ({ solver }) => short(solver) },
      { head: 'repaid', of: ({ repaid }) => repaid ?? '-', right: true },
      { head: 'ask', of: ({ ask }) => ask ?? '-', right: true },
    ],
    empty: 'No orders on record.',
  });
  add<Row<typeof schemas.quote>>(program, {
    name: 'quotes',
    summary: 'quotes of this node’s solver and their outcome',
    filters: ['intent'],
    paged: true,
    columns: [
      { head: 'binds until', of: ({ openBy }) => time(openBy * 1_000) },
      { head: 'intent', of: ({ intent }) => short(intent) },
      { head: 'market', of: ({ market }) => market },
      { head: 'outcome', of: ({ outcome }) => outcome },
      { head: 'ask', of: ({ ask }) => ask, right: true },
      { head: '% of lot', of: ({ ask, seizable }) => percent(ask, seizable), right: true },
      { head: 'pays on', of: ({ payDomain }) => String(payDomain), right: true },
      { head: 'pays', of: ({ payAmount }) => payAmount, right: true },
    ],
    empty: 'This node has made no quotes.',
  });
  add<Row<typeof schemas.auction>>(program, {
    name: 'auctions',
    summary: 'auctions on record, with every quote the node saw',
    filters: ['phase', 'market'],
    paged: true,
    columns: [
      { head: 'quotes until', of: ({ quoteBy }) => time(quoteBy) },
      { head: 'intent', of: ({ intent }) => short(intent) },
      { head: 'market', of: ({ market }) => market },
      { head: 'phase', of: ({ phase }) => phase },
      { head: 'quotes', of: ({ quotes }) => String(quotes.length), right: true },
      { head: 'tallies', of: ({ tallies }) => String(tallies), right: true },
      { head: 'votes', of: ({ votes }) => String(votes), right: true },
      { head: 'winner', of: ({ certificate }) => short(certificate?.ranked[0]?.solver) },
      {
        head: '% of lot',
        of: ({ certificate, seizable }) => {
          const ask = certificate?.ranked[0]?.ask;
          return ask === undefined ? '-' : percent(ask, seizable);
        },
        right: true,
      },
    ],
    empty: 'No auctions on record.',
  });
  add<Row<typeof schemas.position>>(program, {
    name: 'positions',
    summary: 'positions the node watches, healthy ones too',
    filters: ['market'],
    paged: true,
    columns: [
      { head: 'market', of: ({ market }) => market },
      { head: 'chain', of: ({ chain }) => chain },
      { head: 'owner', of: ({ owner }) => owner },
      { head: 'position', of: ({ position }) => short(position) },
    ],
    empty: 'No positions known. Only a watcher watches any.',
  });
  add<Row<typeof schemas.flag>>(program, {
    name: 'flags',
    summary: 'positions flagged for anybody to take, no auction having liquidated them',
    filters: ['market'],
    paged: true,
    columns: [
      { head: 'takeable from', of: ({ takeableFrom }) => time(takeableFrom * 1_000) },
      { head: 'lapses', of: ({ lapsesAt }) => time(lapsesAt * 1_000) },
      { head: 'market', of: ({ market }) => market },
      { head: 'state', of: ({ state }) => state },
      { head: 'position', of: ({ positionKey }) => short(positionKey) },
      { head: 'taken by', of: ({ taken }) => short(taken?.taker) },
      { head: 'lot', of: ({ taken }) => taken?.lot ?? '-', right: true },
    ],
    empty: 'No position is flagged.',
  });
  add<Row<typeof schemas.holding>>(program, {
    name: 'inventory',
    summary: 'what the solver has, has promised, and may still spend',
    filters: [],
    paged: false,
    columns: [
      { head: 'chain', of: ({ chain }) => chain },
      { head: 'for', of: ({ purpose }) => purpose },
      { head: 'token', of: ({ symbol }) => symbol },
      { head: 'balance', of: ({ balance, decimals }) => units(balance, decimals), right: true },
      { head: 'promised', of: ({ promised, decimals }) => units(promised, decimals), right: true },
      { head: 'available', of: ({ available, decimals }) => units(available, decimals), right: true },
      {
        head: 'limit leaves',
        of: ({ room, decimals }) => (room === undefined ? '-' : units(room, decimals)),
        right: true,
      },
      { head: 'holder', of: ({ holder }) => short(holder) },
    ],
    empty: 'This node runs no solver.',
  });
  add<Row<typeof schemas.peer>>(program, {
    name: 'peers',
    summary: 'connected peers and what they listen to',
    filters: [],
    paged: false,
    columns: [
      { head: 'peer', of: ({ peerId }) => peerId },
      { head: 'topics', of: ({ topics }) => topics.join(', ') },
    ],
    empty: 'No peers connected.',
  });
}

function add<Item>(program: Command, listing: Listing<Item>): void {
  const { name, summary, filters, paged, columns, empty } = listing;
  const command = nodeOption(program.command(name))
    .summary(summary)
    .description(
      `List ${summary}.\n\nAsks a running node; amounts are in the smallest unit of their token unless they have a point.`,
    );
  for (const filter of filters) command.option(FILTERS[filter][0], FILTERS[filter][1]);
  if (paged) command.option('-n, --limit <number>', 'how many, newest first', '20');
  command.action(async (options: Options) => {
    const query = new URLSearchParams(
      filters.flatMap((filter) => {
        const value = options[filter];
        return value === undefined ? [] : [[filter, value] as [string, string]];
      }),
    );
    const ask = await findNode(options);
    const path = `/${name}${query.size > 0 ? `?${query}` : ''}`;
    const items = paged
      ? await askAll<Item>(ask, path, countOf(options.limit))
      : ((await ask(path)) as { items: Item[] }).items;
    process.stdout.write(
      options.json === true ? `${JSON.stringify(items, null, 2)}\n` : layOut(items, columns, empty),
    );
  });
}

function countOf(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= MOST) return count;
  throw new CliError('BAD_ARGUMENT', `Expected a number from 1 to ${MOST} after --limit`, {
    meta: { got: text },
  });
}

function time(ms: number | undefined): string {
  return ms === undefined ? '-' : new Date(ms).toISOString().replace('T', ' ').slice(0, 19);
}

function percent(part: string, whole: string): string {
  if (BigInt(whole) === 0n) return '-';
  return formatUnits((BigInt(part) * 10_000n) / BigInt(whole), 2);
}

function units(amount: string, decimals: number): string {
  const [whole = '0', fraction = ''] = formatUnits(BigInt(amount), decimals).split('.');
  return `${whole}.${fraction.slice(0, 4).padEnd(2, '0')}`;
}

import type { Command } from 'commander';
import type { COLUMNS } from '../columns.ts';
import { CliError } from '../errors.ts';
import { askAll, findNode, type NodeOptions, nodeOption } from '../node-api.ts';
import type { Column } from '../table.ts';

type Options = NodeOptions & {
  limit: string;
  state?: string;
  phase?: string;
  market?: string;
  intent?: string;
};

/** One list: what it asks the node for and how it shows it. */
type Listing = {
  readonly name: keyof typeof COLUMNS;
  readonly summary: string;
  readonly filters: readonly ('state' | 'phase' | 'market' | 'intent')[];
  /** Whether the node gives it in pages. */
  readonly paged: boolean;
  readonly empty: string;
};

const FILTERS = {
  state: ['--state <state>', 'open, closed, or a state such as filled'],
  phase: ['--phase <phase>', 'live, quoting, awarding, landing or over'],
  market: ['--market <id>', 'only of this market'],
  intent: ['--intent <digest>', 'only of this intent'],
} as const;

const MOST = 10_000;

/** Adds the commands that list what a running node sees, does and holds. */
export function addListings(program: Command): void {
  add(program, {
    name: 'orders',
    summary: 'awarded intents and what became of them',
    filters: ['state', 'market'],
    paged: true,
    empty: 'No orders on record.',
  });
  add(program, {
    name: 'quotes',
    summary: 'quotes of this node’s solver and their outcome',
    filters: ['intent'],
    paged: true,
    empty: 'This node has made no quotes.',
  });
  add(program, {
    name: 'auctions',
    summary: 'auctions on record, with every quote the node saw',
    filters: ['phase', 'market'],
    paged: true,
    empty: 'No auctions on record.',
  });
  add(program, {
    name: 'positions',
    summary: 'positions the node watches, healthy ones too',
    filters: ['market'],
    paged: true,
    empty: 'No positions known. Only a watcher watches any.',
  });
  add(program, {
    name: 'flags',
    summary: 'positions flagged for anybody to take, no auction having liquidated them',
    filters: ['market'],
    paged: true,
    empty: 'No position is flagged.',
  });
  add(program, {
    name: 'inventory',
    summary: 'what the solver has, has promised, and may still spend',
    filters: [],
    paged: false,
    empty: 'This node runs no solver.',
  });
  add(program, {
    name: 'peers',
    summary: 'connected peers and what they listen to',
    filters: [],
    paged: false,
    empty: 'No peers connected.',
  });
}

function add(program: Command, listing: Listing): void {
  const { name, summary, filters, paged, empty } = listing;
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
      ? await askAll<unknown>(ask, path, countOf(options.limit))
      : ((await ask(path)) as { items: unknown[] }).items;
    if (options.json === true) {
      process.stdout.write(`${JSON.stringify(items, null, 2)}\n`);
      return;
    }
    // Imported late, so that help is instant.
    const [{ COLUMNS }, { layOut }] = await Promise.all([import('../columns.ts'), import('../table.ts')]);
    process.stdout.write(layOut(items, COLUMNS[name] as readonly Column<unknown>[], empty));
  });
}

function countOf(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= MOST) return count;
  throw new CliError('BAD_ARGUMENT', `Expected a number from 1 to ${MOST} after --limit`, {
    meta: { got: text },
  });
}

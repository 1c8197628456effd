import type { Command } from 'commander';
import { CliError } from '../errors.ts';
import { askAll, findNode, type NodeOptions, nodeOption } from '../node-api.ts';

type Options = NodeOptions & {
  orders?: boolean;
  quotes?: boolean;
  auctions?: boolean;
  auction?: string;
  since?: string;
};
type Item = { readonly intent: string; readonly quoteBy?: number; readonly openBy?: number };

/** As many as a node can list. */
const MOST = 1_000_000;

const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Adds `gavel export`: everything a running node has on record, one JSON object a line. */
export function addExport(program: Command): void {
  nodeOption(program.command('export'))
    .summary('write a running node’s records to standard output')
    .description(
      `Write what a running node has on record to standard output, one JSON object a line, newest first: orders with
their whole history, quotes, or auctions with everything witnessed of them (each quote, when it came and from whom, taken or
refused and why; tallies, votes, the ranking with the reason for every exclusion, the certificate, and what became of the award).

  $ gavel export --orders --config node.yaml > orders.ndjson
  $ gavel export --auctions --since 24h --config node.yaml > auctions.ndjson
  $ gavel export --auction 0x3f… --config node.yaml`,
    )
    .option('--orders', 'orders, each with its events')
    .option('--quotes', 'quotes of this node’s solver')
    .option('--auctions', 'the competition: auctions with everything witnessed of them')
    .option('--auction <intent>', 'one auction, by its intent')
    .option('--since <time>', 'only what is not older: 30m, 24h, 7d, or a date such as 2026-01-31T12:00Z')
    .action(async (options: Options) => {
      const kinds = (['orders', 'quotes', 'auctions'] as const).filter((kind) => options[kind] === true);
      const { auction } = options;
      if (kinds.length === 0 && auction === undefined)
        throw new CliError(
          'BAD_ARGUMENT',
          'What? Give --orders, --quotes, --auctions, --auction, or several',
        );
      const since = options.since === undefined ? undefined : timeOf(options.since, Date.now());
      const ask = await findNode(options);
      if (auction !== undefined) write('auction', await ask(`/auctions/${encodeURIComponent(auction)}`));
      for (const kind of kinds) {
        // Nodes list auctions by when they were seen; what else is older is left out here.
        const path = kind === 'auctions' && since !== undefined ? `/auctions?since=${since}` : `/${kind}`;
        for (const item of await askAll<Item>(ask, path, MOST)) {
          if (kind !== 'auctions' && since !== undefined && ageOf(item) < since) continue;
          const isWhole = kind === 'quotes';
          write(kind.slice(0, -1), isWhole ? item : await ask(`/${kind}/${item.intent}`));
        }
      }
    });
}

function write(kind: string, record: unknown): void {
  process.stdout.write(`${JSON.stringify({ kind, ...(record as object) })}\n`);
}

/**
 * The time of an order or a quote, Unix milliseconds: the end of quoting, or of landing where only that is
 * known.
 */
function ageOf({ quoteBy, openBy }: Item): number {
  return quoteBy ?? (openBy === undefined ? Number.POSITIVE_INFINITY : openBy * 1_000);
}

function timeOf(text: string, now: number): number {
  const [, count, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  if (count !== undefined && (unit === 'm' || unit === 'h' || unit === 'd'))
    return now - Number(count) * UNIT_MS[unit];
  const time = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(time) && time >= 0) return time;
  throw new CliError(
    'BAD_ARGUMENT',
    'Expected 30m, 24h, 7d, or a date such as 2026-01-31T12:00Z after --since',
    {
      meta: { got: text },
    },
  );
}

import type { Command } from 'commander';
import { CliError } from '../errors.ts';
import { askAll, findNode, type NodeOptions, nodeOption } from '../node-api.ts';

type Options = NodeOptions & { orders?: boolean; quotes?: boolean; auctions?: boolean; state?: string };

/** As many as a node can list. */
const MOST = 1_000_000;

/** Add `gavel export`: everything a running node has on record, one JSON object a line. */
export function addExport(program: Command): void {
  nodeOption(program.command('export'))
    .summary('write a running node’s records to standard output')
    .description(
      `Write everything a running node has on record to standard output, one JSON object a line, newest first: orders with
their whole history, quotes, or auctions with every quote seen, the ranking and the votes counted.

  $ gavel export --orders --config node.yaml > orders.ndjson`,
    )
    .option('--orders', 'orders, each with its events')
    .option('--quotes', 'quotes of this node’s solver')
    .option('--auctions', 'the competition: auctions with all quotes seen')
    .action(async (options: Options) => {
      const kinds = (['orders', 'quotes', 'auctions'] as const).filter((kind) => options[kind] === true);
      if (kinds.length === 0)
        throw new CliError('BAD_ARGUMENT', 'What? Give --orders, --quotes, --auctions, or several');
      const ask = await findNode(options);
      for (const kind of kinds) {
        for (const item of await askAll<{ intent: string }>(ask, `/${kind}`, MOST)) {
          const record = kind === 'orders' ? await ask(`/orders/${item.intent}`) : item;
          process.stdout.write(`${JSON.stringify({ kind: kind.slice(0, -1), ...(record as object) })}\n`);
        }
      }
    });
}

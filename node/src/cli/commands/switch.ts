import type { Command } from 'commander';
import { findNode, type NodeOptions, nodeOption } from '../node-api.ts';

const NOTE = 'The node needs api.token in its configuration; with --api, put the token into GAVEL_API_TOKEN.';

/** Adds `gavel pause` and `gavel resume`, the kill switch of a running node, and `gavel claim-key`. */
export function addSwitch(program: Command): void {
  nodeOption(program.command('pause'))
    .summary('make a running node bid on nothing, until resumed')
    .description(
      `Make a running node's solver bid on nothing, at once and over restarts, until resumed. What it has won it still pays
for: an order left unpaid costs the bond.\n\n${NOTE}`,
    )
    .action((options: NodeOptions) => turn(options, '/pause'));
  nodeOption(program.command('resume'))
    .summary('let a paused node bid again')
    .description(`Let a paused node bid again.\n\n${NOTE}`)
    .action((options: NodeOptions) => turn(options, '/resume'));
  nodeOption(program.command('claim-key'))
    .summary('go on with a key that another node used, after that node was stopped for good')
    .description(
      `Go on with the keys of a running node that another node has used too. Stop the other node for good first: two nodes with
one key contradict each other, and each contradiction can cost the bond.

This node takes what the other signed until now for its own: it signs nothing new until none of it can land any more, and
pays the orders that the other won and did not pay.\n\n${NOTE}`,
    )
    .action(claimKey);
}

async function turn(options: NodeOptions, path: string): Promise<void> {
  const ask = await findNode(options, true);
  const answer = (await ask(path, 'POST')) as { bidding: string };
  process.stdout.write(
    options.json === true ? `${JSON.stringify(answer)}\n` : `Bidding: ${answer.bidding}\n`,
  );
}

async function claimKey(options: NodeOptions): Promise<void> {
  const ask = await findNode(options, true);
  const answer = (await ask('/claim-key', 'POST')) as { claimed: string[]; bidding: string };
  const { claimed, bidding } = answer;
  const told =
    claimed.length === 0 ? 'No key of this node is used elsewhere' : `Claimed: ${claimed.join(', ')}`;
  process.stdout.write(
    options.json === true ? `${JSON.stringify(answer)}\n` : `${told}. Bidding: ${bidding}\n`,
  );
}

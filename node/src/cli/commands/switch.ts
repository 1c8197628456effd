import type { Command } from 'commander';
import { findNode, type NodeOptions, nodeOption } from '../node-api.ts';

const NOTE = 'The node needs api.token in its configuration; with --api, put the token into GAVEL_API_TOKEN.';

/** Adds `gavel pause` and `gavel resume`: the kill switch of a running node. */
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
}

async function turn(options: NodeOptions, path: string): Promise<void> {
  const ask = await findNode(options, true);
  const answer = (await ask(path, 'POST')) as { bidding: string };
  process.stdout.write(
    options.json === true ? `${JSON.stringify(answer)}\n` : `Bidding: ${answer.bidding}\n`,
  );
}

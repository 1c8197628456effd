import pc from 'picocolors';
import { devAccount } from './accounts.ts';
import { deploymentFile } from './deployment.ts';
import type { Network } from './network.ts';
import type { RunningNode } from './nodes.ts';
import { newTable } from './table.ts';

/** Prints where everything of a running network is, and what to try on it. */
export function describeNetwork(network: Network, nodes: readonly RunningNode[]): string {
  const chains = newTable(['chain', 'id', 'domain', 'block time', 'RPC']);
  const contracts = newTable(['chain', 'contract', 'address']);
  for (const [name, { chain, core, gavel, dollar }] of network.sites) {
    chains.push([name, chain.chainId, chain.domain, `${chain.blockTime} s`, chain.rpcUrl]);
    contracts.push(
      [name, 'CollateralEscrow', gavel.collateralEscrow],
      [name, 'RepaymentEscrow', gavel.repaymentEscrow],
      [name, 'SolverBonds', gavel.bonds],
      [name, 'MarketRegistry', gavel.registry],
      [name, 'AccessManager', gavel.manager],
      [name, 'Erc7683Resolver', gavel.resolver],
      [name, 'Mailbox (Hyperlane)', core.mailbox],
      [name, `${dollar.symbol} (${dollar.decimals} decimals)`, dollar.address],
    );
  }
  for (const { id, home, adapter, vault, source, feeds, collaterals } of network.markets) {
    contracts.push(
      [home, `${id} (lending protocol)`, source],
      [home, `${id} adapter`, adapter],
      [home, `${id} vault`, vault],
      ...Object.entries(feeds).map(([symbol, feed]) => [home, `${symbol} price feed`, feed]),
      ...Object.values(collaterals).map(({ symbol, address }) => [home, symbol, address]),
    );
  }
  const processes = newTable(['node', 'roles', 'pid', 'dial']);
  for (const { plan, process, addresses } of nodes) {
    processes.push([plan.name, plan.roles.join(', '), process.pid, addresses[0] ?? '–']);
  }
  const accounts = newTable(['account', 'address', 'what']);
  accounts.push(['prices and mint', network.lendingKey.address, network.lendingKey.privateKey]);
  for (const { name, account, about } of network.plan.solvers)
    accounts.push([name, devAccount(account).address, about]);
  const [market] = network.markets;
  const site = market && network.sites.get(market.home);
  return [
    chains.toString(),
    contracts.toString(),
    accounts.toString(),
    processes.toString(),
    `Logs and configurations: ${network.dir}`,
    '',
    pc.bold('Try next'),
    ...(market && site
      ? [
          '  Let the price of ether fall, and watch the nodes’ logs:',
          `    npx -p @foundry-rs/cast cast send ${market.feeds.WETH} 'setAnswer(int256)' 340000000000 --rpc-url ${site.chain.rpcUrl} --private-key ${network.lendingKey.privateKey}`,
          `    tail -f ${network.dir}/logs/solver-1.log`,
        ]
      : []),
    '  Compare the chains with the file they were deployed from:',
    `    npx gavel-deploy plan --config ${deploymentFile(network.dir)}`,
    '  Ctrl-C stops everything and removes the folder.',
  ].join('\n');
}

import pc from 'picocolors';
import { formatUnits } from 'viem';
import { type Network, siteOf } from '../network.ts';
import { newTable } from '../table.ts';
import { isDebtFree } from './records.ts';
import type { StoryResult } from './story.ts';
import { amount, nameOf, short } from './tell.ts';

/** Draws the table of liquidations, two lines each, to fit a terminal of 160 columns. */
export function liquidationTable(network: Network, result: StoryResult): string {
  const head = [
    'protocol\nhome',
    'paid by\non',
    'repaid\nseized',
    'to the solver\nto the borrower',
    'borrower’s part\nof the bonus',
    'health before\nafter',
    'quotes',
    'price change to\ndebt repaid',
    'to\nsettled',
    'proven by\nmessage',
  ];
  const table = newTable(head, false);
  for (const { record, figures, quotes } of result.liquidations) {
    table.push([
      `${record.market.protocol}\n${record.market.home}`,
      `${nameOf(network, record.solver)}\n${record.payChain} (${record.mode})`,
      `${amount(record.repaid, record.debt, 2)}\n${amount(record.seized, record.collateral)}`,
      `${amount(record.ask, record.collateral)}\n${amount(record.credited?.args.toBorrower ?? 0n, record.collateral)}`,
      `${(Number(figures.bonusShareBps) / 100).toFixed(1)} %`,
      `${health(figures.healthBefore)}\n${health(figures.healthAfter)}`,
      quotes,
      `${figures.blocksToRepaid} blocks\n${seconds(figures.msToRepaid)}`,
      seconds(figures.msToSettled),
      record.reported ? short(record.reported.args.messageId) : '–',
    ]);
  }
  return table.toString();
}

/** Lists the checks, what failed in red with its reason. */
export function checkList({ checks }: Pick<StoryResult, 'checks'>): string {
  return checks
    .map(({ name, ok, detail }) => `${ok ? pc.green('✓') : pc.red('✗')} ${name} ${pc.dim(`(${detail})`)}`)
    .join('\n');
}

/**
 * Gives the same as data. Amounts are decimal strings in the token's smallest units, whose symbol and
 * decimals stand beside them; health is a decimal string, `Infinity` without debt; shares are decimal strings
 * from 0 to 1.
 */
export function asData(network: Network, result: StoryResult, setupMs: number): unknown {
  return {
    liquidations: result.liquidations.map(({ record, figures, quotes }) => ({
      protocol: record.market.protocol,
      home: record.market.home,
      payChain: record.payChain,
      mode: record.mode,
      repaid: record.repaid.toString(),
      seized: record.seized.toString(),
      ask: record.ask.toString(),
      surplusToBorrower: (record.credited?.args.toBorrower ?? 0n).toString(),
      bonusShareToBorrower: formatUnits(figures.bonusShareBps, 4),
      healthBefore: healthText(figures.healthBefore),
      healthAfter: healthText(figures.healthAfter),
      quotes,
      blocksToRepaid: Number(figures.blocksToRepaid),
      msToRepaid: figures.msToRepaid,
      msToSettled: figures.msToSettled ?? null,
      messageId: record.reported?.args.messageId ?? null,
      market: record.market.id,
      borrower: record.position.borrower,
      solver: record.solver,
      intent: record.intent,
      orderId: record.orderId ?? null,
      debt: { symbol: record.debt.symbol, decimals: record.debt.decimals },
      collateral: { symbol: record.collateral.symbol, decimals: record.collateral.decimals },
    })),
    messages: result.messages,
    checks: result.checks,
    setupMs,
    chains: [...network.sites.keys()].map((name) => {
      const { chainId, domain, blockTime } = siteOf(network, name).chain;
      return { name, chainId, domain, blockTime };
    }),
  };
}

/** A health to three places; one beyond 1 000 is that of a position with dust for debt. */
function health(value: bigint): string {
  if (isDebtFree(value)) return 'no debt';
  const factor = Number(formatUnits(value, 18));
  return factor > 1_000 ? '> 1 000' : factor.toFixed(3);
}

function healthText(value: bigint): string {
  return isDebtFree(value) ? 'Infinity' : formatUnits(value, 18);
}

function seconds(ms: number | undefined): string {
  return ms === undefined || Number.isNaN(ms) ? '–' : `${(ms / 1_000).toFixed(1)} s`;
}

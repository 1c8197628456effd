import { layOut } from '../src/cli/table.ts';
import type { Result, RowResult, Spread } from './measure.ts';

/** Lay a result out for people: a line a row, medians with their least and most. */
export function present({ name, what, repetitions, seconds, machine, rows }: Result): string {
  const columns = [
    { head: 'what', of: (row: RowResult) => row.name },
    { head: 'measured', of: (row: RowResult) => spread(row.measured, row.unit), right: true },
    { head: 'baseline', of: (row: RowResult) => spread(row.compared, row.unit), right: true },
    { head: 'measured ÷ baseline', of: (row: RowResult) => spread(row.ratio, ''), right: true },
    { head: 'aim', of: aimOf },
  ];
  const baselines = [...new Set(rows.map(({ baseline }) => baseline))].map((text) => `baseline: ${text}`);
  return `${name}: ${what}
${machine.cpu}, ${machine.cores} cores, Node ${machine.node}; medians of ${repetitions} repetitions (least … most), ${seconds} s
${baselines.join('\n')}

${layOut(rows, columns, 'Nothing was measured.')}`;
}

function spread({ median, least, most }: Spread, unit: RowResult['unit'] | ''): string {
  const end = unit === 'ms' ? ' ms' : unit;
  return `${figure(median)}${end} (${figure(least)} … ${figure(most)})`;
}

function figure(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function aimOf({ aim, unit, reached }: RowResult): string {
  if (aim === undefined) return '';
  const bound = unit === '/s' ? '≥' : '≤';
  const parts = [
    ...(aim.figure === undefined
      ? []
      : [`${bound} ${aim.figure.toLocaleString('en-US')}${unit === 'ms' ? ' ms' : unit}`]),
    ...(aim.ratio === undefined ? [] : [`${bound} ${aim.ratio} ×`]),
  ];
  return `${parts.join(', ')}: ${reached === true ? 'reached' : 'missed'}`;
}

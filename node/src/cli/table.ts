import Table from 'cli-table3';

/** One column: its heading, and what it shows of a row. */
export type Column<Row> = {
  readonly head: string;
  readonly of: (row: Row) => string;
  readonly right?: boolean;
};

/** Lay rows out for people, colourless, so that it can be piped; a sentence if there are none. */
export function layOut<Row>(rows: readonly Row[], columns: readonly Column<Row>[], empty: string): string {
  if (rows.length === 0) return `${empty}\n`;
  const table = new Table({
    head: columns.map(({ head }) => head),
    colAligns: columns.map(({ right }) => (right === true ? 'right' : 'left')),
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 2 },
    chars: NO_LINES,
  });
  table.push(...rows.map((row) => columns.map(({ of }) => of(row))));
  const lines = table.toString().split('\n');
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

/** Cuts a digest or an address to what people compare. */
export function short(value: string | undefined): string {
  if (value === undefined) return '-';
  return value.length > 14 ? `${value.slice(0, 8)}…${value.slice(-4)}` : value;
}

const NO_LINES = Object.fromEntries(
  ['top', 'bottom', 'left', 'right', 'mid', 'middle']
    .flatMap((side) => [side, `${side}-mid`, `${side}-left`, `${side}-right`])
    .concat('left-mid', 'mid-mid', 'right-mid')
    .map((name) => [name, '']),
);

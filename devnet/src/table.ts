import Table from 'cli-table3';
import pc from 'picocolors';

/** Begin a table whose colours, as all others, are left out where the reader wants none. */
export function newTable(head: readonly string[], compact = true) {
  const colours = pc.isColorSupported ? { head: ['cyan'], border: ['grey'] } : { head: [], border: [] };
  return new Table({ head: [...head], style: { ...colours, compact } });
}

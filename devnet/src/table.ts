import Table from 'cli-table3';
import pc from 'picocolors';

/** Begins a table. Colours are left out where the reader's settings ask for none, as everywhere. */
export function newTable(head: readonly string[], compact = true) {
  const colours = pc.isColorSupported ? { head: ['cyan'], border: ['grey'] } : { head: [], border: [] };
  return new Table({ head: [...head], style: { ...colours, compact } });
}

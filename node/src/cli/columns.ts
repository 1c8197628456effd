import { formatUnits } from 'viem';
import type { z } from 'zod';
import type * as schemas from '../api/schemas.ts';
import { type Column, short } from './table.ts';

/** The lists that a running node gives, and the columns that show each. */
export const COLUMNS: { readonly [List in keyof Rows]: readonly Column<Rows[List]>[] } = {
  orders: [
    { head: 'to land by', of: ({ openBy }) => time(openBy === undefined ? undefined : openBy * 1_000) },
    { head: 'intent', of: ({ intent }) => short(intent) },
    { head: 'market', of: ({ market }) => market ?? '-' },
    { head: 'state', of: ({ state, closed }) => (closed ? `${state} ✓` : state) },
    { head: 'mode', of: ({ mode }) => mode ?? '-' },
    { head: 'solver', of: ({ solver }) => short(solver) },
    { head: 'repaid', of: ({ repaid }) => repaid ?? '-', right: true },
    { head: 'ask', of: ({ ask }) => ask ?? '-', right: true },
  ],
  quotes: [
    { head: 'binds until', of: ({ openBy }) => time(openBy * 1_000) },
    { head: 'intent', of: ({ intent }) => short(intent) },
    { head: 'market', of: ({ market }) => market },
    { head: 'outcome', of: ({ outcome }) => outcome },
    { head: 'ask', of: ({ ask }) => ask, right: true },
    { head: '% of lot', of: ({ ask, seizable }) => percent(ask, seizable), right: true },
    { head: 'pays on', of: ({ payDomain }) => String(payDomain), right: true },
    { head: 'pays', of: ({ payAmount }) => payAmount, right: true },
  ],
  auctions: [
    { head: 'quotes until', of: ({ quoteBy }) => time(quoteBy) },
    { head: 'intent', of: ({ intent }) => short(intent) },
    { head: 'market', of: ({ market }) => market },
    { head: 'phase', of: ({ phase }) => phase },
    { head: 'quotes', of: ({ quotes }) => String(quotes.length), right: true },
    { head: 'tallies', of: ({ tallies }) => String(tallies), right: true },
    { head: 'votes', of: ({ votes }) => String(votes), right: true },
    { head: 'winner', of: ({ certificate }) => short(certificate?.ranked[0]?.solver) },
    {
      head: '% of lot',
      of: ({ certificate, seizable }) => {
        const ask = certificate?.ranked[0]?.ask;
        return ask === undefined ? '-' : percent(ask, seizable);
      },
      right: true,
    },
  ],
  positions: [
    { head: 'market', of: ({ market }) => market },
    { head: 'chain', of: ({ chain }) => chain },
    { head: 'owner', of: ({ owner }) => owner },
    { head: 'position', of: ({ position }) => short(position) },
  ],
  flags: [
    { head: 'takeable from', of: ({ takeableFrom }) => time(takeableFrom * 1_000) },
    { head: 'lapses', of: ({ lapsesAt }) => time(lapsesAt * 1_000) },
    { head: 'market', of: ({ market }) => market },
    { head: 'state', of: ({ state }) => state },
    { head: 'position', of: ({ positionKey }) => short(positionKey) },
    { head: 'taken by', of: ({ taken }) => short(taken?.taker) },
    { head: 'lot', of: ({ taken }) => taken?.lot ?? '-', right: true },
  ],
  inventory: [
    { head: 'chain', of: ({ chain }) => chain },
    { head: 'for', of: ({ purpose }) => purpose },
    { head: 'token', of: ({ symbol }) => symbol },
    { head: 'balance', of: ({ balance, decimals }) => units(balance, decimals), right: true },
    { head: 'promised', of: ({ promised, decimals }) => units(promised, decimals), right: true },
    { head: 'available', of: ({ available, decimals }) => units(available, decimals), right: true },
    {
      head: 'limit leaves',
      of: ({ room, decimals }) => (room === undefined ? '-' : units(room, decimals)),
      right: true,
    },
    { head: 'holder', of: ({ holder }) => short(holder) },
  ],
  peers: [
    { head: 'peer', of: ({ peerId }) => peerId },
    { head: 'topics', of: ({ topics }) => topics.join(', ') },
  ],
};

type Row<Schema extends z.ZodType> = z.output<Schema>;

/** An item of each list. */
type Rows = {
  orders: Row<typeof schemas.order>;
  quotes: Row<typeof schemas.quote>;
  auctions: Row<typeof schemas.auction>;
  positions: Row<typeof schemas.position>;
  flags: Row<typeof schemas.flag>;
  inventory: Row<typeof schemas.holding>;
  peers: Row<typeof schemas.peer>;
};

function time(ms: number | undefined): string {
  return ms === undefined ? '-' : new Date(ms).toISOString().replace('T', ' ').slice(0, 19);
}

function percent(part: string, whole: string): string {
  if (BigInt(whole) === 0n) return '-';
  return formatUnits((BigInt(part) * 10_000n) / BigInt(whole), 2);
}

function units(amount: string, decimals: number): string {
  const [whole = '0', fraction = ''] = formatUnits(BigInt(amount), decimals).split('.');
  return `${whole}.${fraction.slice(0, 4).padEnd(2, '0')}`;
}

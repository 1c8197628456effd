import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FACT_TYPES } from '../orders/facts.ts';
import { isChainFact, type OrderEvent, type OrderEventType } from './events.ts';
import { fold } from './fold.ts';
import { isTerminal, next, ORDER_STATES, type OrderState, TRANSITIONS } from './states.ts';

const EVENTS = [
  ...new Set(ORDER_STATES.flatMap((state) => Object.keys(TRANSITIONS[state]))),
] as OrderEventType[];
const events = fc.array(fc.constantFrom(...EVENTS), { maxLength: 30 });

/** How far along its branch a state is; an order never goes back. */
const PROGRESS: Record<OrderState, number> = {
  unknown: 0,
  awarded: 1,
  abandoned: 2,
  liquidated: 9,
  opened: 3,
  expired: 4,
  filled: 5,
  settled: 6,
  accepted: 7,
  released: 9,
  refused: 6,
  sold: 6,
  declined: 7,
  refunded: 9,
};

function walk(list: readonly OrderEventType[]): OrderState[] {
  const states: OrderState[] = ['unknown'];
  for (const event of list) {
    const state = states.at(-1) ?? 'unknown';
    states.push(next(state, event) ?? state);
  }
  return states;
}

test('every event type is in the table', () => {
  expect(EVENTS.sort()).toEqual([...FACT_TYPES, 'abandoned', 'awarded', 'buying', 'filling'].sort());
});

/** Reads the lines of the drawing at the top of the table's file: from, event, to. */
async function drawn(): Promise<{ from: OrderState; event: OrderEventType; to: OrderState }[]> {
  const source = await readFile(new URL('./states.ts', import.meta.url), 'utf8');
  const drawing = source.slice(source.indexOf('/*'), source.indexOf('*/'));
  return [...drawing.matchAll(/\[(\w+)\] ── (\w+) ──▶ (?=\[(\w+)\])/g)].map(([, from, event, to]) => {
    return { from, event, to } as { from: OrderState; event: OrderEventType; to: OrderState };
  });
}

test('the table is the drawing: every line, the skips that its lines allow, and no move besides', async () => {
  const lines = await drawn();
  expect(new Set(lines.flatMap(({ from, to }) => [from, to]))).toEqual(new Set(ORDER_STATES));
  /** The states a line or several lead to; what was given up leads where the award does. */
  const ahead = (state: OrderState): Set<OrderState> => {
    const found = new Set<OrderState>([state === 'abandoned' ? 'awarded' : state]);
    for (const at of found) for (const { from, to } of lines) if (from === at) found.add(to);
    return found;
  };
  for (const state of ORDER_STATES) {
    const skips = lines.filter(
      ({ from, to }) => ahead(state).has(from) && to !== 'awarded' && to !== 'abandoned',
    );
    const first = lines.filter(({ from }) => from === state);
    const expected = new Set([...skips, ...first].map(({ event, to }) => `${event} ──▶ ${to}`));
    const moves = Object.entries(TRANSITIONS[state]).filter(([, to]) => to !== state);
    expect(new Set(moves.map(([event, to]) => `${event} ──▶ ${to}`)), state).toEqual(expected);
  }
});

test('a sale and what becomes of the bond end alike in whatever order their evidence comes', () => {
  const facts: OrderEventType[] = ['opened', 'expired', 'bondHeld', 'sold', 'filled', 'bondFreed'];
  fc.assert(
    fc.property(fc.shuffledSubarray(facts.slice(1), { minLength: 5 }), (list) => {
      expect(walk(['opened', ...list]).at(-1)).toBe('sold');
    }),
  );
});

test('a late proof takes a lot off the sale', () => {
  expect(walk(['opened', 'expired', 'filled', 'settled', 'accepted', 'released']).at(-1)).toBe('released');
  expect(next('settled', 'sold')).toBeUndefined();
  expect(next('sold', 'settled')).toBeUndefined();
});

test('no order goes back', () => {
  fc.assert(
    fc.property(events, (list) => {
      const states = walk(list);
      for (const [index, state] of states.entries()) {
        const before = states[index - 1];
        if (before !== undefined) expect(PROGRESS[state]).toBeGreaterThanOrEqual(PROGRESS[before]);
      }
    }),
  );
});

test('a payment ends released or refunded, never both, and nothing joins the two branches', () => {
  const accepting: OrderState[] = ['settled', 'accepted', 'released'];
  const refusing: OrderState[] = ['refused', 'sold', 'declined', 'refunded'];
  fc.assert(
    fc.property(events, (list) => {
      const states = new Set(walk(list));
      const both =
        accepting.some((state) => states.has(state)) && refusing.some((state) => states.has(state));
      expect(both).toBe(false);
    }),
  );
});

test('local and remote landings exclude each other', () => {
  fc.assert(
    fc.property(events, (list) => {
      const states = new Set(walk(list));
      const remote = (['opened', 'filled', 'expired', 'sold', 'settled', 'refused'] as const).some((state) =>
        states.has(state),
      );
      expect(remote && states.has('liquidated')).toBe(false);
    }),
  );
});

test("final states stay, whatever comes; only this node's own opinion is overridden", () => {
  for (const state of ORDER_STATES.filter(isTerminal)) {
    for (const event of EVENTS) {
      if (state !== 'abandoned') expect(next(state, event) ?? state).toBe(state);
    }
  }
  expect(next('abandoned', 'opened')).toBe('opened');
  expect(next('abandoned', 'liquidated')).toBe('liquidated');
});

test('a remote order comes to the same end in whatever order its evidence comes', () => {
  const facts: OrderEventType[] = [
    'awarded',
    'opened',
    'filled',
    'reported',
    'settled',
    'verdictSent',
    'accepted',
    'released',
  ];
  fc.assert(
    fc.property(fc.shuffledSubarray(facts, { minLength: facts.length }), (list) => {
      expect(walk(list).at(-1)).toBe('released');
    }),
  );
});

/** Keeps the facts that the table allows one after the other. */
function allowed(facts: readonly OrderEvent[]): OrderEvent[] {
  const taken: OrderEvent[] = [];
  for (const fact of facts) {
    if (next(fold('0x', taken).state, fact.type) !== undefined) taken.push(fact);
  }
  return taken;
}

test('what is taken back leaves the order as if it had never come', () => {
  const types = [
    'liquidated',
    'expired',
    'sold',
    'bondHeld',
    'bondFreed',
    'bondForfeited',
    'settled',
    'refused',
    'accepted',
    'declined',
    'released',
    'refunded',
  ] as const;
  const factOf = (type: (typeof types)[number], index: number) => {
    const tx = `0x${index.toString(16).padStart(64, '0')}` as const;
    return { type, seen: { chain: 'alpha', tx, block: BigInt(index) } } as OrderEvent;
  };
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...types), { maxLength: 8 }), fc.nat(), (list, pick) => {
      const facts = allowed(list.map(factOf));
      const gone = facts[pick % Math.max(1, facts.length)];
      if (gone === undefined || !isChainFact(gone)) return;
      const after = fold('0x', [...facts, { type: 'reverted', event: gone.type, seen: gone.seen, at: 0n }]);
      const without = fold('0x', allowed(facts.filter((fact) => fact !== gone)));
      expect(after).toEqual({ ...without, version: facts.length + 1 });
    }),
  );
});

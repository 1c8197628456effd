import { encodeAbiParameters, getAddress, type Hex, parseAbi } from 'viem';
import { describe, expect, test } from 'vitest';
import { defineProtocol, type FindPositions, type ProtocolDefinition } from '../protocol.ts';
import { type ProtocolSettings, protocolCompliance } from './protocol-compliance.ts';

const EVENTS = parseAbi(['event Borrowed(address indexed borrower, uint256 amount)']);
const READS = parseAbi(['function price() view returns (uint256)']);
const [ALICE, BOB] = [getAddress(`0x${'a1'.repeat(20)}`), getAddress(`0x${'b0'.repeat(20)}`)];

type Definition = ProtocolDefinition<typeof EVENTS, unknown>;

const encode = (borrower: Hex) => encodeAbiParameters([{ type: 'address' }], [borrower]);
const borrowed = (borrower: Hex) => ({ eventName: 'Borrowed', args: { borrower, amount: 1n } });
const EXAMPLE: ProtocolSettings = {
  logs: [borrowed(ALICE), borrowed(BOB)],
  positions: [encode(ALICE), encode(BOB)],
};

/** A compliant protocol, as the base of the broken ones. */
const FINE: Definition = {
  events: EVENTS,
  positions:
    () =>
    ({ args }) => [encode(args.borrower)],
  valueInDebt: async (_, amount, { source, read }) =>
    (amount * (await read({ address: source, abi: READS, functionName: 'price' }))) >> 96n,
  propose: async ([first], { source, read }) => {
    await read({ address: source, abi: READS, functionName: 'price' });
    return first;
  },
};

/** Runs the rules and names those that fail. */
async function failures(definition: Partial<Definition>, settings = EXAMPLE): Promise<string[]> {
  const cases = protocolCompliance(defineProtocol({ ...FINE, ...definition }), { runs: 60, ...settings });
  const failed: string[] = [];
  for (const { name, run } of cases) {
    await run().catch((error: unknown) => {
      expect(error).toMatchObject({ code: 'NOT_COMPLIANT', meta: { seed: 1 } });
      failed.push(name);
    });
  }
  return failed;
}

test('a protocol that finds, prices and proposes soundly complies', async () => {
  expect(await failures({})).toEqual([]);
});

test('an example without positions proves nothing, and fails', async () => {
  expect(await failures({}, { logs: [], positions: [] })).toEqual(['finds the positions of its example']);
});

describe('each rule catches what breaks it', () => {
  const shared: Hex[] = [];
  let calls = 0;
  const remembering = (): FindPositions<typeof EVENTS> => {
    const seen: Hex[] = [];
    return ({ args }) => {
      seen.push(encode(args.borrower));
      return seen.slice(0, 1);
    };
  };
  test.each<[string, Partial<Definition>, string]>([
    ['finds nothing', { positions: () => () => [] }, 'finds the positions of its example'],
    [
      'finds what came first alone',
      { positions: remembering },
      'finds the same in any order of logs, and with copies',
    ],
    [
      'shares what it remembers',
      {
        positions: () => (log) => {
          shared.push(encode(log.args.borrower));
          return shared;
        },
      },
      'finds nothing that another finder has seen',
    ],
    [
      'finds bytes without an end',
      { positions: () => (log) => (log.args.amount > 1n ? ['0xabc'] : [encode(log.args.borrower)]) },
      'takes any log of its events',
    ],
    [
      'throws on a great amount',
      {
        positions: () => (log) => {
          if (log.args.amount > 1n << 200n) throw new RangeError('too much');
          return [encode(log.args.borrower)];
        },
      },
      'takes any log of its events',
    ],
    [
      'never ends on a great amount',
      {
        positions: () => (log) => {
          while (log.args.amount > 1n << 200n);
          return [encode(log.args.borrower)];
        },
      },
      'takes any log of its events',
    ],
    [
      'asks what time it is',
      { positions: () => (log) => (Date.now() > 0 ? [encode(log.args.borrower)] : []) },
      'uses no clock, chance, timer or network to find',
    ],
    ['counts its calls', { ownerOf: () => String(calls++) }, 'names the same owner of a position each time'],
    [
      'names no owner',
      { ownerOf: () => undefined as unknown as string },
      'names the same owner of a position each time',
    ],
    [
      'prices by a signed number',
      { valueInDebt: async () => -1n },
      'values collateral at a whole amount from zero, or rejects',
    ],
    [
      'prices by a floating point number',
      { valueInDebt: async () => 1.5 as unknown as bigint },
      'values collateral at a whole amount from zero, or rejects',
    ],
    [
      'values the empty hand',
      { valueInDebt: async () => 1n },
      'values more collateral no lower, and none at nothing',
    ],
    [
      'prices at zero what it cannot read',
      {
        valueInDebt: (position, amount, chain, options) =>
          FINE.valueInDebt(position, amount, chain, options).catch(() => 0n),
      },
      'rejects when a read fails',
    ],
    [
      'proposes what nobody asked about',
      { propose: async () => '0x01' },
      'proposes one of the positions, or none',
    ],
  ])('%s', async (_, definition, rule) => {
    expect(await failures(definition, { ...EXAMPLE, timeLimitMs: 50 })).toContain(rule);
  });
});

import { encodeAbiParameters, getAddress, parseAbi } from 'viem';
import { expect, test } from 'vitest';
import { contractAddress, defineProtocol, optionsOf, type Protocol } from './index.ts';

const EVENTS = parseAbi(['event Borrowed(address indexed borrower, uint256 amount)']);
const BORROWER = getAddress(`0x${'ab'.repeat(20)}`);
const CHAIN = {
  source: BORROWER,
  read: () => Promise.reject(new Error('not asked')),
  readFixed: () => Promise.reject(new Error('not asked')),
};

const base = {
  events: EVENTS,
  positions:
    () =>
    ({ args }: { readonly args: { readonly borrower: `0x${string}` } }) => [
      encodeAbiParameters([{ type: 'address' }], [args.borrower]),
    ],
  valueInDebt: async (_: unknown, amount: bigint) => amount,
};

test('what a definition leaves out has a default: an owner a position, no proposal, no options', async () => {
  const factory = defineProtocol(base);
  const protocol: Protocol = factory();
  const log = { eventName: 'Borrowed', args: { borrower: BORROWER, amount: 1n } };
  const [position = '0x'] = protocol.positions()(log);
  expect(protocol.ownerOf(position)).toBe(position);
  expect(await protocol.propose([position], CHAIN)).toBeUndefined();
  expect(await protocol.valueInDebt(position, 7n, CHAIN)).toBe(7n);
  expect(protocol.events).toEqual(EVENTS);
  expect(() => factory({ other: 1 })).toThrow(expect.objectContaining({ code: 'BAD_OPTIONS' }));
});

test('options are parsed once and handed to what prices and proposes', async () => {
  const factory = defineProtocol({
    ...base,
    options: optionsOf({ helper: contractAddress().optional() }),
    valueInDebt: async (_, __, ___, { helper }) => (helper === undefined ? 0n : BigInt(helper)),
    propose: async ([first], _, { helper }) => (helper === undefined ? undefined : first),
  });
  const lower = `0x${'ab'.repeat(20)}`;
  const protocol = factory({ helper: lower });
  expect(await protocol.valueInDebt('0x', 0n, CHAIN)).toBe(BigInt(lower));
  expect(await protocol.propose(['0x01', '0x02'], CHAIN)).toBe('0x01');
  expect(await factory().propose(['0x01', '0x02'], CHAIN)).toBeUndefined();
  expect(() => factory({ helper: '0x12' })).toThrow(
    expect.objectContaining({
      code: 'BAD_OPTIONS',
      meta: { faults: ['helper: Expected an address: 0x and 40 hexadecimal digits, got "0x12"'] },
    }),
  );
});

test.each([
  ['no event', []],
  ['one name twice', parseAbi(['event Borrowed(address a)', 'event Borrowed(uint256 b)'])],
])('a definition with %s is refused', (_, events) => {
  expect(() => defineProtocol({ ...base, events, positions: () => () => [] })).toThrow(
    expect.objectContaining({ code: 'BAD_PROTOCOL' }),
  );
});

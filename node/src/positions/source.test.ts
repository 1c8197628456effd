import { getAddress, type PublicClient, pad } from 'viem';
import { describe, expect, test } from 'vitest';
import { aavePositions, aaveProposal, encodeAavePosition } from './aave-v3.ts';
import { aaveMarginCalls, morphoMarginCalls } from './margin-call.ts';
import { encodeMorphoPosition, morphoPositions } from './morpho-blue.ts';
import type { PositionSource, SourceLog } from './source.ts';

const ALICE = pad('0xa1', { size: 20 });
const BOB = pad('0xb0', { size: 20 });
const WETH = pad('0xe7', { size: 20 });
const WBTC = pad('0xbc', { size: 20 });
const USDC = pad('0xdc', { size: 20 });
const MARKET = pad('0x77', { size: 32 });

/**
 * What any source must do: `open` makes `position` known by its last log, `other` is another one of the same
 * source.
 */
type Subject = {
  readonly create: () => PositionSource;
  readonly open: readonly SourceLog[];
  readonly position: `0x${string}`;
  readonly other: readonly SourceLog[];
};

const aave: Subject = {
  create: aavePositions,
  open: [
    { eventName: 'Supply', args: { reserve: WETH, user: BOB, onBehalfOf: ALICE, amount: 1n } },
    { eventName: 'Borrow', args: { reserve: USDC, user: BOB, onBehalfOf: ALICE, amount: 1n } },
  ],
  position: encodeAavePosition(ALICE, WETH, USDC),
  other: [
    { eventName: 'Borrow', args: { reserve: USDC, onBehalfOf: BOB } },
    { eventName: 'ReserveUsedAsCollateralEnabled', args: { reserve: WBTC, user: BOB } },
  ],
};

const morpho: Subject = {
  create: morphoPositions,
  open: [
    { eventName: 'SupplyCollateral', args: { id: MARKET, caller: BOB, onBehalf: ALICE, assets: 1n } },
    { eventName: 'Borrow', args: { id: MARKET, caller: BOB, onBehalf: ALICE, receiver: BOB, assets: 1n } },
  ],
  position: encodeMorphoPosition(MARKET, ALICE),
  other: [
    { eventName: 'Borrow', args: { id: MARKET, onBehalf: BOB } },
    { eventName: 'SupplyCollateral', args: { id: MARKET, onBehalf: BOB } },
  ],
};

const termsOf = (position: `0x${string}`, eventName = 'TermsSet') => ({
  eventName,
  args: { borrower: ALICE, positionHash: MARKET, position, activeFrom: 1n },
});
const aaveCall: Subject = {
  create: aaveMarginCalls,
  open: [termsOf(encodeAavePosition(ALICE, WETH, USDC))],
  position: encodeAavePosition(ALICE, WETH, USDC),
  other: [termsOf(encodeAavePosition(BOB, WETH, USDC), 'TermsSuspended')],
};
const morphoCall: Subject = {
  create: morphoMarginCalls,
  open: [termsOf(encodeMorphoPosition(MARKET, ALICE))],
  position: encodeMorphoPosition(MARKET, ALICE),
  other: [termsOf(encodeMorphoPosition(MARKET, BOB))],
};

describe.each([
  ['aave-v3', aave],
  ['morpho-blue', morpho],
  ['aave-margin-call', aaveCall],
  ['morpho-margin-call', morphoCall],
])('position source of %s', (_, { create, open, position, other }) => {
  test('knows nothing at first, and a position once it has collateral and debt', () => {
    const source = create();
    expect([...source.positions()]).toEqual([]);
    source.ingest(open.slice(0, -1));
    expect([...source.positions()]).toEqual([]);
    source.ingest(open.slice(-1));
    expect([...source.positions()]).toEqual([position]);
    expect(source.size()).toBe(1);
  });

  test('is blind to the order of logs and to copies', () => {
    const source = create();
    source.ingest([...open].reverse());
    source.ingest([...open, ...open]);
    expect([...source.positions()]).toEqual([position]);
  });

  test('keeps owners apart', () => {
    const source = create();
    source.ingest([...open, ...other]);
    const positions = [...source.positions()];
    expect(positions).toHaveLength(2);
    expect(new Set(positions.map(source.ownerOf)).size).toBe(2);
  });

  test('passes over what it does not know', () => {
    const source = create();
    source.ingest([
      { eventName: 'Transfer', args: {} },
      ...open.map(({ eventName }) => ({ eventName, args: {} })),
    ]);
    source.ingest([{ eventName: 'Borrow', args: { id: 7, reserve: null, onBehalf: 'x', onBehalfOf: 3n } }]);
    expect([...source.positions()]).toEqual([]);
  });

  test('names events that can be asked for', () => {
    expect(create().events.map(({ type }) => type)).toEqual(create().events.map(() => 'event'));
    for (const { eventName } of open) expect(create().events.map(({ name }) => name)).toContain(eventName);
  });
});

test('Aave pairs every collateral of a user with every debt, all of one owner', () => {
  const source = aavePositions();
  const supply = (reserve: string) => ({ eventName: 'Supply', args: { reserve, onBehalfOf: ALICE } });
  const borrow = (reserve: string) => ({ eventName: 'Borrow', args: { reserve, onBehalfOf: ALICE } });
  source.ingest([supply(WETH), borrow(USDC), supply(WBTC), borrow(WETH)]);
  const positions = [...source.positions()];
  expect(positions).toHaveLength(4);
  expect(new Set(positions.map(source.ownerOf)).size).toBe(1);
});

test('a position of another encoding is not a margin call’s, and leaving forgets nobody', () => {
  const source = morphoMarginCalls();
  source.ingest([termsOf(aaveCall.position), termsOf('0x')]);
  expect(source.size()).toBe(0);
  source.ingest([...morphoCall.open, termsOf(morphoCall.position, 'OptedOut')]);
  expect([...source.positions()]).toEqual([morphoCall.position]);
});

test('of an Aave account the view helper’s collateral goes first, then its largest debt', async () => {
  const asked: unknown[] = [];
  const holding = (asset: `0x${string}`) => ({ asset, value: 1n, threshold: 1n });
  const client = {
    readContract: async (call: unknown) => {
      asked.push(call);
      return ['0x', [holding(WBTC), holding(WETH)], [holding(USDC), holding(WETH)]];
    },
  } as unknown as PublicClient;
  const propose = aaveProposal(client, BOB);
  const positions = [
    encodeAavePosition(ALICE, WETH, USDC),
    encodeAavePosition(ALICE, WBTC, WETH),
    encodeAavePosition(ALICE, WBTC, USDC),
  ];
  expect(await propose(positions, 7n)).toBe(positions[2]);
  expect(await propose(positions.slice(0, 2), 7n)).toBe(positions[1]);
  expect(await propose([encodeAavePosition(ALICE, USDC, WETH)], 7n)).toBeUndefined();
  expect(asked[0]).toMatchObject({ address: BOB, args: [getAddress(ALICE)], blockNumber: 7n });
});

import type { EventLog, Protocol, ProtocolFactory } from '@gavel/solver-sdk';
import { protocolCompliance } from '@gavel/solver-sdk/testing';
import { getAddress, type Hex, type PublicClient, pad, parseAbi } from 'viem';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { silentTelemetry } from '../observe/telemetry.ts';
import { recordingLogger } from '../observe/testing/recording-logger.ts';
import { aaveV3, encodeAavePosition } from './aave-v3.ts';
import { aaveMarginCall, morphoMarginCall } from './margin-call.ts';
import { encodeMorphoPosition, morphoBlue } from './morpho-blue.ts';
import { createPositionSource } from './source.ts';
import { createProposal, createValuation } from './valuation.ts';
import { encodeVenusPosition, venusIsolated } from './venus.ts';

const ALICE = pad('0xa1', { size: 20 });
const BOB = pad('0xb0', { size: 20 });
const WETH = pad('0xe7', { size: 20 });
const WBTC = pad('0xbc', { size: 20 });
const USDC = pad('0xdc', { size: 20 });
const MARKET = pad('0x77', { size: 32 });

const supply = (reserve: Hex, onBehalfOf: Hex) => ({
  eventName: 'Supply',
  args: { reserve, user: BOB, onBehalfOf, amount: 1n },
});
const borrow = (reserve: Hex, onBehalfOf: Hex) => ({
  eventName: 'Borrow',
  args: { reserve, user: BOB, onBehalfOf, amount: 1n },
});
const enabled = (reserve: Hex, user: Hex) => ({
  eventName: 'ReserveUsedAsCollateralEnabled',
  args: { reserve, user },
});
const onMorpho = (onBehalf: Hex) => ({
  eventName: 'Borrow',
  args: { id: MARKET, caller: BOB, onBehalf, receiver: BOB, assets: 1n },
});
const entered = (vToken: Hex, account: Hex) => ({ eventName: 'MarketEntered', args: { vToken, account } });
const termsOf = (position: Hex, eventName = 'TermsSet') => ({
  eventName,
  args: { borrower: ALICE, positionHash: MARKET, position, activeFrom: 1n },
});

const onAave = encodeAavePosition(ALICE, WETH, USDC);
const morphoPosition = encodeMorphoPosition(MARKET, ALICE);

type Subject = { factory: ProtocolFactory; logs: readonly EventLog[]; positions: readonly Hex[] };
const SUBJECTS: Readonly<Record<string, Subject>> = {
  'aave-v3': {
    factory: aaveV3,
    logs: [
      supply(WETH, ALICE),
      borrow(USDC, ALICE),
      borrow(USDC, BOB),
      enabled(WBTC, BOB),
      enabled(WBTC, ALICE),
    ],
    positions: [onAave, encodeAavePosition(BOB, WBTC, USDC), encodeAavePosition(ALICE, WBTC, USDC)],
  },
  'morpho-blue': {
    factory: morphoBlue,
    logs: [onMorpho(ALICE), onMorpho(BOB)],
    positions: [morphoPosition, encodeMorphoPosition(MARKET, BOB)],
  },
  'venus-isolated': {
    factory: venusIsolated,
    logs: [entered(WETH, ALICE), entered(USDC, ALICE), entered(USDC, BOB)],
    positions: [encodeVenusPosition(ALICE, WETH, USDC), encodeVenusPosition(ALICE, USDC, WETH)],
  },
  'aave-margin-call': {
    factory: aaveMarginCall,
    logs: [termsOf(onAave), termsOf(morphoPosition), termsOf('0x')],
    positions: [onAave],
  },
  'morpho-margin-call': {
    factory: morphoMarginCall,
    logs: [termsOf(morphoPosition), termsOf(onAave), termsOf(morphoPosition, 'TermsSuspended')],
    positions: [morphoPosition],
  },
};

describe.each(Object.entries(SUBJECTS))('%s complies', (_, { factory, ...example }) => {
  for (const { name, run } of protocolCompliance(factory, example)) test(name, run);
});

const sourceOf = (factory: ProtocolFactory) =>
  createPositionSource({ protocol: factory(), module: undefined }, silentTelemetry());

test('Aave pairs every collateral of a user with every debt, all of one owner', () => {
  const source = sourceOf(aaveV3);
  source.ingest([supply(WETH, ALICE), borrow(USDC, ALICE), supply(WBTC, ALICE), borrow(WETH, ALICE)]);
  const positions = [...source.positions()];
  expect(positions).toHaveLength(4);
  expect(source.size()).toBe(4);
  expect(new Set(positions.map(source.ownerOf)).size).toBe(1);
  source.ingest([supply(WETH, BOB), borrow(USDC, BOB)]);
  expect(new Set([...source.positions()].map(source.ownerOf)).size).toBe(2);
});

test('leaving a margin call forgets no position', () => {
  const source = sourceOf(morphoMarginCall);
  source.ingest([termsOf(morphoPosition), termsOf(morphoPosition, 'OptedOut')]);
  expect([...source.positions()]).toEqual([morphoPosition]);
});

test('of an Aave account the view helper’s collateral goes first, then its largest debt', async () => {
  const asked: unknown[] = [];
  const holding = (asset: Hex) => ({ asset, value: 1n, threshold: 1n });
  const client = clientOf((call) => {
    asked.push(call);
    return ['0x', [holding(WBTC), holding(WETH)], [holding(USDC), holding(WETH)]];
  });
  const loaded = { protocol: aaveV3({ viewHelper: BOB }), module: undefined };
  const propose = createProposal(loaded, client, WETH);
  const positions = [onAave, encodeAavePosition(ALICE, WBTC, WETH), encodeAavePosition(ALICE, WBTC, USDC)];
  expect(await propose(positions, 7n)).toBe(positions[2]);
  expect(await propose(positions.slice(0, 2), 7n)).toBe(positions[1]);
  expect(await propose([encodeAavePosition(ALICE, USDC, WETH)], 7n)).toBeUndefined();
  expect(asked[0]).toMatchObject({ address: getAddress(BOB), args: [getAddress(ALICE)], blockNumber: 7n });
  const without = { protocol: aaveV3(), module: undefined };
  expect(await createProposal(without, client, WETH)(positions, 7n)).toBeUndefined();
});

test('what never changes is read once, what may change is read at its block', async () => {
  const asked: { functionName: string; blockNumber: bigint }[] = [];
  let failing = true;
  const client = clientOf((call) => {
    asked.push(call);
    if (failing) throw new Error('the chain cannot be asked');
    return call.functionName === 'idToMarketParams' ? [ALICE, BOB, WETH, USDC, 1n] : 3n * 10n ** 36n;
  });
  const value = createValuation({ protocol: morphoBlue(), module: undefined }, client, USDC);
  await expect(value(morphoPosition, 5n, 7n)).rejects.toThrow('cannot be asked');
  failing = false;
  expect(await value(morphoPosition, 5n, 8n)).toBe(15n);
  expect(await value(morphoPosition, 5n, 9n)).toBe(15n);
  expect(asked.map(({ functionName, blockNumber }) => `${functionName} ${blockNumber}`)).toEqual([
    'idToMarketParams 7',
    'idToMarketParams 8',
    'price 8',
    'price 9',
  ]);
});

describe('a module that misbehaves', () => {
  const MODULE = '/lend/module.ts';
  const fine: Protocol = {
    events: parseAbi(['event Borrowed(address borrower)']),
    positions: () => () => ['0xAA'],
    ownerOf: () => 'owner',
    valueInDebt: async () => 1n,
    propose: async () => undefined,
  };
  const log = { eventName: 'Borrowed', args: { borrower: ALICE } };
  const endless = {
    *[Symbol.iterator]() {
      for (;;) yield '0xaa' as const;
    },
  };

  test.each<[string, unknown, string]>([
    [
      'throws on a log',
      () => {
        throw new RangeError('too much');
      },
      'RangeError: too much',
    ],
    [
      'throws what is no error',
      () => {
        throw null;
      },
      'threw null',
    ],
    ['finds a number', () => [7], 'a position is bytes in hexadecimal'],
    ['finds an odd number of digits', () => ['0xabc'], 'a position is bytes in hexadecimal'],
    ['finds no bytes', () => ['0x'], 'a position has 1 to 256 bytes, not 0'],
    ['finds too many bytes', () => [`0x${'00'.repeat(257)}`], 'a position has 1 to 256 bytes, not 257'],
    ['finds nothing to iterate over', () => undefined, 'TypeError'],
    ['finds without an end', () => endless, 'one log has more than 10000 positions'],
  ])('%s is reported once, and the next log is taken', (_, find, problem) => {
    const { telemetry, lines } = recordingLogger();
    let calls = 0;
    const protocol = {
      ...fine,
      positions: () => () => (calls++ < 2 ? (find as () => Hex[])() : ['0xAA' as const]),
    };
    const source = createPositionSource({ protocol, module: MODULE }, telemetry);
    source.ingest([log, log, log]);
    expect([...source.positions()]).toContain('0xaa');
    const told = lines.filter(({ msg }) => msg === 'protocol failed');
    expect(told).toHaveLength(1);
    expect(JSON.stringify(told)).toContain(problem);
    expect(telemetry.metrics.snapshot()).toMatchObject({ 'protocol_failed{call="positions"}': 2 });
  });

  test.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new RangeError('no owner');
      },
    ],
    ['names a number', () => 7],
  ])('a position whose owner it %s owns itself', (_, ownerOf) => {
    const protocol = { ...fine, ownerOf: ownerOf as () => string };
    const source = createPositionSource({ protocol, module: MODULE }, silentTelemetry());
    expect(source.ownerOf('0xaa')).toBe('0xaa');
  });

  const client = clientOf(() => 1n);
  test.each<[string, () => unknown, string]>([
    [
      'throws',
      () => {
        throw new RangeError('no price');
      },
      'RangeError: no price',
    ],
    ['answers at once with a number', () => 1.5, 'not 1.5'],
    ['answers with less than nothing', async () => -1n, 'not "-1"'],
    ['answers beyond 256 bits', async () => 1n << 256n, 'a value is a bigint from 0 to 2^256 - 1'],
    ['answers with nothing', async () => undefined, 'not undefined'],
  ])('a value is refused when it %s', async (_, valueInDebt, problem) => {
    const protocol = { ...fine, valueInDebt: valueInDebt as Protocol['valueInDebt'] };
    await expect(
      createValuation({ protocol, module: MODULE }, client, USDC)('0xaa', 1n, 1n),
    ).rejects.toMatchObject({
      code: 'MODULE_FAILED',
      meta: { path: MODULE, problem: expect.stringContaining(problem) },
    });
  });

  test('no answer is waited for longer than a minute', async () => {
    vi.useFakeTimers();
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const protocol = { ...fine, valueInDebt: () => new Promise<bigint>(() => undefined) };
    const asked = createValuation({ protocol, module: MODULE }, client, USDC)('0xaa', 1n, 1n);
    const refused = expect(asked).rejects.toMatchObject({ code: 'MODULE_FAILED' });
    await vi.advanceTimersByTimeAsync(60_000);
    await refused;
  });

  test('a proposal of another position is refused', async () => {
    const protocol = { ...fine, propose: async () => '0xbb' as const };
    await expect(
      createProposal({ protocol, module: MODULE }, client, USDC)(['0xaa'], 1n),
    ).rejects.toMatchObject({
      code: 'MODULE_FAILED',
    });
  });
});

function clientOf(answer: (call: { functionName: string; blockNumber: bigint }) => unknown): PublicClient {
  return { readContract: async (call: never) => answer(call) } as unknown as PublicClient;
}

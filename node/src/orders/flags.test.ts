import { marketId } from '@gavel/protocol';
import { pad } from 'viem';
import { expect, test } from 'vitest';
import { addressOf } from '../../test/arena.ts';
import { createFlags, type FlagLog } from './flags.ts';

const KEY = pad('0x0f', { size: 32 });
const times = { takeableFrom: 400n, lapsesAt: 1_600n };
const taker = addressOf('x');

function log(eventName: FlagLog['eventName'], args: object, block: bigint): FlagLog {
  const place = {
    transactionHash: pad(`0x${block.toString(16).padStart(2, '0')}`, { size: 32 }),
    blockNumber: block,
  };
  return { eventName, args: { positionKey: KEY, ...args }, ...place } as unknown as FlagLog;
}

const flagged = (block: bigint, part = times) =>
  log('Flagged', { market: marketId('arena'), position: '0xb0', ...part }, block);
const cleared = (block: bigint) => log('FlagCleared', {}, block);
const taken = (block: bigint) =>
  log(
    'Taken',
    { market: marketId('arena'), taker, recipient: taker, repaid: 7n, seized: 5n, lot: 4n },
    block,
  );

function setUp() {
  const told: string[] = [];
  const flags = createFlags({ tell: (msg) => void told.push(msg) });
  return { flags, told };
}

test('a flag is followed from the log, and told once however often its logs come', () => {
  const { flags, told } = setUp();
  const logs = [flagged(1n), taken(2n), cleared(3n)];
  flags.ingest('alpha', logs);
  flags.ingest('alpha', logs);
  expect(told).toEqual(['position flagged', 'position taken', 'flag cleared']);
  expect(flags.all()).toMatchObject([
    { chain: 'alpha', positionKey: KEY, ...times, isCleared: true, taken: { taker, repaid: 7n, lot: 4n } },
  ]);
});

test('it stays known until it lapses, cleared or not, on its own chain; a new one stands again', () => {
  const { flags } = setUp();
  flags.ingest('alpha', [flagged(1n), cleared(2n)]);
  flags.ingest('beta', [flagged(1n)]);
  expect(flags.unlapsed('alpha', 1_600n)).toHaveLength(1);
  expect(flags.unlapsed('alpha', 1_601n)).toEqual([]);
  flags.ingest('alpha', [flagged(9n, { takeableFrom: 3_000n, lapsesAt: 4_200n })]);
  expect(flags.unlapsed('alpha', 1_601n)).toMatchObject([{ isCleared: false, takeableFrom: 3_000n }]);
  expect(flags.all()).toHaveLength(2);
});

test('what an earlier run told is not told again, and logs of positions never seen flagged do no harm', () => {
  const { flags, told } = setUp();
  flags.ingest('alpha', [cleared(1n), taken(1n), flagged(2n)], 2n);
  expect(told).toEqual([]);
  flags.ingest('alpha', [taken(3n)], 2n);
  expect(told).toEqual(['position taken']);
});

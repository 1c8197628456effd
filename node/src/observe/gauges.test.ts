import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createRegistry, registerGauges } from './gauges.ts';

const fail = (gauge: string) => expect.fail(`${gauge} cannot be read`);

test('gauges are read when asked, labelled, and gone when their reading is', async () => {
  const registry = new Registry();
  let readings = [{ labels: { chain: 'alpha' }, value: 3 }];
  registerGauges(
    registry,
    [
      { name: 'gavel_chain_head_age_seconds', read: () => readings },
      { name: 'gavel_peers', read: async () => [{ value: 2 }] },
    ],
    fail,
  );
  expect(await registry.metrics()).toContain('gavel_chain_head_age_seconds{chain="alpha"} 3');
  expect(await registry.metrics()).toContain('gavel_peers 2');
  readings = [];
  expect(await registry.metrics()).not.toContain('alpha');
});

test('a gauge that cannot be read says nothing and spoils nothing', async () => {
  const registry = new Registry();
  const reported: string[] = [];
  registerGauges(
    registry,
    [
      { name: 'gavel_bidding', read: () => Promise.reject(new TypeError('no chain')) },
      { name: 'gavel_peers', read: () => [{ value: 2 }] },
    ],
    (gauge) => reported.push(gauge),
  );
  const text = await registry.metrics();
  expect(text).toContain('gavel_peers 2');
  expect(text).not.toMatch(/^gavel_bidding /m);
  expect(reported).toEqual(['gavel_bidding']);
});

test('the process describes itself', async () => {
  expect(await createRegistry().metrics()).toContain('process_resident_memory_bytes');
});

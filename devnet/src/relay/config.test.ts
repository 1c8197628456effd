import { expect, test } from 'vitest';
import { devAccount, validatorAccount } from '../accounts.ts';
import { parseRelayerConfig, type RelayerConfig } from './config.ts';

const address = devAccount(0).address;
const chain = (name: string, domain: number) => ({
  name,
  domain,
  rpcUrl: 'http://127.0.0.1:8545',
  mailbox: address,
  merkleTreeHook: address,
  privateKey: devAccount(1).privateKey,
  fromBlock: 0,
});
const valid: RelayerConfig = {
  chains: [chain('alpha', 1001), chain('beta', 1002)],
  validators: [validatorAccount(0).privateKey, validatorAccount(1).privateKey],
  threshold: 2,
  pollMs: 200,
};

test('accepts what a relayer can run on', () => {
  expect(parseRelayerConfig(JSON.parse(JSON.stringify(valid)))).toEqual(valid);
});

test.each([
  ['one chain', { ...valid, chains: valid.chains.slice(1) }],
  ['a threshold above the validators', { ...valid, threshold: 3 }],
  ['a short key', { ...valid, validators: ['0x12', '0x34'] }],
  [
    'a mailbox that is no address',
    { ...valid, chains: [{ ...chain('alpha', 1), mailbox: '0x' }, chain('beta', 2)] },
  ],
  ['nothing', undefined],
])('refuses %s', (_, config) => {
  expect(() => parseRelayerConfig(config)).toThrow(
    expect.objectContaining({ code: 'DEVNET_RELAYER_CONFIG' }),
  );
});

test('names every fault at once, and no key', () => {
  const faulty = {
    ...valid,
    threshold: 0,
    pollMs: 0,
    chains: [{ ...chain('alpha', 0), privateKey: '0xsecret' }],
  };
  try {
    parseRelayerConfig(faulty);
    expect.unreachable();
  } catch (error) {
    expect(error).toHaveProperty(
      'meta.faults',
      expect.stringMatching(/chains:.*domain.*privateKey.*threshold.*pollMs/),
    );
    expect(String(error)).not.toContain('secret');
  }
});

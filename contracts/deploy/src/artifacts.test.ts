import { join } from 'node:path';
import { type Address, encodeAbiParameters, type Hex, parseAbiParameters } from 'viem';
import { describe, expect, test } from 'vitest';
import { createArtifacts, encodeArguments } from './artifacts.ts';
import { parseConfig } from './config.ts';

const artifacts = createArtifacts(join(import.meta.dirname, '../../out'));
const [protocol, escrow, recipient]: Address[] = [
  '0x1111111111111111111111111111111111111111',
  '0x2222222222222222222222222222222222222222',
  '0x3333333333333333333333333333333333333333',
];
const ids: Hex[] = [`0x${'ab'.repeat(32)}`, `0x${'cd'.repeat(32)}`];
const bounds = {
  maxTriggerBps: 11_000,
  minTargetBps: 10_100,
  maxTargetBps: 15_000,
  minPenaltyBps: 50,
  maxPenaltyBps: 300,
};
const common = { badDebtRecipient: recipient, maxPriceAge: 3_600 };

/** The arguments of a market's adapter as they come out of a file that holds them. */
function throughFile(args: unknown): Readonly<Record<string, unknown>> {
  const market = { adapter: { contract: 'Any', arguments: args }, treasury: recipient, threshold: 1 };
  const chain = {
    ...{ rpc: 'http://127.0.0.1:1', chainId: 1, domain: 1, mailbox: protocol, bondDelay: 60, tokens: {} },
    markets: { one: { ...market, collaterals: [], auctioneers: [recipient], debts: {} } },
  };
  const file = { salt: 's', deployer: escrow, admin: escrow, guardian: escrow, delay: 1, chains: { chain } };
  const adapter = parseConfig(JSON.stringify(file), {}).chains[0]?.markets[0]?.adapter;
  return adapter !== undefined && 'args' in adapter ? adapter.args : {};
}

describe('constructor arguments from the file', () => {
  test('may be lists, for a Morpho adapter’s markets', async () => {
    const encoded = encodeArguments(await artifacts.load('MorphoBlueAdapter'), {
      derived: { escrow },
      given: throughFile({ morpho: protocol, ids, ...common }),
    });
    expect(encoded).toBe(
      encodeAbiParameters(parseAbiParameters('address, address, address, uint256, bytes32[]'), [
        ...([protocol, escrow, recipient, 3_600n] as [Address, Address, Address, bigint]),
        ids,
      ]),
    );
  });

  test('may be mappings, for the bounds of margin calls', async () => {
    const encoded = encodeArguments(await artifacts.load('AaveMarginCall'), {
      derived: { escrow },
      given: throughFile({ provider: protocol, bounds, ...common }),
    });
    expect(encoded.slice(-5 * 64)).toBe(
      Object.values(bounds)
        .map((value) => value.toString(16).padStart(64, '0'))
        .join(''),
    );
  });

  test.each([
    ['a list is due and there is none', 'MorphoBlueAdapter', { morpho: protocol, ids: ids[0] }],
    ['a list’s item does not fit', 'MorphoBlueAdapter', { morpho: protocol, ids: ['0x12'] }],
    ['a struct’s field is missing', 'AaveMarginCall', { provider: protocol, bounds: { maxTriggerBps: 1 } }],
    ['a struct has no such field', 'AaveMarginCall', { provider: protocol, bounds: { ...bounds, hue: 1 } }],
    ['a number is none', 'AaveV3Adapter', { provider: protocol, maxPriceAge: 'old' }],
    ['an address is none', 'AaveV3Adapter', { provider: 'somewhere' }],
  ])('are refused where %s', async (_, contract, args) => {
    const artifact = await artifacts.load(contract);
    expect(() =>
      encodeArguments(artifact, { derived: { escrow }, given: throughFile({ ...common, ...args }) }),
    ).toThrow(expect.objectContaining({ code: 'BAD_CONFIG' }));
  });
});

import { type Address, type Hex, stringToHex, zeroAddress } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_TERMS } from './defaults.ts';
import { marketRules, REGISTRY_LIMITS } from './market-rules.ts';
import { revertOf } from './reverts.ts';
import { artifacts, auctioneers, deployer, deployOurs, startWorld, type World } from './testing/world.ts';
import type { MarketConfig } from './types.ts';

let world: World;
let registry: Address;

beforeAll(async () => {
  world = await startWorld();
  const { client } = world.alpha;
  const manager = await deployOurs(client, 'AccessManager', [deployer.address]);
  registry = await deployOurs(client, 'MarketRegistry', [manager]);
});

afterAll(() => world.stop());

const ID: Hex = stringToHex('market', { size: 32 });
const goodTerms = { ...DEFAULT_TERMS, bonusBps: 500 };

/** The registry's error, or undefined if it takes the call. */
async function refusal(functionName: string, args: readonly unknown[]): Promise<string | undefined> {
  const { abi } = await artifacts.load('MarketRegistry');
  const { client } = world.alpha;
  try {
    await client.simulateContract({ account: deployer, address: registry, abi, functionName, args });
    return undefined;
  } catch (error) {
    return revertOf(error) ?? Promise.reject(error);
  }
}

/** What the file's check says of a market. */
function faultsOf(market: Partial<MarketConfig>): string[] {
  const faults: string[] = [];
  const treasury = deployer.address;
  const whole: MarketConfig = {
    ...{
      id: 'm',
      adapter: { address: treasury },
      treasury,
      collaterals: ['WETH'],
      auctioneers,
      threshold: 2,
    },
    ...{ terms: goodTerms, debts: [{ token: 'USD', amounts: { keeperFee: 1, minRepay: 1 }, routes: [] }] },
    ...market,
  };
  marketRules(whole, 'm', (path, problem) => void faults.push(`${path}: ${problem}`));
  return faults;
}

const BPS = Object.keys(goodTerms).filter((name) => name.endsWith('Bps'));
const [leastGas, mostGas] = REGISTRY_LIMITS.trialGas;

describe('a rule that the registry refuses is refused in the file, and only such a rule', () => {
  const cases = [
    ...BPS.flatMap((name) => [
      [name, 10_001],
      [name, 10_000],
    ]),
    ...Object.keys(goodTerms)
      .filter((name) => !name.endsWith('Bps') && name !== 'trialGas')
      .flatMap((name) => [
        [name, 0],
        [name, 1],
      ]),
    ['trialGas', leastGas - 1],
    ['trialGas', leastGas],
    ['trialGas', mostGas],
    ['trialGas', mostGas + 1],
  ] as [string, number][];
  test.each(cases)('%s of %d', async (name, value) => {
    const terms = { ...goodTerms, [name]: value };
    const onChain = { ...terms, adapter: deployer.address, treasury: deployer.address };
    const refused = (await refusal('setTerms', [ID, onChain])) !== undefined;
    expect(faultsOf({ terms }).length > 0).toBe(refused);
  });

  test('the number of auctioneers and their threshold', async () => {
    const members = (n: number) =>
      Array.from({ length: n }, (_, index): Address => `0x${(index + 1).toString(16).padStart(40, '0')}`);
    for (const [n, threshold] of [
      [3, 1],
      [3, 2],
      [3, 4],
      [4, 2],
      [16, 9],
      [17, 9],
    ] as const) {
      const refused = (await refusal('setAuctioneers', [ID, members(n), threshold])) !== undefined;
      expect(faultsOf({ auctioneers: members(n), threshold }).length > 0, `${threshold} of ${n}`).toBe(
        refused,
      );
    }
  });

  test('the number of tokens', async () => {
    const { client } = world.alpha;
    const { abi } = await artifacts.load('MarketRegistry');
    const token = (index: number): Address => `0x${(index + 1).toString(16).padStart(40, '0')}`;
    for (let index = 0; index < REGISTRY_LIMITS.tokens; index += 1) {
      const args = [ID, token(index), true];
      const call = {
        account: deployer,
        chain: null,
        address: registry,
        abi,
        functionName: 'setCollateral',
        args,
      };
      await client.waitForTransactionReceipt({ hash: await client.writeContract(call) });
    }
    expect(await refusal('setCollateral', [ID, token(REGISTRY_LIMITS.tokens), true])).toBeDefined();
    const names = (n: number) => Array.from({ length: n }, (_, index) => `T${index}`);
    expect(faultsOf({ collaterals: names(REGISTRY_LIMITS.tokens) })).toEqual([]);
    expect(faultsOf({ collaterals: names(REGISTRY_LIMITS.tokens + 1) })).toHaveLength(1);
  });

  test('zero addresses', async () => {
    const terms = { ...goodTerms, adapter: zeroAddress, treasury: deployer.address };
    expect(await refusal('setTerms', [ID, terms])).toBeDefined();
  });
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Address, parseAbi } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { devAccount } from '../src/accounts.ts';
import { type Chain, startChain } from '../src/chain.ts';
import {
  aaveHealth,
  aaveHoldings,
  aaveOpenPosition,
  aaveSupply,
  type Position,
} from '../src/lending/aave.ts';
import { type Aave, deployAave } from '../src/lending/aave-deploy.ts';
import { deployPriceFeed, movePrice } from '../src/lending/price-feed.ts';
import { createSender, type Sender } from '../src/sender.ts';
import { deployToken, mint, type Token } from '../src/tokens.ts';

const WHOLE = 10n ** 18n;
const DOLLAR = 10n ** 6n;
const LOAN = { collateralAmount: 10n * WHOLE, debtAmount: 15_000n * DOLLAR };

const abi = parseAbi([
  'function POOL_REVISION() view returns (uint256)',
  'function liquidationCall(address collateral, address debt, address user, uint256 debtToCover, bool receiveAToken)',
  'error MustNotLeaveDust()',
]);

describe('the Aave of the devnet', () => {
  const stack = new AsyncDisposableStack();
  let chain: Chain;
  let owner: Sender;
  let aave: Aave;
  let ether: Token;
  let dollar: Token;
  let etherFeed: Address;
  let position: Position;

  beforeAll(async () => {
    const logDir = await mkdtemp(join(tmpdir(), 'gavel-aave-'));
    stack.defer(() => rm(logDir, { recursive: true, force: true }));
    chain = await startChain({ name: 'alpha', chainId: 31337, domain: 1001, blockTime: 1, stack, logDir });
    owner = createSender(chain, devAccount(0).privateKey);
    ether = await deployToken(owner, { name: 'Test Ether', symbol: 'WETH', decimals: 18 });
    dollar = await deployToken(owner, { name: 'Test Dollar', symbol: 'USDC', decimals: 6 });
    const terms = { ltvBps: 0, liquidationThresholdBps: 0, liquidationBonusBps: 0, protocolFeeBps: 0 };
    etherFeed = await deployPriceFeed(owner, 'WETH / USD', 2_000n * 10n ** 8n);
    const dollarFeed = await deployPriceFeed(owner, 'USDC / USD', 10n ** 8n);
    aave = await deployAave(owner, {
      treasury: devAccount(1).address,
      reserves: [
        {
          ...{ token: ether.address, symbol: 'WETH', feed: etherFeed, borrowable: false },
          ...{
            ltvBps: 8_000,
            liquidationThresholdBps: 8_250,
            liquidationBonusBps: 500,
            protocolFeeBps: 1_000,
          },
        },
        { ...terms, token: dollar.address, symbol: 'USDC', feed: dollarFeed, borrowable: true },
      ],
    });
    await mint(owner, dollar.address, owner.address, 1_000_000n * DOLLAR);
    await aaveSupply(owner, aave.pool, dollar.address, 1_000_000n * DOLLAR);
    await mint(owner, ether.address, devAccount(2).address, 10n * WHOLE);
    const borrower = createSender(chain, devAccount(2).privateKey);
    position = await aaveOpenPosition(borrower, aave.pool, {
      ...LOAN,
      collateral: ether.address,
      debt: dollar.address,
    });
  });

  afterAll(() => stack.disposeAsync());

  it('lends', async () => {
    expect(await aaveHoldings(chain, aave.dataProvider, position)).toEqual(LOAN);
    expect(await aaveHealth(chain, aave.pool, position.borrower)).toBe((11n * WHOLE) / 10n);
  });

  it('is version 3.6, which refuses to leave dust', async () => {
    const call = { address: aave.pool, abi } as const;
    expect(await chain.publicClient.readContract({ ...call, functionName: 'POOL_REVISION' })).toBe(10n);
    await movePrice(owner, etherFeed, 1_700n * 10n ** 8n);
    const liquidate = (debtToCover: bigint) =>
      chain.publicClient.simulateContract({
        ...call,
        functionName: 'liquidationCall',
        args: [ether.address, dollar.address, position.borrower, debtToCover, false],
        account: owner.address,
      });
    await expect(liquidate(14_500n * DOLLAR)).rejects.toThrow('MustNotLeaveDust');
  });
});

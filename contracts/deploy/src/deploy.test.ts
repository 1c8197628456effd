import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Address,
  getAddress,
  type Hex,
  isAddressEqual,
  parseEther,
  stringToHex,
  toFunctionSelector,
} from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { bundle } from '../scripts/bundle.ts';
import { PROMISE_HORIZON } from './defaults.ts';
import { EXIT } from './errors.ts';
import { GAS_OF } from './estimate.ts';
import {
  admin,
  artifacts,
  auctioneers,
  configOf as configIn,
  DELAY,
  deployer,
  deployWarpRoute,
  enroll,
  guardian,
  KEY,
  key,
  type LocalChain,
  OUTPUT,
  read,
  startWorld,
  type World,
} from './testing/world.ts';

let world: World;
let alpha: LocalChain;
let beta: LocalChain;

beforeAll(async () => {
  world = await startWorld();
  ({ alpha, beta } = world);
});

afterAll(() => world.stop());

const gavelDeploy: World['run'] = (...args) => world.run(...args);
const configOf = (salt: string, more?: Parameters<typeof configIn>[2]) => configIn(world, salt, more);

describe('a deployment on two chains', () => {
  test('is planned without sending anything', async () => {
    const before = await world.nonces();
    const { code, out } = await gavelDeploy('plan', configOf('first'));
    expect(code).toBe(EXIT.pending);
    expect(out).toMatch(/alpha \(chain 31337, domain 1001\): \d+ of \d+ to do/);
    expect(out).toMatch(/to do +create +CollateralEscrow +0x/);
    expect(out).toMatch(/to do +set +route USD from beta of tiny-alpha/);
    expect(await world.nonces()).toEqual(before);
  });

  test('is planned from the package’s bundle as from forge’s output', async () => {
    const config = configOf('bundled');
    const { adapter } = config.chains.alpha.markets['tiny-alpha'];
    const bounds = {
      ...{ maxTriggerBps: 11_000, minTargetBps: 10_100, maxTargetBps: 15_000 },
      ...{ minPenaltyBps: 50, maxPenaltyBps: 300 },
    };
    const { lend: morpho, badDebtRecipient: fallbackRecipient, maxPriceAge } = adapter.arguments;
    const market = {
      ...config.chains.alpha.markets['tiny-alpha'],
      adapter: {
        contract: 'MorphoMarginCall',
        arguments: { morpho, fallbackRecipient, maxPriceAge, ids: [], bounds },
      },
    };
    const chains = { ...config.chains, alpha: { ...config.chains.alpha, markets: { one: market } } };
    const file = join(world.folder, 'artifacts.json');
    await writeFile(file, JSON.stringify(await bundle(OUTPUT)));
    const [bundled, built] = await Promise.all(
      [file, OUTPUT].map((source) => gavelDeploy('plan', { ...config, chains }, ['--artifacts', source])),
    );
    expect(bundled?.code, bundled?.err).toBe(EXIT.pending);
    expect(bundled).toEqual(built);
  });

  test('goes on from where a failure left it', async () => {
    const all = await beta.client.getBalance({ address: deployer.address });
    await beta.client.setBalance({ address: deployer.address, value: parseEther('0.003') });
    const failed = await gavelDeploy('apply', configOf('first'));
    expect(failed.code).toBe(EXIT.failed);
    expect(failed.err).toContain('TX_FAILED');
    await beta.client.setBalance({ address: deployer.address, value: all });
    const { code, out } = await gavelDeploy('apply', configOf('first'));
    expect(out).toContain('beta: done: CollateralEscrow');
    expect(out).not.toContain('alpha: done');
    expect(code).toBe(EXIT.inSync);
  });

  test('costs no more gas than the plan of an empty chain says', async () => {
    const most = new Map<string, bigint>();
    const selectors = new Map<string, string>();
    for (const name of [
      'AccessManager',
      'MarketRegistry',
      'SolverBonds',
      'BackstopVault',
      'Erc7683Resolver',
    ]) {
      for (const item of (await artifacts.load(name)).abi) {
        if (item.type === 'function') selectors.set(toFunctionSelector(item), item.name);
      }
    }
    let used = 0n;
    const last = await alpha.client.getBlockNumber();
    for (let blockNumber = 1n; blockNumber <= last; blockNumber += 1n) {
      const { transactions } = await alpha.client.getBlock({ blockNumber, includeTransactions: true });
      for (const { hash, from, input } of transactions) {
        if (!isAddressEqual(from, deployer.address)) continue;
        const { gasUsed } = await alpha.client.getTransactionReceipt({ hash });
        used += gasUsed;
        const name = selectors.get(input.slice(0, 10));
        if (name !== undefined && gasUsed > (most.get(name) ?? 0n)) most.set(name, gasUsed);
      }
    }
    expect([...most.keys()].length).toBeGreaterThan(8);
    for (const [name, gasUsed] of most) {
      expect(GAS_OF[name], `${name} used ${gasUsed}`).toBeGreaterThanOrEqual(gasUsed);
    }
    const { out } = await gavelDeploy('plan', configOf('empty'), ['--json']);
    const [{ estimate }] = JSON.parse(out).chains;
    expect(BigInt(estimate.gas)).toBeGreaterThan(used);
    expect(BigInt(estimate.gas)).toBeLessThan(2n * used);
    const table = await gavelDeploy('plan', configOf('empty'));
    expect(table.out).toMatch(
      /\d+ transactions, about \d+\.\d million gas: \d+\.\d{6} ETH at [\d.]+ gwei now/,
    );
    expect(table.out).toMatch(/the deployer has \d+\.\d{6} ETH/);
  });

  test('does nothing twice', async () => {
    const before = await world.nonces();
    expect((await gavelDeploy('plan', configOf('first'))).code).toBe(EXIT.inSync);
    expect((await gavelDeploy('apply', configOf('first'))).code).toBe(EXIT.inSync);
    expect(await world.nonces()).toEqual(before);
  });

  test('is wired across chains, and the deployer keeps nothing', async () => {
    const [home, pay] = await world.contracts(configOf('first'));
    expect(await read(alpha, 'SolverBonds', home.SolverBonds, 'escrow')).toBe(home.CollateralEscrow);
    expect(await read(alpha, 'SolverBonds', home.SolverBonds, 'PROMISE_HORIZON')).toBe(
      BigInt(PROMISE_HORIZON),
    );
    expect(await read(alpha, 'MarketRegistry', home.MarketRegistry, 'MAX_PROMISE')).toBe(
      BigInt(PROMISE_HORIZON),
    );
    const market: Hex = `0x${Buffer.from('tiny-alpha').toString('hex').padEnd(64, '0')}`;
    const route = await read(alpha, 'MarketRegistry', home.MarketRegistry, 'route', [
      market,
      alpha.dollar,
      1002,
    ]);
    const [bridge, treasury] = [pay['bridge USD to alpha'], home['receiver USD from beta']];
    expect(route).toMatchObject({ bridge, treasury });
    const vault = home['BackstopVault USD'];
    expect(await read(alpha, 'BackstopVault', vault, 'reimbursementOf', [1002])).toBe(400_000n);
    expect(await read(beta, 'WarpRouteBridge', bridge, 'router')).toBe(getAddress(beta.warpRoute));
    expect(await read(alpha, 'RouteReceiver', treasury, 'vault')).toBe(home['BackstopVault USD']);
    expect(route).toMatchObject({
      enabled: true,
      payEscrow: pay.RepaymentEscrow,
      payDecimals: 18,
      feeBps: 5,
    });
    const debt = await read(alpha, 'MarketRegistry', home.MarketRegistry, 'debtTerms', [
      market,
      alpha.dollar,
    ]);
    expect(debt).toMatchObject({ keeperFee: 2_500_000n, capPrincipal: 100_000_000_000n });
    expect(await read(alpha, 'TinyLendAdapter', home['adapter tiny-alpha'], 'ESCROW')).toBe(
      home.CollateralEscrow,
    );
    expect(await read(alpha, 'Erc7683Resolver', home.Erc7683Resolver, 'chainIdOf', [1002])).toBe(31_338n);
    const role = async (id: bigint, account: Address) =>
      read(alpha, 'AccessManager', home.AccessManager, 'hasRole', [id, account]);
    expect(await role(0n, deployer.address)).toEqual([false, 0]);
    expect(await role(0n, admin.address)).toEqual([true, DELAY]);
    expect(await role(1n, admin.address)).toEqual([true, DELAY]);
    expect(await role(2n, guardian.address)).toEqual([true, 0]);
  });

  test('is changed by governance alone, with the calls the plan prints for each stage', async () => {
    const changed = configOf('first', { feeBps: 9 });
    const opened = async () => {
      const { inSync, chains } = JSON.parse((await gavelDeploy('plan', changed, ['--json'])).out);
      expect(inSync).toBe(false);
      expect(chains[0].open).toHaveLength(1);
      return chains[0].open[0] as { status: string; at?: number; from: Address; to: Address; data: Hex };
    };
    const sendPrinted = async (out: string) => {
      const [, from, to, data] = /from (0x\w{40})\n +to (0x\w{40})\n +data (0x\w+)/.exec(out) ?? [];
      expect(from).toBe(admin.address);
      const call = { account: admin, to: to as Address, data: data as Hex, chain: null };
      return alpha.client.sendTransaction(call);
    };
    const toSchedule = await gavelDeploy('apply', changed);
    expect(toSchedule.code).toBe(EXIT.pending);
    expect(toSchedule.out).toMatch(/governance to schedule +set +route USD from beta/);
    await sendPrinted(toSchedule.out);

    const waiting = await gavelDeploy('plan', changed);
    expect(waiting.code).toBe(EXIT.pending);
    const { status, at = 0, data } = await opened();
    expect(status).toBe('governance waiting');
    const { timestamp } = await alpha.client.getBlock();
    expect(at).toBe(Number(timestamp) + DELAY);
    expect(waiting.out).toContain(`governance waiting until ${new Date(at * 1_000).toISOString()}`);
    expect(waiting.out).toContain(`governance can execute route USD from beta of tiny-alpha from `);

    await alpha.client.setNextBlockTimestamp({ timestamp: BigInt(at) });
    await alpha.client.mine({ blocks: 1 });
    const ready = await gavelDeploy('plan', changed);
    expect(ready.out).toMatch(/governance to execute +set +route USD from beta/);
    expect(ready.out).toContain('governance executes route USD from beta of tiny-alpha:');
    // the call that was told while it waited is the one that executes
    expect(await opened()).toMatchObject({ status: 'governance to execute', data });
    await sendPrinted(ready.out);
    expect((await gavelDeploy('plan', changed)).code).toBe(EXIT.inSync);
  });

  test('shows a change as scheduled anew once its schedule has expired', async () => {
    const changed = configOf('first', { feeBps: 11 });
    const { out } = await gavelDeploy('plan', changed, ['--json']);
    const { to, data } = JSON.parse(out).chains[0].open[0];
    await alpha.client.sendTransaction({ account: admin, to, data, chain: null });
    await alpha.client.increaseTime({ seconds: DELAY + 604_800 });
    await alpha.client.mine({ blocks: 1 });
    expect((await gavelDeploy('plan', changed)).out).toMatch(/governance to schedule +set +route/);
  });

  test('tells a step that neither the deployer nor the admin of the file may take', async () => {
    const other = { ...configOf('first'), admin: key('0x00000000000000000000000000000000000000Ad') };
    const { code, out } = await gavelDeploy('plan', other);
    expect(code).toBe(EXIT.pending);
    expect(out).toMatch(/blocked +set +ADMIN to 0x0{37}0Ad/i);
    expect(out).toContain('the chain has other roles than the file');
  });

  test('takes two warp routes of one token and chain, each for its own market', async () => {
    const config = configOf('two routes');
    const first = config.chains.alpha.markets['tiny-alpha'];
    const warpRoute = await deployWarpRoute(beta.client, beta.dollar, beta.mailbox);
    await enroll(beta, alpha, [warpRoute, alpha.warpRoute]);
    const second = structuredClone(first);
    second.debts.USD.routes.beta.warpRoute = warpRoute;
    Object.assign(config.chains.alpha.markets, { 'tiny-second': second });
    const { code, err } = await gavelDeploy('apply', config);
    expect(code, err).toBe(EXIT.inSync);
    const [home, pay] = await world.contracts(config);
    const bridgeOf = async (id: string) => {
      const args = [stringToHex(id, { size: 32 }), alpha.dollar, 1002];
      const route = await read(alpha, 'MarketRegistry', home.MarketRegistry, 'route', args);
      return (route as { bridge: Address }).bridge;
    };
    for (const [id, label, router] of [
      ['tiny-alpha', 'bridge USD to alpha', beta.warpRoute],
      ['tiny-second', `bridge USD to alpha over ${warpRoute}`, warpRoute],
    ] as const) {
      const bridge = await bridgeOf(id);
      expect(bridge).toBe(pay[label]);
      expect(await read(beta, 'WarpRouteBridge', bridge, 'router')).toBe(router);
    }
  });

  test('has an administrator and a guardian of each chain’s own', async () => {
    const config = configOf('own governors');
    const multisig = beta.lend; // any contract
    Object.assign(config.chains.beta, { admin: multisig, guardian: beta.ether });
    const { code, err } = await gavelDeploy('apply', config);
    expect(code, err).toBe(EXIT.inSync);
    const [home, pay] = await world.contracts(config);
    const role = (chain: LocalChain, manager: Address | undefined, id: bigint, account: Address) =>
      read(chain, 'AccessManager', manager, 'hasRole', [id, account]);
    expect(await role(beta, pay.AccessManager, 0n, multisig)).toEqual([true, DELAY]);
    expect(await role(beta, pay.AccessManager, 2n, beta.ether)).toEqual([true, 0]);
    expect(await role(beta, pay.AccessManager, 0n, admin.address)).toEqual([false, 0]);
    expect(await role(alpha, home.AccessManager, 0n, admin.address)).toEqual([true, DELAY]);
    expect(await role(alpha, home.AccessManager, 2n, guardian.address)).toEqual([true, 0]);
  });

  test('schedules, waits and executes when the deployer itself governs', async () => {
    const own = { admin: deployer.address };
    expect((await gavelDeploy('apply', configOf('second', own))).code).toBe(EXIT.inSync);
    const changed = configOf('second', { ...own, feeBps: 7 });
    const scheduled = await gavelDeploy('apply', changed);
    expect(scheduled.code).toBe(EXIT.pending);
    expect(scheduled.out).toContain('alpha: scheduled: route USD from beta of tiny-alpha');
    const waiting = await gavelDeploy('apply', changed);
    expect(waiting.out).toMatch(/waiting until \d{4}-/);
    expect(waiting.code).toBe(EXIT.pending);
    await alpha.client.increaseTime({ seconds: DELAY });
    await alpha.client.mine({ blocks: 1 });
    expect((await gavelDeploy('plan', changed)).out).toMatch(/to execute +set +route/);
    expect((await gavelDeploy('apply', changed)).code).toBe(EXIT.inSync);
  });
});

test('the example of docs/how-to/integrate-a-protocol.md is deployed as it stands, once its blanks are filled in', async () => {
  const guide = await readFile(
    join(import.meta.dirname, '../../../docs/how-to/integrate-a-protocol.md'),
    'utf8',
  );
  const example = /```yaml\n(salt:.*?)```/s.exec(guide)?.[1] ?? '';
  const config = parse(example.replaceAll('"0x…"', `"${admin.address}"`));
  const { home, pay } = config.chains;
  const governors = { admin: key(admin.address), guardian: key(guardian.address) };
  Object.assign(config, { deployer: deployer.address, ...governors });
  for (const [chain, at] of [[home, alpha] as const, [pay, beta] as const]) {
    const { url: rpc, chainId, domain, mailbox } = at;
    Object.assign(chain, { rpc, chainId, domain, mailbox });
    Object.assign(chain.tokens, { USDC: at.dollar });
  }
  home.tokens.WETH = alpha.ether;
  const market = home.markets['tiny-home'];
  market.adapter.arguments.lend = alpha.lend;
  market.auctioneers = auctioneers;
  market.debts.USDC.routes.pay.warpRoute = beta.warpRoute;
  const { code, out, err } = await gavelDeploy('apply', config);
  expect(code, err).toBe(EXIT.inSync);
  expect(out).toContain('pay: done: bridge USDC to home');
  expect(out).toMatch(/home \(chain 31337, domain 1001\): in sync/);
});

test('what the reader of its output does not wait for is finished in silence', async () => {
  const config = configOf('unread');
  const file = join(world.folder, 'unread.yaml');
  await writeFile(file, JSON.stringify(config)); // JSON is YAML
  const cli = join(import.meta.dirname, 'main.ts');
  const child = spawn(process.execPath, [cli, 'apply', '--config', file], {
    env: { PATH: process.env.PATH, GAVEL_DEPLOYER_KEY: KEY },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  const complaints: string[] = [];
  child.stderr.on('data', (text) => complaints.push(String(text)));
  const [code] = await once(child, 'close');
  expect(complaints).toEqual([]);
  expect([EXIT.inSync, EXIT.pending]).toContain(code);
  const sent = await world.nonces();
  expect((await gavelDeploy('apply', config)).code).toBe(code);
  expect(await world.nonces()).toEqual(sent);
});

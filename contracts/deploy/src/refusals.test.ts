import { concat, keccak256, stringToHex, zeroAddress } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FACTORY } from './chain.ts';
import { parseConfig } from './config.ts';
import { EXIT } from './errors.ts';
import { plan } from './plan.ts';
import {
  admin,
  artifacts,
  configOf as configIn,
  deployer,
  deployOurs,
  deployWarpRoute,
  type LocalChain,
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
const configOf = (salt: string) => configIn(world, salt);

/** A configuration that a test may change freely. */
// biome-ignore lint/suspicious/noExplicitAny: tests write what no file may hold
function free(salt = 'x'): any {
  return JSON.parse(JSON.stringify(configOf(salt)));
}

describe('what is refused before anything is sent', () => {
  test('a wrong configuration, every fault at once', async () => {
    const { code, err } = await gavelDeploy('plan', {
      ...configOf('x'),
      guardian: 'somebody',
      colour: 'green',
    });
    expect(code).toBe(EXIT.usage);
    expect(err).toContain('guardian: expected an address');
    expect(err).toContain('colour: unknown setting');
  });

  test('parts that do not fit together', async () => {
    const wrong = free();
    wrong.chains.alpha.markets['tiny-alpha'].threshold = 1;
    wrong.chains.alpha.markets['tiny-alpha'].collaterals = ['GOLD'];
    wrong.chains.beta.chainId = 31_337;
    const { code, err } = await gavelDeploy('plan', wrong);
    expect(code).toBe(EXIT.usage);
    expect(err).toContain('more than half of the 3 auctioneers');
    expect(err).toContain('no token GOLD');
    expect(err).toContain('two chains share one chainId');
  });

  test('an RPC of another chain', async () => {
    const wrong = free();
    [wrong.chains.alpha.rpc, wrong.chains.beta.rpc] = [beta.url, alpha.url];
    const { code, err } = await gavelDeploy('plan', wrong);
    expect(code).toBe(EXIT.usage);
    expect(err).toContain('chains.alpha.rpc: the RPC serves another chain');
    expect(err).toContain('chains.beta.rpc: the RPC serves another chain');
  });

  test('a rule that the contracts do not know', async () => {
    const wrong = free();
    wrong.chains.alpha.markets['tiny-alpha'].terms.colour = 3;
    const { code, err } = await gavelDeploy('plan', wrong);
    expect(code).toBe(EXIT.usage);
    expect(err).toContain('terms.colour: not among borrowerBps, minPartBps');
  });

  test('a delay no longer than a redemption', async () => {
    const { code, err } = await gavelDeploy('plan', { ...configOf('x'), delay: 604_800 });
    expect(code).toBe(EXIT.usage);
    expect(err).toContain('delay: expected more than 604800');
  });

  test('a redemption shorter than the longest life of an order', async () => {
    // 3 + 24 + 120 + 15 + 600 + 7200 + 2 * 1800, and a second more for a quote window that is no whole second
    const shortest = 11_562;
    const withRedemption = (redemptionDelay: number, quoteWindow = 3_000) => {
      const config = free();
      config.chains.alpha.vaults.USD = { redemptionDelay };
      config.chains.alpha.markets['tiny-alpha'].terms.quoteWindow = quoteWindow;
      return gavelDeploy('plan', config);
    };
    const { code, err } = await withRedemption(shortest - 1);
    expect(code).toBe(EXIT.usage);
    expect(err).toContain(
      `chains.alpha.vaults.USD.redemptionDelay: expected at least ${shortest}, the longest life of an order of tiny-alpha: raise it`,
    );
    expect((await withRedemption(shortest, 3_001)).err).toContain(`expected at least ${shortest + 1}`);
    expect((await withRedemption(shortest)).code).toBe(EXIT.pending);
  });

  test('bonds that could be withdrawn between a ranking and its landing', async () => {
    const withBond = (bondDelay: number, landingWindow = 24) => {
      const config = free();
      config.chains.alpha.bondDelay = bondDelay;
      config.chains.alpha.markets['tiny-alpha'].terms.landingWindow = landingWindow;
      return gavelDeploy('plan', config);
    };
    const { code, err } = await withBond(26);
    expect(code).toBe(EXIT.usage);
    expect(err).toContain(
      'chains.alpha.bondDelay: expected at least 27, the quote and landing windows of tiny-alpha together: raise it',
    );
    expect((await withBond(27)).code).toBe(EXIT.pending);
    const tooLong = await withBond(86_400, 3_598);
    expect(tooLong.code).toBe(EXIT.usage);
    expect(tooLong.err).toContain('take 3601 s, expected at most 3600: shorten quoteWindow or landingWindow');
    expect((await withBond(86_400, 3_597)).code).toBe(EXIT.pending);
  });

  test('a vault of another token than its debt’s', async () => {
    const wrong = free();
    wrong.chains.alpha.vaults.USD.asset = alpha.ether;
    const { code, err } = await gavelDeploy('plan', wrong);
    expect(code).toBe(EXIT.usage);
    expect(err).toContain('chains.alpha.vaults.USD.asset: follows from the rest');
  });

  test('a vault that lends to another escrow already: the registry would keep it for good', async () => {
    const config = configOf('taken');
    const [{ layout } = {}] = await plan(parseConfig(JSON.stringify(config), {}));
    const salt = keccak256(stringToHex('taken'));
    for (const step of layout?.steps ?? []) {
      if (step.kind !== 'create' || !['AccessManager', 'BackstopVault USD'].includes(step.what)) continue;
      const data = concat([salt, step.initCode]);
      await alpha.client.sendTransaction({ account: deployer, to: FACTORY, data, chain: null });
    }
    const vault = layout?.contracts['BackstopVault USD'] ?? '0x';
    const { abi } = await artifacts.load('BackstopVault');
    const args = [admin.address];
    const call = { address: vault, abi, functionName: 'setEscrow', args, chain: null } as const;
    await alpha.client.writeContract({ ...call, account: deployer });
    const { code, err } = await gavelDeploy('plan', config);
    expect(code).toBe(EXIT.usage);
    expect(err).toMatch(/chains.alpha.vaults.USD: the vault 0x\w{40} lends to another escrow/);
  });

  test('a command it does not know, and a key that is not the deployer’s', async () => {
    expect((await gavelDeploy('destroy', configOf('x'))).code).toBe(EXIT.usage);
    expect((await gavelDeploy('plan', configOf('x'), ['--colour'])).code).toBe(EXIT.usage);
    const other = await gavelDeploy('apply', configOf('x'), [], {
      GAVEL_DEPLOYER_KEY: `0x${'11'.repeat(32)}`,
    });
    expect(other.code).toBe(EXIT.usage);
    expect((await gavelDeploy('apply', configOf('x'), [], {})).code).toBe(EXIT.usage);
  });

  test('an endpoint that does not answer, after everything else that is wrong', async () => {
    const silent = free();
    silent.chains.beta.rpc = 'http://127.0.0.1:1';
    const alone = await gavelDeploy('plan', silent);
    expect(alone.code).toBe(EXIT.failed);
    expect(alone.err).toMatch(/^a chain does not answer/);
    silent.delay = 5;
    const both = await gavelDeploy('plan', silent);
    expect(both.code).toBe(EXIT.usage);
    expect(both.err).toContain('delay: expected more than 604800');
    expect(both.err).toContain('chains.beta.rpc: a chain does not answer');
  });

  test('accounts without code, unless the file accepts them', async () => {
    const wrong = free();
    wrong.admin = admin.address;
    wrong.chains.beta.guardian = { address: alpha.lend, withoutCode: 'yes' };
    wrong.chains.alpha.guardian = alpha.lend; // a contract, in place of a multisig
    const shape = await gavelDeploy('plan', wrong);
    expect(shape.code).toBe(EXIT.usage);
    expect(shape.err).toContain('chains.beta.guardian: expected an address');
    delete wrong.chains.beta.guardian;
    const { code, err } = await gavelDeploy('plan', wrong);
    expect(code).toBe(EXIT.usage);
    for (const chain of ['alpha', 'beta']) {
      expect(err).toContain(`chains.${chain}.admin: ${admin.address} has no code on this chain`);
    }
    expect(err).not.toContain('guardian');
    // an account that borrows code by EIP-7702 is one key's all the same
    await beta.client.setCode({ address: admin.address, bytecode: `0xef0100${alpha.lend.slice(2)}` });
    wrong.chains.alpha.admin = alpha.lend;
    expect((await gavelDeploy('plan', wrong)).err).toContain('chains.beta.admin');
    await beta.client.setCode({ address: admin.address, bytecode: '0x' });
  });

  test('an administrator that no chain names', async () => {
    const { admin: removed, ...wrong } = configOf('x');
    const { code, err } = await gavelDeploy('plan', wrong);
    expect(code).toBe(EXIT.usage);
    expect(removed).toBeDefined();
    expect(err).toContain('chains.alpha.admin: expected an address');
    expect(err).toContain('chains.beta.admin: expected an address');
  });

  test('a route whose security module is not named, and one that is none', async () => {
    const wrong = free();
    delete wrong.chains.alpha.securityModule;
    wrong.chains.beta.securityModule = admin.address;
    const { code, err } = await gavelDeploy('plan', wrong);
    expect(code).toBe(EXIT.usage);
    expect(err).toContain(
      'chains.alpha.securityModule: expected the module that verifies messages of the route',
    );
    expect(err).toContain(`chains.beta.securityModule: there is no security module at ${admin.address}`);
    wrong.chains.alpha.securityModule = alpha.securityModule;
    wrong.chains.beta.securityModule = beta.securityModule;
    const named = await gavelDeploy('plan', wrong);
    expect(named.code, named.err).toBe(EXIT.pending);
    expect(named.out).toMatch(/to do +set +interchainSecurityModule of RepaymentEscrow/);
  });

  test('zero addresses, wherever the file has addresses', async () => {
    const wrong = free();
    const market = wrong.chains.alpha.markets['tiny-alpha'];
    Object.assign(wrong, { deployer: zeroAddress, admin: { address: zeroAddress, withoutCode: 'accepted' } });
    wrong.chains.alpha.tokens.USD = zeroAddress;
    market.treasury = zeroAddress;
    const { code, err } = await gavelDeploy('plan', wrong);
    expect(code).toBe(EXIT.usage);
    for (const path of [
      'deployer',
      'admin',
      'chains.alpha.tokens.USD',
      'chains.alpha.markets.tiny-alpha.treasury',
    ]) {
      expect(err).toMatch(new RegExp(`${path}: expected an address .*zero`));
    }
    const inside = free();
    const adapter = inside.chains.alpha.markets['tiny-alpha'].adapter.arguments;
    adapter.badDebtRecipient = zeroAddress;
    adapter.lend = alpha.lend.toLowerCase().replace(/[a-f]/, (letter: string) => letter.toUpperCase());
    const { err: within } = await gavelDeploy('plan', inside);
    expect(within).toContain('adapter.arguments.badDebtRecipient: expected an address that is not zero');
    expect(within).toContain(
      'adapter.arguments.lend: expected an address (0x and 40 hex digits, checksummed',
    );
  });

  test('an adapter that is not there, and one of another escrow or with prices of any age', async () => {
    const wrong = free();
    const market = wrong.chains.alpha.markets['tiny-alpha'];
    market.adapter = { address: admin.address };
    expect((await gavelDeploy('plan', wrong)).err).toContain(`there is no contract at ${admin.address}`);
    market.adapter.address = alpha.lend;
    expect((await gavelDeploy('plan', wrong)).err).toContain(`${alpha.lend} does not name its escrow`);
    const args = [alpha.lend, alpha.mailbox, admin.address, 0n];
    market.adapter.address = await deployOurs(alpha.client, 'TinyLendAdapter', args);
    const { code, err } = await gavelDeploy('plan', wrong);
    expect(code).toBe(EXIT.usage);
    expect(err).toMatch(new RegExp(`the adapter serves the escrow ${alpha.mailbox}, expected 0x`));
    expect(err).toContain('MAX_PRICE_AGE: expected 60 to 604800 (seconds), got 0');
  });

  test('rules with which no market works, together', async () => {
    const wrong = free();
    const market = wrong.chains.alpha.markets['tiny-alpha'];
    market.adapter.arguments.maxPriceAge = 0;
    Object.assign(market.terms, {
      bonusBps: 1,
      stressBps: 10_001,
      takeDelay: 0,
      trialGas: 5,
      minLotBps: 70_000,
    });
    Object.assign(market.debts.USD.amounts, { keeperFee: 101 });
    market.debts.USD.routes.beta.feeBps = 10_001;
    market.collaterals = ['WETH', 'WETH'];
    market.auctioneers.push(market.auctioneers[0]);
    const { code, err } = await gavelDeploy('plan', wrong);
    expect(code).toBe(EXIT.usage);
    const at = 'chains.alpha.markets.tiny-alpha';
    for (const fault of [
      `${at}.adapter.arguments.maxPriceAge: expected 60 to 604800 (seconds), got 0`,
      `${at}.terms.bonusBps: expected 50 to 10000, got 1`,
      `${at}.terms.stressBps: expected 0 to 10000, got 10001`,
      `${at}.terms.takeDelay: expected more than 0`,
      `${at}.terms.trialGas: expected 200000 to 10000000, got 5`,
      `${at}.terms.minLotBps: expected a whole number from 0 to 65535, got 70000`,
      `${at}.debts.USD.amounts.keeperFee: expected at most minRepay, 100, got 101`,
      `${at}.debts.USD.routes.beta.feeBps: expected 0 to 10000, got 10001`,
      `${at}.collaterals[1]: WETH is listed twice`,
      `${at}.auctioneers: one is listed twice`,
    ]) {
      expect(err).toContain(fault);
    }
  });

  test('amounts that are negative, too fine, too large or none', async () => {
    const wrong = free();
    const debt = wrong.chains.alpha.markets['tiny-alpha'].debts.USD;
    debt.amounts = {
      keeperFee: -1,
      minRepay: 1e-7,
      capPrincipal: '4e5',
      capRepaid: '340282366920938463463374607431769',
    };
    debt.routes.beta.reimbursement = 'much';
    const { code, err } = await gavelDeploy('plan', wrong);
    expect(code).toBe(EXIT.usage);
    const at = 'chains.alpha.markets.tiny-alpha.debts.USD';
    for (const fault of [
      `${at}.amounts.keeperFee: expected an amount of whole units, such as 2.5, got -1`,
      `${at}.amounts.minRepay: expected at most 6 decimals, as many as the token has, got 1e-7`,
      `${at}.amounts.capPrincipal: expected an amount of whole units, such as 2.5, got "4e5"`,
      `${at}.amounts.capRepaid: expected less than`,
      `${at}.routes.beta.reimbursement: expected an amount of whole units, such as 2.5, got "much"`,
    ]) {
      expect(err).toContain(fault);
    }
    expect(err).not.toMatch(/^ +at /m);
  });

  test('numbers out of range, before the first transaction', async () => {
    const wrong = free();
    Object.assign(wrong, { delay: 4_294_967_296 });
    wrong.chains.alpha.domain = -1;
    const { err: shape } = await gavelDeploy('plan', wrong);
    expect(shape).toContain('delay: expected a whole number from 1 to 315360000');
    expect(shape).toContain('chains.alpha.domain: expected a whole number from 1 to 4294967295, got -1');
    const large = free();
    large.chains.alpha.vaults.USD.redemptionDelay = -5;
    large.chains.alpha.markets['tiny-alpha'].adapter.arguments.maxPriceAge = 1e30;
    large.chains.alpha.markets['tiny-alpha'].terms.quoteWindow = 4_294_967_296;
    const { code, err } = await gavelDeploy('plan', large);
    expect(code).toBe(EXIT.usage);
    expect(err).toContain(
      'vaults.USD.redemptionDelay: expected a whole number from 0 to 18446744073709551615, got -5',
    );
    expect(err).toContain('arguments.maxPriceAge: expected a whole number; write a large one in quotes');
    expect(err).toContain('terms.quoteWindow: expected a whole number from 0 to 4294967295');
  });

  test('values that follow from the rest: an escrow, a pay token, a vault', async () => {
    const wrong = free();
    const market = wrong.chains.alpha.markets['tiny-alpha'];
    market.adapter.arguments.escrow = admin.address;
    market.terms.adapter = admin.address;
    market.debts.USD.amounts.vault = admin.address;
    Object.assign(market.debts.USD.routes.beta, { payToken: admin.address, bridge: admin.address });
    wrong.chains.alpha.vaults.USD.registry = admin.address;
    const { err } = await gavelDeploy('plan', wrong);
    for (const path of [
      'adapter.arguments.escrow',
      'terms.adapter',
      'debts.USD.amounts.vault',
      'routes.beta.payToken',
      'routes.beta.bridge',
      'vaults.USD.registry',
    ]) {
      expect(err).toContain(`${path}: follows from the rest, and is not set`);
    }
  });

  test('what a constructor refuses, in its own words', async () => {
    const wrong = free();
    const bounds = {
      maxTriggerBps: 9_000,
      minTargetBps: 1,
      maxTargetBps: 2,
      minPenaltyBps: 50,
      maxPenaltyBps: 300,
    };
    wrong.chains.alpha.markets['tiny-alpha'].adapter = {
      contract: 'MorphoMarginCall',
      arguments: {
        morpho: alpha.lend,
        fallbackRecipient: admin.address,
        maxPriceAge: 3_600,
        ids: [],
        bounds,
      },
    };
    const { code, err } = await gavelDeploy('plan', wrong);
    expect(code).toBe(EXIT.usage);
    expect(err).toContain('markets.tiny-alpha.adapter: its constructor reverts: BoundsInvalid()');
  });

  test('a bonus smaller than the largest penalty of margin calls', async () => {
    const wrong = free();
    const bounds = {
      ...{ maxTriggerBps: 11_000, minTargetBps: 10_100, maxTargetBps: 15_000 },
      ...{ minPenaltyBps: 50, maxPenaltyBps: 600 },
    };
    wrong.chains.alpha.markets['tiny-alpha'].adapter = {
      contract: 'MorphoMarginCall',
      arguments: {
        morpho: alpha.lend,
        fallbackRecipient: admin.address,
        maxPriceAge: 3_600,
        ids: [],
        bounds,
      },
    };
    const { err } = await gavelDeploy('plan', wrong);
    expect(err).toContain(
      'terms.bonusBps: expected at least 600, the largest penalty of the margin calls, got 500',
    );
  });

  test('a warp route that is none, carries another token, or leads elsewhere', async () => {
    const wrong = free();
    const { beta: route } = wrong.chains.alpha.markets['tiny-alpha'].debts.USD.routes;
    route.warpRoute = admin.address;
    expect((await gavelDeploy('plan', wrong)).err).toContain('there is no warp route at');
    route.warpRoute = await deployWarpRoute(beta.client, beta.ether, beta.mailbox);
    const { code, err } = await gavelDeploy('plan', wrong);
    expect(code).toBe(EXIT.usage);
    expect(err).toContain(`the warp route carries ${beta.ether}, expected USD, ${beta.dollar}`);
    expect(err).toContain('the warp route does not lead to domain 1001');
  });

  test('two names of one token, and an unknown adapter', async () => {
    const wrong = free();
    wrong.chains.alpha.tokens.USDC = alpha.dollar;
    wrong.chains.alpha.markets['tiny-alpha'].adapter.contract = 'NoSuchAdapter';
    wrong.chains.beta.tokens.EUR = admin.address;
    const { err } = await gavelDeploy('plan', wrong);
    expect(err).toContain('chains.alpha.tokens.USDC: has the address of USD');
    expect(err).toContain("adapter.arguments: no compiled contract NoSuchAdapter: expected one of Gavel's");
    expect(err).toContain('chains.beta.tokens.EUR: expected a token of at most 36 decimals');
  });
});

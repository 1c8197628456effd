import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  backstopVaultAbi,
  collateralEscrowAbi,
  marketRegistryAbi,
  morphoMarginCallAbi,
  repaymentEscrowAbi,
  solverBondsAbi,
} from '@gavel/abi';
import {
  assembleCertificate,
  awardOf,
  encodeBill,
  encodeFillerData,
  encodeReport,
  type Fill,
  type Landing,
  landingOf,
  marketId,
  type Order,
  quoteDigest,
  signQuote,
  signVote,
} from '@gavel/protocol';
import {
  type Abi,
  type Address,
  type ContractFunctionName,
  createWalletClient,
  encodeAbiParameters,
  encodeFunctionData,
  erc20Abi,
  type Hex,
  http,
  keccak256,
  pad,
  parseAbi,
  parseEther,
  parseEventLogs,
  type TransactionReceipt,
  toHex,
  zeroAddress,
} from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { observe } from '../src/auction/derive.ts';
import { createHomeReads } from '../src/auction/home-reads.ts';
import { createMarket } from '../src/auction/market.ts';
import type { Chain } from '../src/chain/client.ts';
import { FUNDED_KEY, startAnvil } from '../src/chain/testing/anvil.ts';
import { localChain, testClient } from '../src/chain/testing/local-chain.ts';
import { loadConfig } from '../src/config/load.ts';
import { type Node, startNode } from '../src/node.ts';
import { type RecordingLogger, recordingLogger } from '../src/observe/testing/recording-logger.ts';
import { encodeMorphoPosition } from '../src/positions/morpho-blue.ts';
import type { Scope } from '../src/runtime/scope.ts';
import { createContract, deployer, mailboxCode, mined } from './contracts.ts';

/*
 * Two real chains with the whole of Gavel and a real Morpho Blue on the first, and a pay escrow on the
 * second. Between them stand Mailboxes that only take messages; tests deliver those that are to arrive.
 * Auctioneers are keys that tests sign with, so an award is made where a test wants one. Blocks come every
 * second, and time can be moved on.
 */

export const HOME = 1001;
export const PAY = 1003;
const MAILBOX: Address = '0x00000000000000000000000000000000000a11b0';
/** Keys of the markets' three auctioneers, two of whom must sign. */
export const AUCTIONEER_KEYS = ['first', 'second', 'third'].map((name) =>
  keccak256(toHex(`auctioneer ${name}`)),
);
const DOLLAR = 10n ** 6n;
/** Blocks between observations. */
const SLOT = 2n;
const LLTV = 860_000_000_000_000_000n;

/**
 * Windows of an auction, milliseconds: far wider than the work in them, since nodes and chains run in real
 * time. A test need not wait for their ends: `hold` moves the time on.
 */
const QUOTE_WINDOW = 60_000;
export const AUCTION_WAITS = { tallyWaitMs: 15_000, voteWaitMs: 30_000 };

/** A person of the test with some native currency on both chains. */
export type Person = { readonly key: Hex; readonly address: Address };

/** A borrower's loan, and what names it. */
export type Loan = { readonly borrower: Person; readonly position: Hex };

export type World = {
  readonly home: Chain;
  readonly pay: Chain;
  readonly dollar: Address;
  readonly ether: Address;
  readonly payToken: Address;
  readonly vault: Address;
  readonly receiver: Address;
  readonly morpho: Address;
  readonly marginCall: Address;
  /** Names of the two markets: Morpho's own liquidations, and margin calls. */
  readonly markets: { readonly open: string; readonly marginCall: string };
  /** The adapter of a market by its name. */
  adapterOf(market: string): Address;
  person(name: string): Promise<Person>;
  /** Adds so many milliethers to a borrower's collateral. */
  secure(borrower: Person, milliether: bigint): Promise<void>;
  /** Borrows so many whole dollars against so many milliethers. */
  borrow(borrower: Person, dollars: bigint, milliether: bigint): Promise<Loan>;
  /** Gives the adapter of margin calls its permission and terms, in basis points. */
  agree(loan: Loan, terms: { trigger: number; target: number; penalty: number }): Promise<void>;
  leave(loan: Loan): Promise<void>;
  /** Sets what an ether is worth, whole dollars. */
  price(dollars: bigint): Promise<void>;
  /** Gives whole dollars at home. */
  give(to: Address, dollars: bigint): Promise<void>;
  /** Registers a solver with a bond. */
  bond(solver: Person, dollars: bigint): Promise<void>;
  /** Gives a person pay tokens, on the other chain. */
  endow(person: Person, dollars: bigint): Promise<void>;
  /** Lands an award to a remote quote of `solver`, paid on the other chain. */
  open(loan: Loan, solver: Person): Promise<{ order: Order; orderId: Hex }>;
  /** Pays an order as its winner or as any other payer; returns the fill to prove. */
  fill(order: Order, orderId: Hex, payer: Person): Promise<Fill>;
  /** Delivers the proof of fills home, sent by `reporter`. */
  prove(fills: readonly Fill[], reporter?: Address): Promise<void>;
  /** Moves the time of a chain on; the next block has it. */
  pass(chain: Chain, seconds: bigint): Promise<void>;
  /** The wall clock of nodes: this machine's, and what tests moved it on. Unix milliseconds. */
  wall(): number;
  /** Moves the time of both chains and of every node on, until the wall clock is past `ms`. */
  reach(ms: bigint): Promise<void>;
  /** Moves the time to the end of an intent's quotes, once each of these nodes has so many of them. */
  endQuotes(intent: unknown, nodes: readonly TestNode[], quotes: number): Promise<void>;
  /** Moves the time to the first votes, once each of these auctioneers has a tally of every one of them. */
  bringVotes(intent: unknown, auctioneers: readonly TestNode[]): Promise<void>;
  /** Holds an auction: `endQuotes`, then `bringVotes`. */
  hold(intent: unknown, auctioneers: readonly TestNode[], quotes: number): Promise<void>;
  send(key: Hex, chain: Chain, call: Call): Promise<TransactionReceipt>;
  balance(chain: Chain, token: Address, holder: Address): Promise<bigint>;
  /** `wall` is the node's clock, Unix milliseconds, unless it has the world's. */
  startNode(
    name: string,
    sections: Record<string, unknown>,
    bootstrap?: readonly Node[],
    wall?: () => number,
  ): Promise<TestNode>;
};

/** A node and what it logged. */
export type TestNode = Node & { readonly logged: RecordingLogger };

type Call = {
  readonly address: Address;
  readonly abi: Abi | readonly unknown[];
  readonly functionName: ContractFunctionName;
  readonly args: readonly unknown[];
  readonly value?: bigint;
};

const morphoAbi = parseAbi([
  'struct MarketParams { address loanToken; address collateralToken; address oracle; address irm; uint256 lltv; }',
  'function enableIrm(address irm)',
  'function enableLltv(uint256 lltv)',
  'function createMarket(MarketParams marketParams)',
  'function supply(MarketParams marketParams, uint256 assets, uint256 shares, address onBehalf, bytes data) returns (uint256, uint256)',
  'function supplyCollateral(MarketParams marketParams, uint256 assets, address onBehalf, bytes data)',
  'function borrow(MarketParams marketParams, uint256 assets, uint256 shares, address onBehalf, address receiver) returns (uint256, uint256)',
  'function setAuthorization(address authorized, bool newIsAuthorized)',
]);
const feedAbi = parseAbi(['function setAnswer(int256 answer)']);
const mintAbi = parseAbi(['function mint(address to, uint256 amount)']);
const setEscrowAbi = parseAbi(['function setEscrow(address escrow)']);

/** Builds the world. `dir` holds the nodes' data. */
export async function createWorld(scope: Scope, dir: string): Promise<World> {
  const [homeAnvil, payAnvil] = await Promise.all([
    startAnvil({ blockTime: 1 }),
    startAnvil({ blockTime: 1, chainId: 31_339 }),
  ]);
  scope.defer(homeAnvil.stop, 'home chain');
  scope.defer(payAnvil.stop, 'pay chain');
  const urls = { [HOME]: homeAnvil.url, [PAY]: payAnvil.url };
  const send = async (key: Hex, chain: Chain, { address, value, ...call }: Call) => {
    const [rpc = ''] = chain.config.rpc;
    const wallet = createWalletClient({ account: privateKeyToAccount(key), transport: http(rpc) });
    const data = encodeFunctionData(call as Parameters<typeof encodeFunctionData>[0]);
    // More than anything takes: an estimate holds for one state, and a landing asks for all its signedTxs'
    // gas.
    const gas = 8_000_000n;
    const hash = await wallet.sendTransaction({ chain: null, to: address, data, value: value ?? 0n, gas });
    const receipt = await mined(rpc, hash);
    if (receipt.status !== 'success') throw new TypeError(`${call.functionName} reverted`);
    return receipt;
  };

  for (const [domain, url] of Object.entries(urls)) {
    await testClient(url).setCode({ address: MAILBOX, bytecode: mailboxCode(Number(domain)) });
  }
  const site = async (domain: number, url: string) => {
    const manager = await createContract(url, 'AccessManager', [deployer.address]);
    const registry = await createContract(url, 'MarketRegistry', [manager]);
    const bonds = await createContract(url, 'SolverBonds', [manager, 1n]);
    const repaymentEscrow = await createContract(url, 'RepaymentEscrow', [MAILBOX, manager]);
    const collateralEscrow = await createContract(url, 'CollateralEscrow', [
      MAILBOX,
      registry,
      bonds,
      manager,
    ]);
    const contracts = { collateralEscrow, repaymentEscrow, bonds, registry, mailbox: MAILBOX };
    const chain = localChain([url], { chainId: domain === HOME ? 31_337 : 31_339, domain, contracts });
    return { chain, manager };
  };
  const [{ chain: home, manager }, { chain: pay }] = await Promise.all([
    site(HOME, homeAnvil.url),
    site(PAY, payAnvil.url),
  ]);
  const { collateralEscrow, registry, bonds } = home.contracts;
  const admin = (call: Call) => send(FUNDED_KEY, home, call);
  const at = homeAnvil.url;

  const dollar = await createContract(at, 'TestToken', ['Dollar', 'USDx', 6, deployer.address]);
  const ether = await createContract(at, 'TestToken', ['Ether', 'WETH', 18, deployer.address]);
  const payToken = await createContract(payAnvil.url, 'TestToken', ['Dollar', 'USDx', 18, deployer.address]);
  const vault = await createContract(at, 'BackstopVault', [
    dollar,
    'Backstop',
    'gbUSDx',
    manager,
    6n * 3_600n,
  ]);
  const receiver = await createContract(at, 'RouteReceiver', [vault, PAY]);
  const etherFeed = await createContract(at, 'PriceFeed', ['ETH', 8, 4_000n * 10n ** 8n, deployer.address]);
  const dollarFeed = await createContract(at, 'PriceFeed', ['USD', 8, 10n ** 8n, deployer.address]);
  const oracle = await createContract(at, 'ChainlinkMorphoOracle', [ether, dollar, etherFeed, dollarFeed]);
  const morpho = await createContract(at, 'external/Morpho', [deployer.address]);
  const irm = await createContract(at, 'external/IrmMock', []);
  const params = { loanToken: dollar, collateralToken: ether, oracle, irm, lltv: LLTV };
  const id = keccak256(
    encodeAbiParameters(parseAbi(['function f(address,address,address,address,uint256)'])[0].inputs, [
      dollar,
      ether,
      oracle,
      irm,
      LLTV,
    ]),
  );
  await admin({ address: morpho, abi: morphoAbi, functionName: 'enableIrm', args: [irm] });
  await admin({ address: morpho, abi: morphoAbi, functionName: 'enableLltv', args: [LLTV] });
  await admin({ address: morpho, abi: morphoAbi, functionName: 'createMarket', args: [params] });
  const common = [morpho, collateralEscrow, deployer.address, 365n * 86_400n, [id]];
  const adapter = await createContract(at, 'MorphoBlueAdapter', common);
  const bounds = {
    maxTriggerBps: 11_000,
    minTargetBps: 10_200,
    maxTargetBps: 15_000,
    minPenaltyBps: 10,
    maxPenaltyBps: 500,
  };
  const marginCall = await createContract(at, 'MorphoMarginCall', [...common, bounds]);
  for (const address of [vault, bonds]) {
    await admin({ address, abi: setEscrowAbi, functionName: 'setEscrow', args: [collateralEscrow] });
  }

  const give = async (to: Address, dollars: bigint) => {
    await admin({ address: dollar, abi: mintAbi, functionName: 'mint', args: [to, dollars * DOLLAR] });
  };
  const approve = (key: Hex, chain: Chain, token: Address, spender: Address, amount: bigint) =>
    send(key, chain, { address: token, abi: erc20Abi, functionName: 'approve', args: [spender, amount] });

  const secure = async ({ key, address }: Person, milliether: bigint) => {
    const amount = milliether * 10n ** 15n;
    await admin({ address: ether, abi: mintAbi, functionName: 'mint', args: [address, amount] });
    await approve(key, home, ether, morpho, amount);
    const args = [params, amount, address, '0x'] as const;
    await send(key, home, { address: morpho, abi: morphoAbi, functionName: 'supplyCollateral', args });
  };

  const markets = { open: 'morpho-test', marginCall: 'calls-test' };
  const council = AUCTIONEER_KEYS.map((key) => privateKeyToAccount(key).address).sort((a, b) =>
    BigInt(a) < BigInt(b) ? -1 : 1,
  );
  for (const [name, target] of [
    [markets.open, adapter],
    [markets.marginCall, marginCall],
  ] as const) {
    const market = marketId(name);
    const set = (functionName: string, args: readonly unknown[]) =>
      admin({ address: registry, abi: marketRegistryAbi, functionName, args: [market, ...args] });
    const cap = 10n ** 12n * DOLLAR;
    await set('setTerms', [
      {
        adapter: target,
        treasury: deployer.address,
        borrowerBps: 8_000,
        minPartBps: 2_500,
        stressBps: 1_000,
        maxAskBps: 9_900,
        floorBps: 7_000,
        minLotBps: 9_000,
        lateBountyBps: 50,
        bonusBps: 1_000,
        fadeBps: 100,
        slot: Number(SLOT),
        quoteWindow: QUOTE_WINDOW,
        landingWindow: 120,
        exclusivity: 60,
        clockSkew: 5,
        fillWindow: 600,
        proofWindow: 3_600,
        auctionLength: 600,
        takeDelay: 300,
        capWindow: 3_600,
        trialGas: 2_000_000,
      },
    ]);
    await set('setDebtTerms', [
      dollar,
      { vault, keeperFee: 2n * DOLLAR, minRepay: DOLLAR, capPrincipal: cap, capRepaid: cap },
    ]);
    await set('setCollateral', [ether, true]);
    await set('setAuctioneers', [council, 2]);
    await set('setRoute', [
      dollar,
      PAY,
      {
        enabled: true,
        payDecimals: 18,
        feeBps: 5,
        handicapBps: 0,
        payEscrow: pay.contracts.repaymentEscrow,
        payToken,
        treasury: receiver,
        // Stands for a bridge: nothing is released in these tests, and what it would deliver is given to the
        // receiver.
        bridge: pad('0xb1', { size: 20 }),
      },
    ]);
  }
  await admin({
    address: vault,
    abi: backstopVaultAbi,
    functionName: 'setReimbursement',
    args: [PAY, DOLLAR],
  });
  await give(deployer.address, 4_000_000n);
  await approve(FUNDED_KEY, home, dollar, morpho, 2_000_000n * DOLLAR);
  await admin({
    address: morpho,
    abi: morphoAbi,
    functionName: 'supply',
    args: [params, 2_000_000n * DOLLAR, 0n, deployer.address, '0x'],
  });
  await approve(FUNDED_KEY, home, dollar, vault, 1_000_000n * DOLLAR);
  await admin({
    address: vault,
    abi: backstopVaultAbi,
    functionName: 'deposit',
    args: [1_000_000n * DOLLAR, deployer.address],
  });
  const reads = createHomeReads(home);
  const signing = { chainId: 31_337, escrow: collateralEscrow };

  /** How far tests have moved the time of the nodes on, milliseconds. */
  let movedMs = 0;
  const wall = () => Date.now() + movedMs;
  const pass = async (chain: Chain, seconds: bigint) => {
    const [rpc = ''] = chain.config.rpc;
    await testClient(rpc).increaseTime({ seconds: Number(seconds) });
    await testClient(rpc).mine({ blocks: 1 });
  };
  const reach = async (ms: bigint) => {
    const seconds = Math.ceil((Number(ms) - wall()) / 1_000);
    if (seconds <= 0) return;
    await Promise.all([home, pay].map((chain) => pass(chain, BigInt(seconds))));
    movedMs += seconds * 1_000;
  };
  const quoteByOf = async (intent: unknown, { logged }: TestNode): Promise<bigint> => {
    const { quoteBy } = await logged.until('intent received', { intent });
    return BigInt(String(quoteBy));
  };
  const endQuotes: World['endQuotes'] = async (intent, nodes, quotes) => {
    for (const { logged } of nodes) await logged.until('quote received', { intent, quotes });
    for (const node of nodes) await reach(await quoteByOf(intent, node));
  };
  const bringVotes: World['bringVotes'] = async (intent, auctioneers) => {
    const tallies = auctioneers.length;
    for (const { logged } of auctioneers) await logged.until('tally received', { intent, tallies });
    for (const auctioneer of auctioneers)
      await reach((await quoteByOf(intent, auctioneer)) + BigInt(AUCTION_WAITS.tallyWaitMs));
  };

  return {
    home,
    pay,
    dollar,
    ether,
    payToken,
    vault,
    receiver,
    morpho,
    marginCall,
    markets,
    send,
    give,
    adapterOf: (name) => (name === markets.open ? adapter : marginCall),
    async person(name) {
      const key = keccak256(toHex(name));
      const { address } = privateKeyToAccount(key);
      for (const url of Object.values(urls)) {
        await testClient(url).setBalance({ address, value: parseEther('100') });
      }
      return { key, address };
    },
    secure,
    async borrow(borrower, dollars, milliether) {
      await secure(borrower, milliether);
      const call = { address: morpho, abi: morphoAbi } as const;
      const { address } = borrower;
      await send(borrower.key, home, {
        ...call,
        functionName: 'borrow',
        args: [params, dollars * DOLLAR, 0n, address, address],
      });
      return { borrower, position: encodeMorphoPosition(id, address) };
    },
    async agree({ borrower, position }, { trigger, target, penalty }) {
      await send(borrower.key, home, {
        address: morpho,
        abi: morphoAbi,
        functionName: 'setAuthorization',
        args: [marginCall, true],
      });
      await send(borrower.key, home, {
        address: marginCall,
        abi: morphoMarginCallAbi,
        functionName: 'setTerms',
        args: [position, { triggerBps: trigger, targetBps: target, penaltyBps: penalty }],
      });
    },
    async leave({ borrower, position }) {
      await send(borrower.key, home, {
        address: marginCall,
        abi: morphoMarginCallAbi,
        functionName: 'optOut',
        args: [position],
      });
    },
    async price(dollars) {
      const answer = dollars * 10n ** 8n;
      await admin({ address: etherFeed, abi: feedAbi, functionName: 'setAnswer', args: [answer] });
    },
    async endow({ address: to }, dollars) {
      const args = [to, dollars * 10n ** 18n] as const;
      await send(FUNDED_KEY, pay, { address: payToken, abi: mintAbi, functionName: 'mint', args });
    },
    async bond(solver, dollars) {
      const amount = dollars * DOLLAR;
      await give(solver.address, dollars);
      await approve(solver.key, home, dollar, bonds, amount);
      const call = { address: bonds, abi: solverBondsAbi } as const;
      const { address } = solver;
      await send(solver.key, home, { ...call, functionName: 'deposit', args: [address, dollar, amount] });
      await send(solver.key, home, { ...call, functionName: 'addKey', args: [address] });
      await send(solver.key, home, { ...call, functionName: 'addPayout', args: [address] });
      await testClient(at).increaseTime({ seconds: 5 });
      await testClient(at).mine({ blocks: 1 });
    },
    async open({ position }, solver) {
      const market = createMarket({ name: markets.open, chain: 'home', domain: HOME, home: signing, reads });
      if ((await home.client.getBlockNumber()) % SLOT !== 0n) await testClient(at).mine({ blocks: 1 });
      const newest = await home.client.getBlockNumber();
      const { number, hash, timestamp } = await home.client.getBlock({
        blockNumber: newest - (newest % SLOT),
      });
      const result = await observe(market, position, { number, hash, timestamp });
      if ('none' in result) throw new TypeError(`nothing to liquidate: ${result.none}`);
      const { intent, digest } = result.observed;
      const signed = signQuote(
        {
          intent: digest,
          solver: solver.address,
          ask: (intent.seizable * 9_700n) / 10_000n,
          payDomain: PAY,
          payout: solver.address,
          epoch: 0n,
        },
        signing,
        solver.key,
      );
      const award = awardOf(digest, 1, [quoteDigest(signed.quote, signing)]);
      const signatures = AUCTIONEER_KEYS.map((key) => signVote(award, [], signing, key).signature);
      const certificate = { intent, award, quotes: [signed], signatures };
      const landing: Landing = landingOf(assembleCertificate(certificate, signing, council, 2));
      const receipt = await admin({
        address: collateralEscrow,
        abi: collateralEscrowAbi,
        functionName: 'land',
        args: [landing],
      });
      const [opened] = parseEventLogs({ abi: collateralEscrowAbi, eventName: 'Opened', logs: receipt.logs });
      if (opened === undefined) throw new TypeError('no order was opened');
      return { order: opened.args.order, orderId: opened.args.orderId };
    },
    async fill(order, orderId, payer) {
      const mint = { abi: mintAbi, functionName: 'mint', args: [payer.address, order.payAmount] } as const;
      await send(FUNDED_KEY, pay, { address: payToken, ...mint });
      const { repaymentEscrow } = pay.contracts;
      await approve(payer.key, pay, payToken, repaymentEscrow, order.payAmount);
      const receipt = await send(payer.key, pay, {
        address: repaymentEscrow,
        abi: repaymentEscrowAbi,
        functionName: 'fill',
        args: [orderId, encodeBill(order), encodeFillerData(order.payout, order.ask)],
      });
      const [filled] = parseEventLogs({ abi: repaymentEscrowAbi, eventName: 'Filled', logs: receipt.logs });
      if (filled === undefined) throw new TypeError('nothing was filled');
      const { beneficiary, ask, filledAt } = filled.args;
      return { order, payer: payer.address, beneficiary, ask, filledAt };
    },
    async prove(fills, reporter) {
      const body = encodeReport(fills, reporter ?? zeroAddress);
      const client = testClient(at);
      await client.impersonateAccount({ address: MAILBOX });
      await client.setBalance({ address: MAILBOX, value: parseEther('100') });
      const abi = parseAbi(['function handle(uint32 origin, bytes32 sender, bytes body) payable']);
      const sender = pad(pay.contracts.repaymentEscrow, { size: 32 });
      const data = encodeFunctionData({ abi, functionName: 'handle', args: [PAY, sender, body] });
      const wallet = createWalletClient({ account: MAILBOX, transport: http(at) });
      const gas = 2_000_000n;
      const hash = await wallet.sendTransaction({ chain: null, to: collateralEscrow, data, gas });
      const { status } = await mined(at, hash);
      if (status !== 'success') throw new TypeError('the report was not handled');
    },
    pass,
    wall,
    reach,
    endQuotes,
    bringVotes,
    async hold(intent, auctioneers, quotes) {
      await endQuotes(intent, auctioneers, quotes);
      await bringVotes(intent, auctioneers);
    },
    balance: (chain, token, holder) =>
      chain.client.readContract({
        address: token,
        abi: erc20Abi,
        functionName: 'balanceOf',
        args: [holder],
      }),
    async startNode(name, sections, bootstrap = [], ownWall = wall) {
      const folder = join(dir, name);
      await mkdir(folder, { recursive: true });
      const chainOf = ({ config: { contracts, domain, rpc, chainId } }: Chain) => ({
        chainId,
        domain,
        rpc,
        pollMs: 50,
        confirmations: 0,
        contracts,
      });
      const file = join(folder, 'gavel.yaml');
      const config = {
        network: 'test',
        dataDir: 'data',
        p2p: {
          listen: ['/ip4/127.0.0.1/tcp/0'],
          bootstrap: bootstrap.flatMap((node) => node.addresses()),
        },
        chains: { home: chainOf(home), pay: chainOf(pay) },
        // Tests move the time of chains on.
        clock: { chains: false },
        auction: AUCTION_WAITS,
        markets: [
          { id: markets.open, chain: 'home', protocol: 'morpho-blue', source: morpho },
          { id: markets.marginCall, chain: 'home', protocol: 'morpho-margin-call', source: marginCall },
        ],
        ...sections,
      };
      await writeFile(file, JSON.stringify(config));
      const logged = recordingLogger();
      const node = await startNode(await loadConfig({ file }), {
        scope,
        log: logged.log,
        wall: ownWall,
        steady: () => performance.now() + movedMs,
      });
      return { ...node, logged };
    },
  };
}

/** A key as the configuration refers to it. */
export async function keyFile(dir: string, { key }: Person): Promise<{ file: string }> {
  const file = join(dir, `${keccak256(key).slice(2, 18)}.key`);
  await writeFile(file, key, { mode: 0o600 });
  return { file };
}

import {
  backstopVaultAbi,
  collateralEscrowAbi,
  OrderState,
  PaymentState,
  repaymentEscrowAbi,
  solverBondsAbi,
} from '@gavel/abi';
import { formatUnits, getAddress, type Hex, parseAbi, parseEventLogs } from 'viem';
import { devAccount } from '../accounts.ts';
import { mailboxAbi } from '../hyperlane.ts';
import { type Market, type Network, siteOf } from '../network.ts';
import { BOND } from '../plan.ts';
import { balanceKey, holdersOn, type Snapshot, snapshot, trackedTokens } from './balances.ts';
import { expectedMoves, type Transfer } from './moves.ts';
import type { Observer } from './observer.ts';
import { finishedBlock, healthAt, type LiquidationRecord } from './records.ts';

/** The outcome of comparing what should be with what is on the chains. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** A message between escrows. */
export interface MessageRecord {
  readonly id: Hex;
  readonly kind: 'report' | 'verdict';
  readonly origin: string;
  readonly destination: string;
  /** Fills reported, or verdicts given. */
  readonly fills: number;
}

/** What the network held before the story began. */
export interface Before {
  readonly snapshot: Snapshot;
  /** Assets per 10^18 vault shares, asset units, by market. */
  readonly sharePrices: ReadonlyMap<string, bigint>;
  /** What vaults counted as away, debt units, by `market:pay chain`. */
  readonly away: ReadonlyMap<string, bigint>;
}

const WHOLE_SHARES = 10n ** 18n;

const protocolAbi = parseAbi([
  'event LiquidationCall(address indexed collateralAsset, address indexed debtAsset, address indexed user, uint256 debtToCover, uint256 liquidatedCollateralAmount, address liquidator, bool receiveAToken)',
  'event Repay(address indexed reserve, address indexed user, address indexed repayer, uint256 amount, bool useATokens)',
  'event Liquidate(bytes32 indexed id, address indexed caller, address indexed borrower, uint256 repaidAssets, uint256 repaidShares, uint256 seizedAssets, uint256 badDebtAssets, uint256 badDebtShares)',
]);

/** Lists the escrows' messages in the order they were sent. */
export function messagesOf(network: Network, observer: Observer): MessageRecord[] {
  const nameOf = (domain: number) =>
    [...network.sites.values()].find(({ chain }) => chain.domain === domain)?.chain.name ?? String(domain);
  return observer.happenings.flatMap((seen): MessageRecord[] => {
    if (seen.event === 'Reported') {
      const { messageId: id, homeDomain, orderIds } = seen.args;
      return [
        { id, kind: 'report', origin: seen.chain, destination: nameOf(homeDomain), fills: orderIds.length },
      ];
    }
    if (seen.event === 'VerdictsSent') {
      const { messageId: id, payDomain, orderIds } = seen.args;
      return [
        { id, kind: 'verdict', origin: seen.chain, destination: nameOf(payDomain), fills: orderIds.length },
      ];
    }
    return [];
  });
}

/** Reads what a vault's shares are worth, asset units per 10^18 shares, by market. */
export async function sharePrices(network: Network): Promise<Map<string, bigint>> {
  const entries = network.markets.map(async ({ id, home, vault }) => {
    const price = await siteOf(network, home).chain.publicClient.readContract({
      address: vault,
      abi: backstopVaultAbi,
      functionName: 'convertToAssets',
      args: [WHOLE_SHARES],
    });
    return [id, price] as const;
  });
  return new Map(await Promise.all(entries));
}

/** Compares the end of a scenario with its beginning, on the chains. */
export async function runChecks(
  network: Network,
  observer: Observer,
  records: readonly LiquidationRecord[],
  quotes: ReadonlyMap<Hex, number>,
  before: Before,
  after: Snapshot,
): Promise<Check[]> {
  return [
    ...coverage(records, quotes, messagesOf(network, observer)),
    ...(await checkConservation(network, observer, records, before, after)),
  ];
}

/** Compares what the chains hold with what their events say, after every order was paid in time. */
export function checkConservation(
  network: Network,
  observer: Observer,
  records: readonly LiquidationRecord[],
  before: Before,
  after: Snapshot,
): Promise<Check[]> {
  return Promise.all([
    debtRepaid(network, records),
    healthRestored(network, records),
    conserved(network, observer, records, before.snapshot, after),
    escrowsEmpty(network, after),
    paymentsReleased(network, records),
    delivered(network, messagesOf(network, observer)),
    bondsFree(network),
    sharePriceKept(network, before.sharePrices),
    awayReceived(network, observer, records, before.away),
  ]);
}

/**
 * Compares what the chains hold with what events and other `transfers` say, regardless of what happened in
 * between.
 */
export function checkBooks(
  network: Network,
  observer: Observer,
  records: readonly LiquidationRecord[],
  before: Before,
  after: Snapshot,
  transfers: readonly Transfer[],
): Promise<Check[]> {
  return Promise.all([
    conserved(network, observer, records, before.snapshot, after, transfers),
    escrowsEmpty(network, after),
    delivered(network, messagesOf(network, observer)),
    sharePriceKept(network, before.sharePrices),
    awayReceived(network, observer, records, before.away),
  ]);
}

/** Reads what is compared at the end, now. */
export async function takeBefore(network: Network): Promise<Before> {
  const away = new Map<string, bigint>();
  for (const market of network.markets) {
    for (const [payChain, site] of network.sites) {
      if (payChain !== market.home) {
        away.set(awayKey(market, payChain), await awayOf(network, market, site.chain.domain));
      }
    }
  }
  return { snapshot: await snapshot(network), sharePrices: await sharePrices(network), away };
}

function awayKey({ id }: Market, payChain: string): string {
  return `${id}:${payChain}`;
}

function awayOf(network: Network, { home, vault }: Market, domain: number): Promise<bigint> {
  const contract = { address: vault, abi: backstopVaultAbi } as const;
  const { publicClient } = siteOf(network, home).chain;
  return publicClient.readContract({ ...contract, functionName: 'away', args: [domain] });
}

function coverage(
  records: readonly LiquidationRecord[],
  quotes: ReadonlyMap<Hex, number>,
  messages: readonly MessageRecord[],
): Check[] {
  const local = records.filter(({ mode }) => mode === 'local').length;
  const remote = records.filter(({ mode }) => mode === 'remote');
  const payChains = new Set(remote.map(({ payChain }) => payChain));
  const protocols = new Set(records.map(({ market }) => market.protocol));
  const positions = new Set(records.map(({ landing }) => landing.args.positionKey));
  const largest = Math.max(0, ...messages.filter(({ kind }) => kind === 'report').map(({ fills }) => fills));
  const fewest = Math.min(...records.map(({ intent }) => quotes.get(intent) ?? 0));
  return [
    check(
      'at least six positions across both protocols',
      positions.size >= 6 && protocols.size === 2,
      `${positions.size} positions of ${[...protocols].join(' and ')}`,
    ),
    check(
      'at least one local and three remote landings, paid from two chains',
      local >= 1 && remote.length >= 3 && payChains.size >= 2,
      `${local} local, ${remote.length} remote from ${[...payChains].join(' and ')}`,
    ),
    check('every auction had at least two quotes', fewest >= 2, `fewest quotes: ${fewest}`),
    check('a message carried at least two fills', largest >= 2, `largest message: ${largest} fills`),
  ];
}

/** The lending protocols' own events must name the very amounts that the escrow booked. */
export async function debtRepaid(network: Network, records: readonly LiquidationRecord[]): Promise<Check> {
  const wrong: string[] = [];
  await Promise.all(
    records.map(async ({ market, landing, repaid, position }) => {
      const { publicClient } = siteOf(network, market.home).chain;
      const { logs } = await publicClient.getTransactionReceipt({ hash: landing.tx });
      const own = parseEventLogs({ abi: protocolAbi, logs });
      const taken = own.flatMap(amountOf);
      if (taken.length !== 1 || taken[0] !== repaid) {
        wrong.push(`${market.id} ${position.borrower}: protocol ${taken.join()}, escrow ${repaid}`);
      }
    }),
  );
  return check(
    'the lending protocols booked every repayment, to the unit',
    wrong.length === 0 && records.length > 0,
    wrong.join('; ') || `${records.length} repayments`,
  );
}

type ProtocolLog = ReturnType<typeof parseEventLogs<typeof protocolAbi>>[number];

function amountOf(log: ProtocolLog): bigint[] {
  if (log.eventName === 'Liquidate') return [log.args.repaidAssets];
  return [log.eventName === 'Repay' ? log.args.amount : log.args.debtToCover];
}

async function healthRestored(network: Network, records: readonly LiquidationRecord[]): Promise<Check> {
  const low: string[] = [];
  for (const market of network.markets) {
    for (const position of market.positions) {
      const health = await healthAt(network, { market, position }, await finishedBlock(network, market));
      if (health < 10n ** 18n) low.push(`${market.id} ${position.borrower} ${formatUnits(health, 18)}`);
    }
  }
  return check(
    'no position is under water at the end',
    low.length === 0 && records.length > 0,
    low.join('; ') || 'all healthy',
  );
}

/** Every holder's balance of every token must have moved by exactly what the escrows' events say. */
async function conserved(
  network: Network,
  observer: Observer,
  records: readonly LiquidationRecord[],
  before: Snapshot,
  after: Snapshot,
  transfers: readonly Transfer[] = [],
): Promise<Check> {
  const expected = await expectedMoves(network, observer, records, transfers);
  const wrong: string[] = [];
  let compared = 0;
  for (const token of trackedTokens(network)) {
    let sum = 0n;
    for (const holder of holdersOn(network, token.chain)) {
      const key = balanceKey(token.chain, token.address, holder.address);
      const moved = (after.balances.get(key) ?? 0n) - (before.balances.get(key) ?? 0n);
      sum += moved;
      compared += 1;
      const due = expected.get(key) ?? 0n;
      if (moved !== due)
        wrong.push(`${token.chain} ${token.symbol} of ${holder.name}: ${moved}, expected ${due}`);
    }
    const supply = `${token.chain}:${getAddress(token.address)}`;
    if (sum !== 0n || before.supplies.get(supply) !== after.supplies.get(supply)) {
      wrong.push(`${token.chain} ${token.symbol}: ${sum} units appeared`);
    }
  }
  return check(
    'every token is conserved on every chain, to the unit',
    wrong.length === 0,
    wrong.join('; ') || `${compared} balances moved as the events say`,
  );
}

/** Nothing may be left in any escrow: settled lots, surplus, treasury shares and payments are all gone. */
function escrowsEmpty(network: Network, after: Snapshot): Check {
  const left: string[] = [];
  for (const { chain, symbol, address } of trackedTokens(network)) {
    const { gavel } = siteOf(network, chain);
    for (const [name, escrow] of [
      ['CollateralEscrow', gavel.collateralEscrow],
      ['RepaymentEscrow', gavel.repaymentEscrow],
    ] as const) {
      const held = after.balances.get(balanceKey(chain, address, escrow)) ?? 0n;
      if (held !== 0n) left.push(`${name} on ${chain} holds ${held} ${symbol}`);
    }
  }
  return check('every escrow is empty', left.length === 0, left.join('; ') || 'all at zero');
}

async function paymentsReleased(network: Network, records: readonly LiquidationRecord[]): Promise<Check> {
  const wrong: string[] = [];
  const remote = records.filter(({ mode }) => mode === 'remote');
  for (const { orderId, payChain, market } of remote) {
    if (orderId === undefined) continue;
    const [payment, [order]] = await Promise.all([
      siteOf(network, payChain).chain.publicClient.readContract({
        address: siteOf(network, payChain).gavel.repaymentEscrow,
        abi: repaymentEscrowAbi,
        functionName: 'payments',
        args: [orderId],
      }),
      siteOf(network, market.home).chain.publicClient.readContract({
        address: siteOf(network, market.home).gavel.collateralEscrow,
        abi: collateralEscrowAbi,
        functionName: 'orders',
        args: [orderId],
      }),
    ]);
    if (payment !== PaymentState.Released || order !== OrderState.Settled) {
      wrong.push(`${orderId}: payment state ${payment}, order state ${order}`);
    }
  }
  return check(
    'every order is settled at home and its payment released on the pay chain',
    wrong.length === 0,
    wrong.join('; ') || `${remote.length} orders`,
  );
}

/** Lists the messages that their destination's Mailbox has not received. */
export async function undelivered(
  network: Network,
  messages: readonly MessageRecord[],
): Promise<MessageRecord[]> {
  const arrived = await Promise.all(
    messages.map(({ id, destination }) => {
      const { chain, core } = siteOf(network, destination);
      return chain.publicClient.readContract({
        address: core.mailbox,
        abi: mailboxAbi,
        functionName: 'delivered',
        args: [id],
      });
    }),
  );
  return messages.filter((_, at) => arrived[at] !== true);
}

async function delivered(network: Network, messages: readonly MessageRecord[]): Promise<Check> {
  const missing = await undelivered(network, messages);
  return check(
    'every message is marked delivered in its destination Mailbox',
    missing.length === 0,
    missing.map(({ id, destination }) => `${id} to ${destination}`).join('; ') ||
      `${messages.length} messages`,
  );
}

async function bondsFree(network: Network): Promise<Check> {
  const wrong: string[] = [];
  for (const { home } of network.markets) {
    const { chain, gavel, dollar } = siteOf(network, home);
    for (const { name, account } of network.plan.solvers) {
      const read = (functionName: 'lockedOf' | 'balanceOf') =>
        chain.publicClient.readContract({
          address: gavel.bonds,
          abi: solverBondsAbi,
          functionName,
          args: [devAccount(account).address, dollar.address],
        });
      const [locked, balance] = await Promise.all([read('lockedOf'), read('balanceOf')]);
      const whole = BOND * 10n ** BigInt(dollar.decimals);
      if (locked !== 0n || balance !== whole)
        wrong.push(`${name} on ${home}: ${locked} locked of ${balance}`);
    }
  }
  return check('every bond is whole and unlocked', wrong.length === 0, wrong.join('; ') || 'nothing locked');
}

async function sharePriceKept(network: Network, before: ReadonlyMap<string, bigint>): Promise<Check> {
  const now = await sharePrices(network);
  const lower = [...before].filter(([market, price]) => (now.get(market) ?? 0n) < price);
  return check(
    'no vault share is worth less than before',
    lower.length === 0,
    [...before].map(([market, price]) => `${market} ${price} → ${now.get(market)}`).join('; '),
  );
}

/** What the vaults count as away must be what their treasuries received on the pay chains. */
async function awayReceived(
  network: Network,
  observer: Observer,
  records: readonly LiquidationRecord[],
  before: ReadonlyMap<string, bigint>,
): Promise<Check> {
  const wrong: string[] = [];
  for (const market of network.markets) {
    const { id, home, vault } = market;
    const { publicClient } = siteOf(network, home).chain;
    const open = await publicClient.readContract({
      address: vault,
      abi: backstopVaultAbi,
      functionName: 'receivables',
    });
    if (open !== 0n) wrong.push(`${id} still waits for ${open}`);
    for (const [payChain, site] of network.sites) {
      if (payChain === home) continue;
      const total = await awayOf(network, market, site.chain.domain);
      const away = total - (before.get(awayKey(market, payChain)) ?? 0n);
      const orders = new Set(
        records
          .filter((record) => record.market.id === id && record.payChain === payChain)
          .map(({ orderId }) => orderId),
      );
      const received = observer
        .of('Released')
        .filter(({ args }) => orders.has(args.orderId))
        .reduce((sum, { args }) => sum + args.amount, 0n);
      const homeDecimals = siteOf(network, home).dollar.decimals;
      const scaled = (away * 10n ** BigInt(site.dollar.decimals)) / 10n ** BigInt(homeDecimals);
      if (received !== scaled) wrong.push(`${id} counts ${scaled} away on ${payChain}, received ${received}`);
    }
  }
  return check(
    'what the vaults count as away lies in their treasuries on the pay chains',
    wrong.length === 0,
    wrong.join('; ') || 'equal, to the unit',
  );
}

/** Makes a check's outcome. */
export function check(name: string, ok: boolean, detail: string): Check {
  return { name, ok, detail };
}

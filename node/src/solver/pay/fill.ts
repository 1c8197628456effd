import { repaymentEscrowAbi } from '@gavel/abi';
import {
  addressKey,
  encodeBill,
  encodeFillerData,
  type IntentDigest,
  type Ms,
  mulDivUp,
  type Order,
  type OrderId,
  orderIdOf,
  type Seconds,
  sameAddress,
  toMs,
  toSeconds,
} from '@gavel/protocol';
import type { Address, Hex } from 'viem';
import type { Chain } from '../../chain/client.ts';
import type { Sender } from '../../chain/sender.ts';
import type { Telemetry } from '../../observe/telemetry.ts';
import { mayStillPay } from '../../order/deadlines.ts';
import type { OrderEvent } from '../../order/events.ts';
import { isOpened, type Opened } from '../../order/views.ts';
import { homeOrder, landingBlock, payment, unknownEvidence } from '../../orders/chain-state.ts';
import { EvidenceError } from '../../orders/errors.ts';
import { defineStage, type Stage } from '../../orders/runner.ts';
import type { KeyedMutex } from '../../runtime/keyed-mutex.ts';
import type { QuoteRecord } from '../../store/records.ts';
import { approveExactly } from './allowance.ts';
import { type ConfirmationTiers, confirmationsFor } from './confirmations.ts';

/** Seconds left before `exclusiveUntil` below which no payment is begun: it might be mined too late. */
const MARGIN = 5n;

/** The parts that paying needs. */
export type FillDeps = {
  readonly account: Address;
  readonly confirmations: ConfirmationTiers;
  /** Decimals of a token of a chain. Rejects if the chain cannot be asked. */
  readonly decimals: (chain: Chain, token: Address) => Promise<number>;
  readonly quoteOf: (digest: Hex) => Promise<QuoteRecord | undefined>;
  /**
   * Reads a lost quote back from its landing; undefined if it is not ours. Rejects if a chain cannot be
   * asked.
   */
  readonly findLost: (view: Opened) => Promise<QuoteRecord | undefined>;
  /**
   * Tells who signed the quote of an order that is not on record here: another key of the account, our key on
   * another node, or undefined if its landing does not tell. Rejects if a chain cannot be asked.
   */
  readonly signerOf: (view: Opened) => Promise<'another key' | 'key used elsewhere' | undefined>;
  readonly chainOf: (domain: number) => Chain;
  readonly senderOf: (chain: Chain) => Sender;
  /** A chain's latest block and its own time in Unix seconds; undefined before its first head. */
  readonly headOf: (chain: string) => { readonly number: bigint; readonly timestamp: Seconds } | undefined;
  /** Returns the spending limit that forbids a payment; undefined if none does. */
  readonly limit: (payment: {
    readonly intent: IntentDigest;
    readonly domain: number;
    readonly token: Address;
    readonly amount: bigint;
  }) => string | undefined;
  /** Runs payments of one token one after another; `mutexKey` makes the key. */
  readonly mutex: KeyedMutex;
  /** Makes events durable at once, in the middle of the step. */
  readonly record: (intent: IntentDigest, events: readonly OrderEvent[]) => Promise<void>;
  readonly now: () => Ms;
  readonly telemetry: Telemetry;
};

/**
 * Creates the step that pays for the remote orders that this solver won: once, and only what its own signed
 * quote promised.
 */
export function fillStage(deps: FillDeps): Stage {
  const complained = new Set<Hex>();
  const left = new Set<Hex>();
  const leave = (view: Opened, reason: 'another key' | 'key used elsewhere'): void => {
    left.add(view.intent);
    deps.telemetry.metrics.count('order_left', { reason });
    deps.telemetry.log.info(
      { intent: view.intent, orderId: view.orderId, reason },
      'order left to the node that signed its quote',
    );
  };
  const refuse = (view: Opened, reason: string): void => {
    if (complained.has(view.intent)) return;
    complained.add(view.intent);
    deps.telemetry.metrics.count('payment_withheld', { reason });
    deps.telemetry.log.error({ intent: view.intent, orderId: view.orderId, reason }, 'payment withheld');
  };
  return defineStage({
    name: 'fill',
    due: (view): view is Opened =>
      view.state === 'opened' && isOpened(view) && sameAddress(view.order.solver, deps.account),
    async run(view) {
      const { order, orderId } = view;
      const record = (await deps.quoteOf(order.quote)) ?? (await deps.findLost(view));
      if (record === undefined) {
        if (left.has(view.intent)) return [];
        const signer = await deps.signerOf(view);
        if (signer !== undefined) {
          leave(view, signer);
          return [];
        }
      }
      const pay = deps.chainOf(order.payDomain);
      const home = deps.chainOf(order.homeDomain);
      const mismatch = mismatchOf(orderId, order, record, deps.account, { home, pay });
      if (mismatch !== undefined) refuse(view, mismatch);
      else if (await mayBePaid(view, deps)) {
        await deps.mutex(mutexKey(pay, order.payToken), () => payOnce(view, pay, deps, refuse));
      }
      return [];
    },
  });
}

/** Names the queue in which payments of one token wait: an approval is for one payment. */
export function mutexKey(chain: Chain, token: Address): string {
  return `${chain.name}:${addressKey(token)}`;
}

/**
 * Tells whether a landing has the confirmations that its value needs, and whether home has its order open.
 * Throws EVIDENCE_UNKNOWN if home cannot be asked.
 */
export async function mayBePaid(
  { opened, order, orderId }: Opened,
  deps: Pick<FillDeps, 'chainOf' | 'headOf' | 'confirmations' | 'decimals' | 'now'>,
): Promise<boolean> {
  const home = deps.chainOf(order.homeDomain);
  const head = deps.headOf(home.name);
  if (head === undefined || head.number < opened.seen.block) return false;
  refuseStale(home, head, deps);
  const decimals = await deps.decimals(home, order.debt);
  const repaid = { chain: home.name, token: order.debt, value: order.repaid, decimals };
  const needed = BigInt(confirmationsFor(deps.confirmations, repaid));
  if (head.number < opened.seen.block + needed) return false;
  // Blocks are counted from where the landing is now: a reorganisation may have moved it since it was
  // recorded.
  const landed = await landingBlock(home, opened.seen.tx);
  if (landed.kind === 'unknown') throw unknownEvidence(home, landed.cause);
  if (landed.kind !== 'proven' || head.number < landed.value + needed) return false;
  const onHome = await homeOrder(home, orderId);
  if (onHome.kind === 'unknown') throw unknownEvidence(home, onHome.cause);
  // An order that is not open is settled by another payment, on sale, or gone with a reorganisation: not to
  // be paid now.
  return onHome.kind === 'proven' && onHome.value === 'open';
}

/** Pays for an order, unless the pay chain, asked just before, shows a payment. Runs alone for its token. */
async function payOnce(
  view: Opened,
  pay: Chain,
  deps: FillDeps,
  refuse: (view: Opened, reason: string) => void,
): Promise<void> {
  const { intent, order, orderId } = view;
  const evidence = await payment(pay, orderId);
  if (evidence.kind === 'unknown') throw unknownEvidence(pay, evidence.cause);
  if (evidence.kind !== 'notFound') return; // paid; the log will tell
  const head = deps.headOf(pay.name);
  if (head === undefined) return;
  refuseStale(pay, head, deps);
  // The later of both clocks counts: a chain whose head does not advance must not make a payment look early.
  const mayPay = () => mayStillPay(view, laterOf(deps.headOf(pay.name)?.timestamp, deps.now()), MARGIN);
  if (!mayPay()) return refuse(view, 'TOO_LATE');
  const over = deps.limit({ intent, domain: pay.domain, token: order.payToken, amount: order.payAmount });
  if (over !== undefined) return refuse(view, over);
  const sender = deps.senderOf(pay);
  const { repaymentEscrow } = pay.contracts;
  const approval = { token: order.payToken, spender: repaymentEscrow, amount: order.payAmount };
  await approveExactly(pay, sender, approval);
  await sender.send({
    to: repaymentEscrow,
    abi: repaymentEscrowAbi,
    functionName: 'fill',
    args: [orderId, encodeBill(order), encodeFillerData(order.payout, order.ask)],
    isWanted: mayPay,
    onHash: (hash) =>
      deps.record(intent, [{ type: 'filling', orderId, chain: pay.name, hash, at: deps.now() }]),
  });
}

/**
 * Returns the first part of an order that contradicts our quote on record or our configuration; undefined if
 * none does. Amounts may be smaller than promised, never larger; the ask in proportion, rounded up.
 */
export function mismatchOf(
  orderId: OrderId,
  order: Order,
  record: QuoteRecord | undefined,
  account: Address,
  {
    home,
    pay,
  }: {
    readonly home: Pick<Chain, 'domain' | 'contracts'>;
    readonly pay: Pick<Chain, 'domain' | 'contracts'>;
  },
): string | undefined {
  if (record === undefined) return 'NOT_OUR_QUOTE';
  const { quote } = record.signed;
  const { reservation } = record;
  if (orderIdOf(order) !== orderId) return 'WRONG_ORDER_ID';
  if (!sameAddress(order.solver, account) || !sameAddress(quote.solver, account)) return 'NOT_OUR_ACCOUNT';
  if (order.intent !== record.intent) return 'OTHER_INTENT';
  if (order.market !== record.market || order.positionKey !== record.positionKey) return 'OTHER_POSITION';
  if (!sameAddress(order.collateral, record.collateral) || !sameAddress(order.debt, reservation.debt))
    return 'OTHER_TOKENS';
  if (order.homeDomain !== home.domain || !sameAddress(order.homeEscrow, home.contracts.collateralEscrow))
    return 'OTHER_HOME';
  if (order.payDomain !== quote.payDomain || order.payDomain !== pay.domain) return 'OTHER_PAY_DOMAIN';
  if (!sameAddress(order.payEscrow, pay.contracts.repaymentEscrow)) return 'OTHER_PAY_ESCROW';
  if (!sameAddress(order.payToken, reservation.token)) return 'OTHER_PAY_TOKEN';
  if (!sameAddress(order.payout, quote.payout)) return 'OTHER_PAYOUT';
  if (order.repaid > record.repay || order.repaid === 0n) return 'REPAID_MORE';
  if (order.payAmount > reservation.amount) return 'COSTS_MORE';
  if (order.ask < mulDivUp(quote.ask, order.repaid, record.repay)) return 'PAYS_LESS';
  return undefined;
}

/**
 * Throws EVIDENCE_UNKNOWN if a chain's newest block is too old to act on: the chain may have changed since.
 */
export function refuseStale(
  chain: Chain,
  head: { readonly timestamp: Seconds },
  { now }: Pick<FillDeps, 'now'>,
): void {
  const ageMs = now() - toMs(head.timestamp);
  const most = BigInt(chain.config.maxHeadAgeMs);
  if (ageMs <= most) return;
  throw new EvidenceError('EVIDENCE_UNKNOWN', 'The newest block seen of a chain is too old to pay by', {
    meta: { chain: chain.name, ageMs, most },
    retry: true,
  });
}

/** Returns the later of a chain's time, Unix seconds, and this machine's, milliseconds; in seconds. */
function laterOf(chain: bigint | undefined, machine: bigint): bigint {
  const seconds = toSeconds(machine);
  return chain !== undefined && chain > seconds ? chain : seconds;
}

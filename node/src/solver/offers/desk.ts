import { type IntentDigest, type Ms, tickOf, toSeconds } from '@gavel/protocol';
import { decideLot, type Kind, type LotOutcome, type Opportunity, type Strategy } from '@gavel/solver-sdk';
import { LRUCache } from 'lru-cache';
import type { Address, Hex } from 'viem';
import type { Market } from '../../auction/market.ts';
import type { Chain } from '../../chain/client.ts';
import { balanceOf } from '../../chain/erc20.ts';
import type { Sender } from '../../chain/sender.ts';
import type { DescribeToken } from '../../chain/tokens.ts';
import type { Telemetry } from '../../observe/telemetry.ts';
import { isOvertaken } from '../../orders/races.ts';
import type { ValueInDebt } from '../../positions/valuation.ts';
import type { KeyedMutex } from '../../runtime/keyed-mutex.ts';
import type { Inventory } from '../inventory.ts';
import { mutexKey } from '../pay/fill.ts';
import { type CostConfig, costInDebt } from '../whole-tokens.ts';

/** Collateral that any account may have now, for a payment. Amounts in units of their tokens. */
export type Offer = {
  readonly kind: Exclude<Kind, 'auction'>;
  /** An order's id, or a position's key: one payment at a time is made for it. */
  readonly id: Hex;
  readonly market: Market;
  readonly position: Hex;
  readonly round: bigint;
  readonly collateral: Address;
  readonly debt: Address;
  /** Debt units that the loan was or is relieved of. */
  readonly repay: bigint;
  /** The most that the lot can become, and the lot there is now. */
  readonly full: bigint;
  readonly lot: bigint;
  /** Intent of a promise of our own that this payment would keep: its money may be used. */
  readonly keeps?: Hex;
  /** WAD; 1 where the loan is repaid already. */
  readonly health: bigint;
  readonly pay: {
    readonly chain: Chain;
    readonly token: Address;
    readonly amount: bigint;
    readonly inDebt: bigint;
  };
};

/** A decision to pay for an offer: `ask` is the least lot that does, collateral units. */
export type Deal = { readonly ask: bigint; readonly sender: Sender };

/** Decides on offers, and pays for those that the strategy accepts. */
export type Desk = {
  /**
   * Asks the strategy, and lets `pay` make the payment if it accepts: one payment of a token at a time,
   * within the spending limits and the money not promised, nothing while the node bids on nothing. Returns
   * whether it was made.
   */
  consider(offer: Offer, pay: (deal: Deal) => Promise<void>): Promise<boolean>;
};

/** What deciding on offers takes. */
export type DeskDeps = {
  readonly strategy: Strategy;
  readonly inventory: Inventory;
  readonly senderOf: (chain: Chain) => Sender;
  readonly chainOf: (domain: number) => Chain;
  readonly describe: DescribeToken;
  readonly priceOf: (market: Market) => ValueInDebt | undefined;
  /** The solver's own cost of payments, for each token of each chain. */
  readonly costs: readonly CostConfig[];
  readonly headOf: (chain: string) => { readonly number: bigint } | undefined;
  readonly closed: () => string | undefined;
  readonly cap: (opportunity: Opportunity) => Opportunity;
  readonly limit: (payment: {
    readonly intent: IntentDigest;
    readonly domain: number;
    readonly token: Address;
    readonly amount: bigint;
  }) => string | undefined;
  /** Lets the contract that an offer is paid into take the payment, after it is reserved. */
  readonly allow: (offer: Offer) => Promise<void>;
  readonly mutex: KeyedMutex;
  /** Only say what would have been paid for. */
  readonly paper: boolean;
  readonly now: () => Ms;
  readonly telemetry: Telemetry;
};

/** Seconds that a strategy is told an offer lasts. */
const PAYING_S = 600n;

/** A payment's money is reserved until the payment is over, in seconds of no chain. */
const NEVER = 2n ** 63n;

/** Offers whose last refusal is remembered, so that each reason is told once. */
const MOST_TOLD = 1_024;

/** Creates a desk. */
export function createDesk(deps: DeskDeps): Desk {
  const { inventory, now } = deps;
  const { log, metrics } = deps.telemetry;
  const told = new LRUCache<Hex, string>({ max: MOST_TOLD });

  const tellOnce = (offer: Offer, reason: string, fields: Record<string, unknown>, msg: string) => {
    if (told.get(offer.id) === reason) return;
    told.set(offer.id, reason);
    metrics.count('offer_declined', { kind: offer.kind, reason: String(fields.by) });
    log.info({ ...nameOf(offer), ...fields }, msg);
  };

  const decideOn = async (offer: Offer): Promise<LotOutcome | undefined> => {
    const facts = await factsOf(offer, deps);
    if (facts === undefined) return undefined;
    // From here to `reserve` nothing may be awaited: two payments must not be made with the same money.
    const { domain } = offer.pay.chain;
    const own = inventory.live().find(({ intent, isWon }) => isWon && intent === offer.keeps)?.amount ?? 0n;
    const free = facts.balance - inventory.promised(domain, offer.pay.token) + own;
    const opportunity = opportunityOf(offer, facts, free > 0n ? free : 0n, now());
    return decideLot(deps.strategy, deps.cap(opportunity), offer.lot);
  };

  const payFor = async (offer: Offer, pay: (deal: Deal) => Promise<void>): Promise<boolean> => {
    const outcome = await decideOn(offer);
    if (outcome === undefined) return false;
    if (outcome.kind === 'reject') {
      tellOnce(offer, outcome.reason, { by: outcome.by, reason: outcome.reason }, 'offer declined');
      return false;
    }
    if (outcome.kind === 'wait') return false;
    const { chain, token, amount } = offer.pay;
    const over = deps.limit({ intent: offer.id, domain: chain.domain, token, amount });
    if (over !== undefined) {
      tellOnce(offer, over, { by: 'limit', reason: over }, 'offer declined');
      return false;
    }
    const terms = { lot: offer.lot, ask: outcome.ask, amount, profit: outcome.profit };
    if (deps.paper) {
      tellOnce(offer, 'paper', { by: 'paper', ...terms }, 'would have paid for offer');
      return false;
    }
    inventory.reserve({
      intent: offer.id,
      domain: chain.domain,
      token,
      amount,
      homeDomain: offer.market.domain,
      debt: offer.debt,
      bond: 0n,
      openBy: NEVER,
    });
    try {
      await deps.allow(offer);
      await pay({ ask: outcome.ask, sender: deps.senderOf(chain) });
      metrics.count('offer_paid', { kind: offer.kind });
      log.info({ ...nameOf(offer), ...terms }, 'offer paid');
      return true;
    } catch (error) {
      if (!isOvertaken(error)) throw error;
      metrics.count('race_lost', { stage: offer.kind });
      return false;
    } finally {
      inventory.release(offer.id);
    }
  };

  return {
    async consider(offer, pay) {
      if (deps.closed() !== undefined) return false;
      return deps.mutex(mutexKey(offer.pay.chain, offer.pay.token), () => payFor(offer, pay));
    },
  };
}

type Facts = {
  readonly collateral: Opportunity['collateral'];
  readonly debt: Opportunity['debt'];
  readonly payToken: Opportunity['debt'];
  readonly seizableInDebt: bigint;
  readonly balance: bigint;
  readonly gasInDebt: bigint;
};

/**
 * Reads what a strategy may know of an offer; undefined while its home has no head yet, or its market is not
 * served.
 */
async function factsOf(offer: Offer, deps: DeskDeps): Promise<Facts | undefined> {
  const home = deps.chainOf(offer.market.domain);
  const head = deps.headOf(home.name);
  const value = deps.priceOf(offer.market);
  if (head === undefined || value === undefined) return undefined;
  const { chain, token } = offer.pay;
  const [collateral, debt, payToken, seizableInDebt, balance] = await Promise.all([
    deps.describe(home, offer.collateral),
    deps.describe(home, offer.debt),
    deps.describe(chain, token),
    value(offer.position, offer.full, head.number),
    balanceOf(chain.agreed, token, deps.senderOf(chain).address),
  ]);
  const gasInDebt = costInDebt(deps.costs, { chain: chain.name, token }, debt.decimals);
  return { collateral, debt, payToken, seizableInDebt, balance, gasInDebt };
}

function opportunityOf(offer: Offer, facts: Facts, available: bigint, now: bigint): Opportunity {
  const { market, pay } = offer;
  const { collateral, debt, seizableInDebt } = facts;
  return {
    kind: offer.kind,
    intent: offer.id,
    market: market.id,
    position: offer.position,
    homeDomain: market.domain,
    round: offer.round,
    collateral,
    debt,
    repay: offer.repay,
    seizable: offer.full,
    tick: tickOf(offer.full),
    seizableInDebt,
    health: offer.health,
    // Nothing is gained by waiting inside the strategy: it is asked again as the offer moves.
    quoteBy: now + 1n,
    openBy: toSeconds(now) + PAYING_S,
    now,
    payOptions: [
      {
        domain: pay.chain.domain,
        mode: pay.chain.domain === market.domain ? 'local' : 'remote',
        token: facts.payToken,
        payAmount: pay.amount,
        payInDebt: pay.inDebt,
        available,
        handicapBps: 0,
        gasInDebt: facts.gasInDebt,
        bond: { required: 0n, free: 0n },
      },
    ],
  };
}

function nameOf({ kind, id, market, pay }: Offer) {
  const name = kind === 'take' ? { positionKey: id } : { orderId: id };
  return { kind, ...name, market: market.name, chain: pay.chain.name };
}

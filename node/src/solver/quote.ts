import {
  addressOfKey,
  bondOf,
  encodeQuote,
  type Ms,
  type Quote,
  type QuoteDigest,
  quoteDigest,
  type SignedQuote,
  sameAddress,
  signQuote,
  verifyQuote,
} from '@gavel/protocol';
import { decide, type Opportunity, type QuoteOutcome, type Strategy } from '@gavel/solver-sdk';
import type { Address, Hex } from 'viem';
import type { Auction } from '../auction/auctions.ts';
import { disavow } from '../auction/disavow.ts';
import type { KeyGuard } from '../auction/key-guard.ts';
import { laterOf, mayBeLost, mayStillBind } from '../auction/lost-records.ts';
import type { Publish } from '../gossip/publish.ts';
import type { Telemetry } from '../observe/telemetry.ts';
import type { Scheduler } from '../runtime/scheduler.ts';
import type { Quotes } from '../store/quotes.ts';
import type { QuoteRecord } from '../store/records.ts';
import { type Inventory, roundKeyOf } from './inventory.ts';
import { type Prospect, toOpportunity } from './opportunity.ts';

/** The dependencies of quoting. */
export type SolverDeps = {
  readonly key: Hex;
  readonly account: Address;
  readonly payout: Address;
  readonly strategy: Strategy;
  readonly quotes: Quotes<QuoteRecord>;
  readonly inventory: Inventory;
  readonly scheduler: Pick<Scheduler, 'at'>;
  readonly publish: Publish;
  readonly now: () => Ms;
  /** Why nothing new is promised now; undefined when bids are wanted. */
  readonly closed: () => string | undefined;
  /** Lowers the available money to what spending limits allow. */
  readonly cap: (opportunity: Opportunity) => Opportunity;
  readonly gather: (auction: Auction) => Promise<Prospect | undefined>;
  /** Tells whether the key signs on this node alone. */
  readonly guard: KeyGuard;
  /** Unix milliseconds at which quotes on record were lost, if some were. */
  readonly lostAt?: bigint | undefined;
  /** The account's epoch on the home chain at the observed block. */
  readonly epoch: (auction: Auction) => Promise<bigint>;
  /** Makes sure that the home escrow may pull all promised local payments; rejects if that cannot be done. */
  readonly allow: (auction: Auction) => Promise<void>;
  /** Called for each sent quote, with the fields of its log line. */
  readonly onSent: (quote: QuoteDigest, record: QuoteRecord, fields: Record<string, unknown>) => void;
  readonly telemetry: Telemetry;
};

/** Bids in auctions as the strategy decides: at most one quote for an intent, durable before it is sent. */
export function createSolver(deps: SolverDeps): {
  onIntent(auction: Auction): Promise<void>;
  /** A quote was accepted, perhaps one with this node's key that this node never sent. */
  onQuote(auction: Auction, digest: Hex, signed: SignedQuote): Promise<void>;
  /** Another node disavowed a quote that this node's key signed. */
  onDisavowal(auction: Auction, signer: Address, subject: Hex): Promise<void>;
} {
  const { inventory, now } = deps;
  const { log, metrics } = deps.telemetry;
  const self = addressOfKey(deps.key);
  const lostAt = () => laterOf(deps.lostAt, deps.guard.claimedAt());

  const consider = async (auction: Auction, prospect: Prospect, epoch: bigint): Promise<void> => {
    const { digest: intent } = auction.observed;
    const closed = deps.closed();
    if (closed !== undefined) {
      const by = closed === 'clock' ? 'clock' : closed === 'key' ? 'key guard' : 'operator';
      metrics.count('quote_rejected', { by });
      log.info({ intent, by, reason: closed }, 'quote rejected');
      return;
    }
    // From here to `reserve` nothing may be awaited: two auctions must not promise the same money.
    const opportunity = deps.cap(toOpportunity(prospect, inventory, now()));
    const outcome = decide(deps.strategy, opportunity);
    if (outcome.kind === 'reject') {
      metrics.count('quote_rejected', { by: outcome.by });
      const level = outcome.by === 'runner' ? 'warn' : 'info';
      log[level]({ intent, by: outcome.by, reason: outcome.reason }, 'quote rejected');
      return;
    }
    if (outcome.kind === 'postpone') {
      deps.scheduler.at(outcome.until, 'postponed quote', () => consider(auction, prospect, epoch));
      return;
    }
    const record = draft(auction, opportunity, outcome, epoch, deps);
    if (outcome.option.mode === 'remote' && record.reservation.bond > outcome.option.bond.free) {
      metrics.count('quote_rejected', { by: 'bond' });
      log.info(
        { intent, by: 'bond', required: record.reservation.bond, free: outcome.option.bond.free },
        'quote rejected',
      );
      return;
    }
    inventory.reserve(record.reservation);
    await send(auction, record, outcome);
  };

  const send = async (
    auction: Auction,
    record: QuoteRecord,
    { option, profit }: QuoteOutcome,
  ): Promise<void> => {
    const { intent, signed } = record;
    try {
      if (option.mode === 'local') await deps.allow(auction);
      const digest = quoteDigest(signed.quote, auction.market.home);
      await deps.quotes.put(digest, record);
      if (await deps.publish('quotes', encodeQuote(signed), { intent })) {
        const { ask, payDomain } = signed.quote;
        metrics.count('quote_sent', { mode: option.mode });
        const fields = { intent, quote: digest, ask, payDomain, mode: option.mode, profit };
        log.info(fields, 'quote sent');
        deps.onSent(digest, record, fields);
        return;
      }
    } catch (error) {
      metrics.count('quote_failed');
      log.warn({ err: error, intent }, 'quote not sent');
    }
    inventory.release(intent);
  };

  return {
    async onQuote(auction, digest, signed) {
      if (!sameAddress(signed.quote.solver, deps.account)) return;
      // Other registered keys of the account may sign elsewhere; the same key in two places contradicts
      // itself.
      const { signer } = verifyQuote(signed, auction.market.home);
      if (signer !== self) return;
      const { intent, terms } = auction.observed;
      const verdict = await deps.guard.saw(
        digest,
        async () => (await deps.quotes.get(digest)) !== undefined || mayBeLost(lostAt(), terms, intent),
      );
      if (verdict === 'lost') await disavow(deps.publish, deps.key, auction, digest);
    },
    async onDisavowal(auction, signer, subject) {
      if (signer !== self || !auction.quotes.has(subject)) return;
      const { intent, terms } = auction.observed;
      await deps.guard.saw(subject, async () => mayBeLost(lostAt(), terms, intent));
    },
    async onIntent(auction) {
      const { digest: intent, intent: terms } = auction.observed;
      if (now() >= terms.quoteBy) return;
      if (!deps.guard.isOurs()) {
        metrics.count('quote_rejected', { by: 'key guard' });
        log.info({ intent, by: 'key guard', reason: 'the key is used elsewhere' }, 'quote rejected');
        return;
      }
      if (mayStillBind(lostAt(), auction.observed.terms, now())) {
        metrics.count('quote_rejected', { by: 'lost records' });
        log.info({ intent, by: 'lost records', reason: 'a lost quote may still bind' }, 'quote rejected');
        return;
      }
      for await (const earlier of deps.quotes.forIntent(intent)) {
        log.debug({ intent, quote: earlier.digest }, 'quoted before');
        return;
      }
      const [prospect, epoch] = await Promise.all([deps.gather(auction), deps.epoch(auction)]);
      if (prospect !== undefined) await consider(auction, prospect, epoch);
    },
  };
}

function draft(
  auction: Auction,
  { repay, seizable, homeDomain, openBy, debt }: Opportunity,
  { ask, option }: QuoteOutcome,
  epoch: bigint,
  { account, payout, key }: SolverDeps,
): QuoteRecord {
  const { market, observed } = auction;
  const intent = observed.digest;
  const quote: Quote = { intent, solver: account, ask, payDomain: option.domain, payout, epoch };
  return {
    intent,
    signed: signQuote(quote, market.home, key),
    reservation: {
      intent,
      domain: option.domain,
      token: option.token.address,
      amount: option.payAmount,
      homeDomain,
      debt: debt.address,
      bond: option.mode === 'local' ? 0n : bondOf(ask, observed.intent, observed.terms),
      openBy,
      roundKey: roundKeyOf(homeDomain, observed.positionKey, observed.intent.round),
    },
    repay,
    seizable,
    market: market.id,
    positionKey: observed.positionKey,
    collateral: observed.intent.collateral,
    homeEscrow: market.home.escrow,
  };
}

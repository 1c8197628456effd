import {
  type AuthoredTally,
  addressKey,
  awardDigest,
  awardOf,
  encodeAuctionMessage,
  isGavelError,
  MAX_TALLY_QUOTES,
  type Ms,
  type Ranking,
  type Seconds,
  sameAddress,
  signTally,
  signVote,
  tallied,
  toMs,
  type Vote,
} from '@gavel/protocol';
import type { Address, Hex } from 'viem';
import type { Auction } from '../auction/auctions.ts';
import { talliesOf, withoutEquivocators } from '../auction/certify.ts';
import { disavow } from '../auction/disavow.ts';
import type { KeyGuard } from '../auction/key-guard.ts';
import { laterOf, mayBeLost, mayStillBind } from '../auction/lost-records.ts';
import { rank } from '../auction/rank.ts';
import type { Publish } from '../gossip/publish.ts';
import type { Telemetry } from '../observe/telemetry.ts';
import { backoffMs } from '../runtime/backoff.ts';
import type { Scheduler } from '../runtime/scheduler.ts';
import type { VoteRecord } from '../store/records.ts';
import type { Votes } from '../store/votes.ts';

/** The dependencies of an auctioneer. Waits in milliseconds. */
export type AuctioneerDeps = {
  readonly key: Hex;
  readonly address: Address;
  readonly scheduler: Pick<Scheduler, 'at'>;
  readonly publish: Publish;
  readonly votes: Votes<VoteRecord>;
  readonly tallyWait: bigint;
  readonly voteWait: bigint;
  /** The home chain's own time, Unix seconds; undefined before its first head. */
  readonly chainTime: (chain: string) => Seconds | undefined;
  readonly now: () => Ms;
  /** Tells whether the key votes on this node alone. */
  readonly guard: KeyGuard;
  /** Whether this machine's clock is off: then other auctioneers judge which quotes came in time. */
  readonly isClockOff: () => boolean;
  /** Called with each ranking that is voted for. */
  readonly onRanked?: (auction: Auction, attempt: number, ranking: Ranking) => void;
  readonly telemetry: Telemetry;
};

/**
 * Takes part in auctions: a tally at `quoteBy`, a first vote after a wait, a second without a certificate
 * after another.
 */
export function createAuctioneer(deps: AuctioneerDeps): {
  onIntent(auction: Auction): void;
  /** A vote was accepted, perhaps one with this node's key that this node never cast. */
  onVote(auction: Auction, voter: Address, vote: Vote): Promise<void>;
  /** Another node disavowed a vote that this node's key signed. */
  onDisavowal(auction: Auction, signer: Address, subject: Hex): Promise<void>;
} {
  const { tallyWait, voteWait } = deps;
  return {
    async onVote(auction, voter, vote) {
      if (!sameAddress(voter, deps.address)) return;
      const verdict = await deps.guard.saw(auction.observed.digest, async () => {
        const own = await deps.votes.get(voteKey(auction, vote.award.attempt));
        const { digest, intent, terms } = auction.observed;
        if (own === undefined) return mayBeLost(lostAtOf(deps), terms, intent);
        // A later intent of the round takes the record's place once the earlier cannot land any more.
        return own.intent === digest ? own.vote.signature === vote.signature : own.openBy > intent.openBy;
      });
      const subject = awardDigest(vote.award, auction.market.home);
      if (verdict === 'lost') await disavow(deps.publish, deps.key, auction, subject);
    },
    async onDisavowal(auction, signer, subject) {
      if (!sameAddress(signer, deps.address) || !auction.votes.some(({ award }) => award === subject)) return;
      const { intent, terms } = auction.observed;
      await deps.guard.saw(subject, async () => mayBeLost(lostAtOf(deps), terms, intent));
    },
    onIntent(auction) {
      const { council, intent } = auction.observed;
      if (!council.members.some((member) => sameAddress(member, deps.address))) return;
      const { quoteBy } = intent;
      const votes = quoteBy + tallyWait;
      const secondVotes = votes + voteWait;
      // Each step counts until the next begins; the last, until nothing can land any more.
      const steps: readonly Step[] = [
        { name: 'tally', at: quoteBy, until: votes, run: sendTally },
        { name: 'first vote', at: votes, until: secondVotes, run: firstVote },
        { name: 'second vote', at: secondVotes, until: toMs(intent.openBy), run: secondVote },
      ];
      for (const step of steps) runStep(step, auction, deps);
    },
  };
}

/** Milliseconds before a step that failed is tried again. */
const RETRY = { leastMs: 100, mostMs: 2_000 };

/** A step of an auction: not before `at`, and of no use after `until`; milliseconds since 1970. */
type Step = {
  readonly name: 'tally' | 'first vote' | 'second vote';
  readonly at: bigint;
  readonly until: bigint;
  readonly run: (auction: Auction, deps: AuctioneerDeps) => Promise<void>;
};

/**
 * Runs a step, and runs it again while it fails and still counts: a ranking needs the chain, and an RPC that
 * is down for a moment must not cost a vote. Nothing is signed twice: a vote on record is sent as it is.
 */
function runStep(step: Step, auction: Auction, deps: AuctioneerDeps, at = step.at, failures = 0): void {
  const { scheduler, now } = deps;
  const { log, metrics } = deps.telemetry;
  scheduler.at(at, step.name, async () => {
    const fields = { intent: auction.observed.digest, step: step.name };
    if (!deps.guard.isOurs()) {
      metrics.count('auction_step_withheld', { step: step.name });
      log.warn(fields, 'auction step withheld, the key is used elsewhere');
      return;
    }
    if (deps.isClockOff()) {
      metrics.count('auction_step_withheld', { step: step.name });
      log.warn(fields, 'auction step withheld, the clock is off');
      return;
    }
    try {
      await step.run(auction, deps);
    } catch (error) {
      const again = now() + BigInt(backoffMs(failures, RETRY));
      const failure = { err: error, ...fields };
      if (again > step.until) {
        metrics.count('auction_step_missed', { step: step.name });
        log.error(failure, 'auction step missed');
        return;
      }
      metrics.count('auction_step_retried', { step: step.name });
      log.warn(failure, 'auction step failed, trying again');
      runStep(step, auction, deps, again, failures + 1);
    }
  });
}

/** Publishes the best quotes seen in time; nothing if there were none. */
async function sendTally(auction: Auction, deps: AuctioneerDeps): Promise<void> {
  const { digest: intent } = auction.observed;
  const { ranked } = await rank(auction, auction.inTime, MAX_TALLY_QUOTES);
  const quotes = ranked.map(({ signed }) => signed);
  if (quotes.length === 0) return;
  const tally = signTally(intent, quotes, auction.market.home, deps.key);
  const sent = await deps.publish('awards', encodeAuctionMessage({ kind: 'tally', tally }), { intent });
  if (sent) deps.telemetry.log.info({ intent, quotes: quotes.length }, 'tally sent');
}

/** Votes by the tallies seen so far, and cites them. */
async function firstVote(auction: Auction, deps: AuctioneerDeps): Promise<void> {
  if (auction.tallies.length === 0) return;
  await castVote(auction, 1, auction.tallies, deps);
}

/** Votes a second and last time, by the tallies that other auctioneers' first votes cited. */
async function secondVote(auction: Auction, deps: AuctioneerDeps): Promise<void> {
  if (auction.certificate !== undefined) return;
  const counted = talliesOf(auction, 2);
  if (counted.length > 0) await castVote(auction, 2, counted, deps);
}

async function castVote(
  auction: Auction,
  attempt: 1 | 2,
  tallies: readonly AuthoredTally[],
  deps: AuctioneerDeps,
): Promise<void> {
  const { market, observed } = auction;
  const { council, digest: intent } = observed;
  const honest = withoutEquivocators(tallies);
  const counted = tallied(honest, council.members.length, council.threshold);
  const ranking = await rank(auction, counted);
  const { ranked, excluded } = ranking;
  // A second vote without quotes has no effect. A first vote carries citations that the second votes count.
  if (ranked.length === 0 && attempt === 2) return;
  const award = awardOf(
    intent,
    attempt,
    ranked.map(({ digest }) => digest),
  );
  const cited = honest.map(({ id }) => id);
  const vote = await record(auction, signVote(award, cited, market.home, deps.key), deps);
  if (vote === undefined) return;
  deps.onRanked?.(auction, attempt, ranking);
  const sent = await deps.publish('awards', encodeAuctionMessage({ kind: 'vote', vote }), { intent });
  if (!sent) return;
  const fields = { intent, attempt, ranked: ranked.map(({ digest }) => digest), tallies: cited.length };
  deps.telemetry.log.info({ ...fields, excluded: excluded.length }, 'vote sent');
}

/**
 * Makes a vote durable. Returns the vote to send: an earlier one for the same intent, or none while another
 * binds.
 */
async function record(auction: Auction, vote: Vote, deps: AuctioneerDeps): Promise<Vote | undefined> {
  const { market, observed } = auction;
  const { intent, digest } = observed;
  const key = voteKey(auction, vote.award.attempt);
  const earlier = await deps.votes.get(key);
  if (earlier?.intent === digest) return earlier.vote;
  const time = deps.chainTime(market.chain);
  if (mayStillBind(lostAtOf(deps), observed.terms, time === undefined ? undefined : toMs(time))) {
    deps.telemetry.metrics.count('vote_withheld');
    deps.telemetry.log.warn(
      { intent: digest, reason: 'a vote that was lost may still bind' },
      'vote withheld',
    );
    return undefined;
  }
  try {
    await deps.votes.put(key, { intent: digest, openBy: intent.openBy, vote }, ({ openBy }) => {
      const time = deps.chainTime(market.chain);
      return time !== undefined && time > openBy;
    });
    return vote;
  } catch (error) {
    if (!isGavelError(error, 'CONFLICT')) throw error;
    deps.telemetry.metrics.count('vote_withheld');
    deps.telemetry.log.info({ intent: digest, boundBy: earlier?.intent }, 'vote withheld');
    return undefined;
  }
}

/** Unix milliseconds before which this key may have signed votes that are not on record here. */
function lostAtOf({ votes, guard }: AuctioneerDeps): bigint | undefined {
  return laterOf(votes.lostAt, guard.claimedAt());
}

/** Names what one vote is for: (position, round, attempt) on its home. */
function voteKey({ market, observed }: Auction, attempt: number): string {
  const { intent, positionKey } = observed;
  return [market.domain, addressKey(market.home.escrow), positionKey, intent.round, attempt].join(':');
}

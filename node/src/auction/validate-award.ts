import {
  type Certificate,
  type Disavowal,
  decodeAuctionMessage,
  intentDigest,
  type SignedTally,
  sameAddress,
  toMs,
  type Vote,
  verifyCertificate,
  verifyDisavowal,
  verifyQuote,
  verifyTally,
  verifyVote,
} from '@gavel/protocol';
import type { Address, Hex } from 'viem';
import type { Validation, Validator } from '../gossip/validation.ts';
import {
  type Auction,
  addQuote,
  addTally,
  addVote,
  emptyAuction,
  wantsTally,
  wantsVote,
} from './auctions.ts';
import type { Arrival } from './competition.ts';
import { defer, ignore, type Judged, judged } from './outcomes.ts';
import { accept, type IntentDeps, recompute } from './validate-intent.ts';
import { checkQuote } from './validate-quote.ts';

/** What judging tallies, votes and certificates takes. */
export type AwardDeps = IntentDeps & {
  readonly intentWaitMs: number;
  readonly onTally: (auction: Auction, author: Address, signed: SignedTally, arrival: Arrival) => void;
  readonly onVote: (auction: Auction, voter: Address, vote: Vote, arrival: Arrival) => void;
  readonly onCertificate: (auction: Auction, certificate: Certificate, arrival: Arrival) => void;
  readonly onDisavowal: (auction: Auction, signer: Address, subject: Hex) => void;
};

/**
 * Judges tallies, votes and certificates. Codes besides those of the protocol's checks and of `checkQuote`:
 * UNKNOWN_INTENT, EARLY, LATE, DUPLICATE, TOO_MANY_TALLIES, UNKNOWN_SUBJECT, TOO_MANY_VOTES: what an
 * auctioneer signs beyond what is kept would cost every node, and is not forwarded.
 */
export function awardValidator(deps: AwardDeps): Validator {
  return async (bytes, from) => {
    const decoded = judged(() => decodeAuctionMessage(bytes));
    if ('refusal' in decoded) return decoded.refusal;
    const message = decoded.ok;
    const arrival = { at: deps.now(), from };
    if (message.kind === 'tally') return judgeTally(message.tally, deps, arrival);
    if (message.kind === 'vote') return judgeVote(message.vote, deps, arrival);
    if (message.kind === 'disavowal') return judgeDisavowal(message.disavowal, deps);
    return judgeCertificate(message.certificate, deps, arrival);
  };
}

async function judgeTally(signed: SignedTally, deps: AwardDeps, arrival: Arrival): Promise<Validation> {
  const found = await findTimely(signed.tally.intent, deps);
  if ('refusal' in found) return found.refusal;
  const auction = found.ok;
  const { market, observed } = auction;
  const verified = judged(() => verifyTally(signed, market.home, observed.council.members));
  if ('refusal' in verified) return verified.refusal;
  const { author, quotes } = verified.ok;
  if (!wantsTally(auction, author)) return ignore('TOO_MANY_TALLIES', { author }).refusal;
  const checks = await Promise.all(
    signed.quotes.map((quote, index) => checkQuote(auction, quote, quotes[index])),
  );
  for (const check of checks) if ('refusal' in check) return check.refusal;
  return accept(() => {
    if (addTally(auction, author, signed)) deps.onTally(auction, author, signed, arrival);
  });
}

async function judgeVote(vote: Vote, deps: AwardDeps, arrival: Arrival): Promise<Validation> {
  const found = await findTimely(vote.award.intent, deps);
  if ('refusal' in found) return found.refusal;
  const auction = found.ok;
  const { market, observed } = auction;
  const verified = judged(() => verifyVote(vote, market.home, observed.council.members));
  if ('refusal' in verified) return verified.refusal;
  const voter = verified.ok;
  if (!wantsVote(auction, voter, vote.award.attempt)) return ignore('TOO_MANY_VOTES', { voter }).refusal;
  return accept(() => {
    if (addVote(auction, voter, vote)) deps.onVote(auction, voter, vote, arrival);
  });
}

/**
 * Judges a disavowal: of a quote or a vote that this node knows, by the key that signed it, once. So a key
 * can bring at most one for each message that was accepted of it.
 */
async function judgeDisavowal(disavowal: Disavowal, deps: AwardDeps): Promise<Validation> {
  const { intent, subject } = disavowal;
  const auction = await deps.auctions.find(intent, deps.intentWaitMs);
  if (auction === undefined) return defer('UNKNOWN_INTENT', { intent }).refusal;
  if (toMs(auction.observed.intent.openBy) + deps.clockTolerance < deps.now()) return ignore('LATE').refusal;
  if (auction.disavowed.has(subject)) return ignore('DUPLICATE').refusal;
  const { home } = auction.market;
  const verified = judged(() => verifyDisavowal(disavowal, home));
  if ('refusal' in verified) return verified.refusal;
  const signer = verified.ok;
  const quote = auction.quotes.get(subject);
  const isSigner =
    (quote !== undefined && sameAddress(verifyQuote(quote, home).signer, signer)) ||
    auction.votes.some(({ award, voter }) => award === subject && sameAddress(voter, signer));
  if (!isSigner) return defer('UNKNOWN_SUBJECT', { subject, signer }).refusal;
  return accept(() => {
    if (auction.disavowed.has(subject)) return;
    auction.disavowed.add(subject);
    deps.onDisavowal(auction, signer, subject);
  });
}

async function judgeCertificate(
  certificate: Certificate,
  deps: AwardDeps,
  arrival: Arrival,
): Promise<Validation> {
  const found = await auctionOf(certificate, deps);
  if ('refusal' in found) return found.refusal;
  const auction = found.ok;
  const { market, observed } = auction;
  if (auction.certificate !== undefined) return ignore('DUPLICATE', { intent: observed.digest }).refusal;
  if (toMs(observed.intent.openBy) + deps.clockTolerance < deps.now()) return ignore('LATE').refusal;
  const { members, threshold } = observed.council;
  const verified = judged(() => verifyCertificate(certificate, market.home, members, threshold));
  if ('refusal' in verified) return verified.refusal;
  const checks = await Promise.all(
    certificate.quotes.map((quote, place) => checkQuote(auction, quote, verified.ok.quotes[place])),
  );
  for (const check of checks) if ('refusal' in check) return check.refusal;
  return accept(() => {
    const kept = deps.auctions.add(market, observed, auction.receivedAt);
    if (kept.certificate !== undefined) return;
    for (const [place, { digest }] of verified.ok.quotes.entries()) {
      const quote = certificate.quotes[place];
      if (quote !== undefined) addQuote(kept, digest, quote, false);
    }
    kept.certificate = certificate;
    deps.onCertificate(kept, certificate, arrival);
  });
}

/**
 * Finds a certificate's auction; one whose intent this node missed is derived again, since a certificate
 * still can land. It is not in the auctions before the certificate is accepted: else any peer could put
 * intents there with a certificate of junk, and the intent itself, coming later, would be taken for known and
 * no listener told of it.
 */
async function auctionOf(certificate: Certificate, deps: AwardDeps): Promise<Judged<Auction>> {
  const { intent } = certificate;
  const market = deps.findMarket(intent.market, intent.homeDomain, intent.escrow);
  if (market === undefined) return ignore('UNKNOWN_MARKET', { market: intent.market });
  const digest = intentDigest(intent, market.home);
  const known = await deps.auctions.find(digest, deps.intentWaitMs);
  if (known !== undefined) return { ok: known };
  const recomputed = await recompute(intent, deps);
  if ('refusal' in recomputed) {
    const came = deps.auctions.get(digest);
    return came === undefined ? recomputed : { ok: came };
  }
  return { ok: emptyAuction(market, recomputed.ok.observed, deps.now()) };
}

/**
 * Finds the auction of a tally or vote, which may only come between `quoteBy` and `openBy`, gives or takes
 * the clocks.
 */
async function findTimely(intent: `0x${string}`, deps: AwardDeps): Promise<Judged<Auction>> {
  const auction = await deps.auctions.find(intent, deps.intentWaitMs);
  if (auction === undefined) return defer('UNKNOWN_INTENT', { intent });
  const { quoteBy, openBy } = auction.observed.intent;
  const now = deps.now();
  if (now + deps.clockTolerance < quoteBy) return defer('EARLY', { quoteBy });
  if (toMs(openBy) + deps.clockTolerance < now) return ignore('LATE', { openBy });
  return { ok: auction };
}

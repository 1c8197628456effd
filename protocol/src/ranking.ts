import type { Address, Hex } from 'viem';
import type { Domain, IntentDigest, QuoteDigest } from './brands.ts';
import { address, bytes32 } from './fields.ts';
import { keccak } from './keccak.ts';
import { BPS, MAX_RANKED } from './limits.ts';
import type { Intent } from './messages/intent.ts';
import type { SignedQuote } from './messages/quote.ts';
import { isOnTick } from './primitives.ts';
import { addressWord, bytes32Word } from './typed-data.ts';

/**
 * A quote to rank: the signed quote and its digest. The caller has seen it in time and verified that a
 * registered key of its account signed it, at a live epoch, for a registered payout: a landing reverts on a
 * ranked quote that fails these.
 */
export type Candidate = { readonly digest: QuoteDigest; readonly signed: SignedQuote };

/** A route as of the observed block. */
export type RouteTerms = {
  /** Basis points added to the ask, in ranking only. */
  readonly handicapBps: number;
  readonly enabled: boolean;
};

/**
 * What a ranking depends on. Every chain fact in it is read at the intent's observed block and nowhere
 * else.
 */
export type RankingInput = {
  readonly intent: Intent;
  readonly intentDigest: IntentDigest;
  readonly quotes: readonly Candidate[];
  /** By pay domain. The home domain needs none: local quotes are always on, without handicap. */
  readonly routes: ReadonlyMap<Domain, RouteTerms>;
  /**
   * Whether the account's free bond and the vault's idle float cover a quote (a local one: what the market
   * asks).
   */
  readonly capacity: (solver: Address, payDomain: Domain) => boolean;
  /** How many places there are: an award's three unless told otherwise. */
  readonly places?: number;
};

/** Why a quote is not ranked. */
export type ExclusionReason =
  /** For another intent. */
  | 'OTHER_INTENT'
  /** Asks for more than can be seized. */
  | 'ABOVE_SEIZABLE'
  /** Not a multiple of the tick, nor all of `seizable`. */
  | 'OFF_TICK'
  /** The route for its pay domain is off or unknown. */
  | 'ROUTE_OFF'
  /** Free bond or idle float does not cover it. */
  | 'NOT_COVERED'
  /** Its account has a better one. */
  | 'NOT_BEST_OF_ACCOUNT'
  /** Every place went to a better one. */
  | 'OUTBID';

/** A ranking: each distinct quote is either ranked or excluded, never both. */
export type Ranking = {
  /** As many as there are places at most, best first. */
  readonly ranked: readonly Candidate[];
  /** The rest, ascending by digest. */
  readonly excluded: readonly { readonly digest: QuoteDigest; readonly reason: ExclusionReason }[];
};

type Scored = { readonly candidate: Candidate; readonly score: bigint; readonly tie: Hex };

/**
 * Ranks quotes: lowest ask after the route's handicap, ties by lowest keccak256(abi.encode(solver, intent));
 * one quote per account, its lowest after handicap (then lowest digest). Pure, and blind to the order of
 * `quotes`; copies of one digest count once. An ask of zero is a legal price: a solver may pay for nothing,
 * and the borrower gains.
 */
export function rankQuotes(input: RankingInput): Ranking {
  const { places = MAX_RANKED } = input;
  const excluded: { digest: QuoteDigest; reason: ExclusionReason }[] = [];
  const best = new Map<Address, Scored>();
  for (const candidate of byDigest(input.quotes)) {
    const reason = exclusionOf(candidate, input);
    if (reason !== undefined) {
      excluded.push({ digest: candidate.digest, reason });
      continue;
    }
    const scored = score(candidate, input);
    const account = address(candidate.signed.quote.solver, 'solver');
    const rival = best.get(account);
    const beaten = rival === undefined || before(scored, rival) ? rival : scored;
    if (beaten !== scored) best.set(account, scored);
    if (beaten !== undefined)
      excluded.push({ digest: beaten.candidate.digest, reason: 'NOT_BEST_OF_ACCOUNT' });
  }
  const order = [...best.values()].sort((a, b) => (before(a, b) ? -1 : 1)).map(({ candidate }) => candidate);
  for (const { digest } of order.slice(places)) excluded.push({ digest, reason: 'OUTBID' });
  excluded.sort((a, b) => (a.digest < b.digest ? -1 : 1));
  return { ranked: order.slice(0, places), excluded };
}

/**
 * Returns what breaks a tie between equal asks: keccak256(abi.encode(address solver, bytes32 intent)), lowest
 * first.
 */
export function tieBreaker(solver: Address, intentDigest: IntentDigest): Hex {
  const words = addressWord(solver, 'solver') + bytes32Word(intentDigest, 'intent');
  return keccak(Buffer.from(words, 'hex'));
}

/** Puts candidates in one order, regardless of the order they came in, copies of a digest once. */
function byDigest(quotes: readonly Candidate[]): Candidate[] {
  const distinct = new Map<QuoteDigest, Candidate>();
  for (const { digest, signed } of quotes) {
    const key = bytes32(digest, 'digest');
    const known = distinct.get(key);
    // Two keys of one account can sign the same quote; keep one signature, the same for every order.
    if (known !== undefined && known.signed.signature <= signed.signature) continue;
    distinct.set(key, { digest: key, signed });
  }
  return [...distinct.values()].sort((a, b) => (a.digest < b.digest ? -1 : 1));
}

function exclusionOf({ signed }: Candidate, input: RankingInput): ExclusionReason | undefined {
  const { intent, intentDigest, capacity } = input;
  const { quote } = signed;
  if (quote.intent !== intentDigest) return 'OTHER_INTENT';
  if (quote.ask > intent.seizable) return 'ABOVE_SEIZABLE';
  if (!isOnTick(quote.ask, intent.seizable)) return 'OFF_TICK';
  if (!routeOf(quote.payDomain, input).enabled) return 'ROUTE_OFF';
  if (!capacity(address(quote.solver, 'solver'), quote.payDomain)) return 'NOT_COVERED';
  return undefined;
}

function routeOf(payDomain: Domain, { intent, routes }: RankingInput): RouteTerms {
  if (payDomain === intent.homeDomain) return { handicapBps: 0, enabled: true };
  return routes.get(payDomain) ?? { handicapBps: 0, enabled: false };
}

function score(candidate: Candidate, input: RankingInput): Scored {
  const { ask, payDomain, solver } = candidate.signed.quote;
  const handicap = BigInt(routeOf(payDomain, input).handicapBps);
  return { candidate, score: ask * (BPS + handicap), tie: tieBreaker(solver, input.intentDigest) };
}

/** A strict total order: no two quotes share score, tie-breaker and digest. */
function before(a: Scored, b: Scored): boolean {
  if (a.score !== b.score) return a.score < b.score;
  if (a.tie !== b.tie) return a.tie < b.tie;
  return a.candidate.digest < b.candidate.digest;
}

import {
  assembleCertificate,
  awardOf,
  type Certificate,
  encodeAuctionMessage,
  encodeIntent,
  encodeQuote,
  type Intent,
  isOnTick,
  quoteDigest,
  signTally,
  signVote,
  tallyDigest,
  tallyId,
} from '@gavel/protocol';
import type { Random } from '@gavel/solver-sdk/testing';
import { type Hex, keccak256, pad, toHex } from 'viem';
import { observe } from '../src/auction/derive.ts';
import type { BlockRef } from '../src/auction/rules.ts';
import type { TopicName } from '../src/gossip/validation.ts';
import {
  addressOf,
  COLLATERAL,
  createArena,
  DEBT,
  HOME_DOMAIN,
  keyOf,
  PAY_DOMAIN,
  PAYOUT,
} from '../test/arena.ts';

/** What a message says. */
export type Kind = 'intent' | 'quote' | 'tally' | 'vote' | 'certificate';

export const KINDS = ['intent', 'quote', 'tally', 'vote', 'certificate'] as const satisfies readonly Kind[];

/** A good message, and when it is due, milliseconds. */
export type Sample = {
  readonly kind: Kind;
  readonly topic: TopicName;
  readonly bytes: Uint8Array;
  readonly due: number;
};

/** An auction and every message that those who hold its keys would send. */
export type Staged = {
  readonly intent: Intent;
  readonly digest: Hex;
  readonly certificates: readonly [Certificate, ...Certificate[]];
  readonly samples: readonly [Sample, ...Sample[]];
};

/** What an insider says of an auction, and whether the rules allow it. */
export type Said = Sample & { readonly isGood: boolean; readonly of: Staged };

/** When a message of a kind may be accepted, milliseconds, both ends included. */
export type Window = { readonly from: bigint; readonly to: bigint };

export const START = 1_700_000_000_000;
export const SLOT_MS = 2_000;
export const CLOCK_TOLERANCE = 500n;
const SOLVERS = ['x', 'y', 'z', 'u'] as const;
const AUCTIONEERS = ['a', 'b', 'c'] as const;
const THRESHOLD = 2;
const REPAY = 1_000_000n;
const SEIZABLE = 500_000n;
const EVERY_TOPIC: Record<Kind, TopicName> = {
  intent: 'intents',
  quote: 'quotes',
  tally: 'awards',
  vote: 'awards',
  certificate: 'awards',
};

/** A market whose chain says the truth: a block for each slot so far, in each one position under water. */
export function createWorld(random: Random) {
  const unhealthyAt = new Map<Hex, bigint>();
  const head = { number: 98n };
  const block = async (number: bigint): Promise<BlockRef | undefined> =>
    number > head.number || number < 100n ? undefined : blockAt(number);
  const arena = createArena({
    auctioneers: AUCTIONEERS,
    threshold: THRESHOLD,
    solvers: SOLVERS,
    at: BigInt(START),
    terms: { quoteWindow: 1_500, landingWindow: 8 },
    reads: {
      block,
      assess: async (_adapter, position, at) => {
        const repay = unhealthyAt.get(position.toLowerCase() as Hex) === at ? REPAY : 0n;
        return { collateral: COLLATERAL, debt: DEBT, repay, seizable: SEIZABLE, health: 10n ** 18n };
      },
    },
  });

  /** Opens the next slot's auction. */
  const stage = async (): Promise<Staged> => {
    head.number += 2n;
    const position = pad(toHex(head.number), { size: 64 });
    unhealthyAt.set(position, head.number);
    const seen = await observe(arena.market, position, blockAt(head.number));
    if ('none' in seen) throw new TypeError(`the world has no intent: ${seen.none}`);
    const { intent, digest } = seen.observed;
    return { intent, digest, ...sign(digest, intent) };
  };

  const sign = (digest: Hex, intent: Intent): Pick<Staged, 'certificates' | 'samples'> => {
    const { home } = arena;
    const opened = Number(intent.quoteBy) - 1_500;
    const closed = Number(intent.quoteBy);
    const sample = (kind: Kind, bytes: Uint8Array, from: number, to: number): Sample => ({
      kind,
      topic: EVERY_TOPIC[kind],
      bytes,
      due: random.int(from, to),
    });
    const quotes = SOLVERS.map((solver) =>
      arena.quote(solver, digest, {
        ask: 50n * BigInt(random.int(9_000, 9_800)),
        payDomain: random.pick([PAY_DOMAIN, HOME_DOMAIN]),
      }),
    );
    const tallies = AUCTIONEERS.map((name) => ({
      name,
      tally: signTally(digest, quotes, home, keyOf(name)),
    }));
    const cited = tallies.map(({ name, tally }) => tallyId(tallyDigest(tally.tally, home), addressOf(name)));
    const ranked = quotes.slice(0, 3).map(({ quote }) => quoteDigest(quote, home));
    const members = AUCTIONEERS.map(addressOf);
    const votes = ([1, 2] as const).flatMap((attempt) =>
      AUCTIONEERS.map((name) => ({
        attempt,
        name,
        vote: signVote(awardOf(digest, attempt, ranked), cited, home, keyOf(name)),
      })),
    );
    const certificates = ([1, 2] as const).flatMap((attempt) =>
      AUCTIONEERS.map((absent) => {
        const of = votes.filter((cast) => cast.attempt === attempt && cast.name !== absent);
        const signatures = of.map(({ vote }) => vote.signature);
        const parts = { intent, award: awardOf(digest, attempt, ranked), quotes, signatures };
        return assembleCertificate(parts, home, members, THRESHOLD);
      }),
    );
    // In every other auction the votes come too late to make a certificate before others' certificates come.
    const voting = closed + (random.chance(0.5) ? 100 : 6_000);
    const [one, ...others] = certificates;
    if (one === undefined) throw new TypeError('the world has no certificate');
    return {
      certificates: [one, ...others],
      samples: [
        sample('intent', encodeIntent(intent), opened, opened + 200),
        ...quotes.map((quote) => sample('quote', encodeQuote(quote), opened + 200, closed)),
        ...tallies.map(({ tally }) =>
          sample('tally', encodeAuctionMessage({ kind: 'tally', tally }), closed, closed + 400),
        ),
        ...votes.map(({ vote }) =>
          sample('vote', encodeAuctionMessage({ kind: 'vote', vote }), voting, voting + 1_500),
        ),
        ...certificates.map((certificate) =>
          sample(
            'certificate',
            encodeAuctionMessage({ kind: 'certificate', certificate }),
            closed + 2_000,
            closed + 6_000,
          ),
        ),
      ],
    };
  };

  /**
   * Says anything with a key that counts: a bonded solver bids as it likes, an auctioneer lists and votes as
   * it likes.
   */
  const insider = (of: Staged, others: readonly Staged[]): Said => {
    const { home } = arena;
    const anyIntent = () => (random.chance(0.9) ? of : random.pick([of, ...others]));
    const bid = () => {
      const solver = random.pick(SOLVERS);
      const parts = {
        ask: random.pick([
          of.intent.seizable,
          of.intent.seizable + 1n,
          0n,
          50n * BigInt(random.int(0, 10_000)),
          random.logUniform(1n << 128n),
        ]),
        payDomain: random.pick([PAY_DOMAIN, HOME_DOMAIN, 0, 77]),
        payout: random.pick([PAYOUT, PAYOUT, PAYOUT, addressOf('thief')]),
        epoch: random.pick([0n, 0n, 0n, 1n, (1n << 64n) - 1n]),
      };
      const named = anyIntent();
      const key = random.chance(0.9) ? solver : 'stranger';
      const signed = arena.quote(solver, named.digest, parts, keyOf(key));
      const isPaid = parts.payDomain === PAY_DOMAIN || parts.payDomain === HOME_DOMAIN;
      const isPriced = parts.ask <= SEIZABLE && isOnTick(parts.ask, SEIZABLE);
      const isGood = key === solver && isPaid && isPriced && parts.payout === PAYOUT && parts.epoch === 0n;
      return { signed, isGood, named };
    };
    const make = (kind: Kind, bytes: Uint8Array, isGood: boolean, named = of): Said => ({
      kind,
      topic: EVERY_TOPIC[kind],
      bytes,
      due: 0,
      isGood,
      of: named,
    });
    if (random.chance(0.5)) {
      const { signed, isGood, named } = bid();
      return make('quote', encodeQuote(signed), isGood, named);
    }
    if (random.chance(0.3)) {
      const certificate = random.pick(of.certificates);
      const [first = '0x', second = '0x'] = certificate.signatures;
      const signatures = random.pick([[second, first], [first], [first, first], [first, second, second]]);
      const bytes = encodeAuctionMessage({
        kind: 'certificate',
        certificate: { ...certificate, signatures },
      });
      return make('certificate', bytes, false);
    }
    const author = random.pick([...AUCTIONEERS, 'stranger']);
    const isAuctioneer = author !== 'stranger';
    if (random.chance(0.5)) {
      const bids = [bid(), bid()].filter(
        ({ named }, index, all) =>
          named === of &&
          all.findIndex((other) => other.signed.quote.solver === all[index]?.signed.quote.solver) === index,
      );
      const tally = signTally(
        of.digest,
        bids.map(({ signed }) => signed),
        home,
        keyOf(author),
      );
      const isGood = isAuctioneer && bids.every((one) => one.isGood);
      return make('tally', encodeAuctionMessage({ kind: 'tally', tally }), isGood);
    }
    const cited = Array.from({ length: random.int(0, 16) }, () => random.bytes(32));
    const award = awardOf(of.digest, random.pick([1, 2]), random.chance(0.3) ? [] : [random.bytes(32)]);
    return make(
      'vote',
      encodeAuctionMessage({ kind: 'vote', vote: signVote(award, cited, home, keyOf(author)) }),
      isAuctioneer,
    );
  };

  return { arena, stage, insider };
}

/** Says when a message of a kind may be accepted, by the protocol alone. */
export function windowOf(kind: Kind, { quoteBy, openBy }: Intent): Window {
  const closes = {
    intent: quoteBy,
    quote: quoteBy,
    tally: openBy * 1_000n,
    vote: openBy * 1_000n,
    certificate: openBy * 1_000n,
  };
  const from = kind === 'tally' || kind === 'vote' ? quoteBy - CLOCK_TOLERANCE : 0n;
  return { from, to: closes[kind] + CLOCK_TOLERANCE };
}

function blockAt(number: bigint): BlockRef {
  const timestamp = BigInt(START / 1_000) + number - 100n;
  return { number, hash: keccak256(toHex(number)), timestamp };
}

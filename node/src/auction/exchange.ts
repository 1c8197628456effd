import { type Certificate, encodeAuctionMessage, type SignedQuote, type Vote } from '@gavel/protocol';
import type { Address, Hex } from 'viem';
import type { Publish } from '../gossip/publish.ts';
import type { TopicName, Validator } from '../gossip/validation.ts';
import type { Telemetry } from '../observe/telemetry.ts';
import type { Scheduler } from '../runtime/scheduler.ts';
import type { Auction } from './auctions.ts';
import { tryCertificate } from './certify.ts';
import type { Recorder } from './recorder.ts';
import { type AwardDeps, awardValidator } from './validate-award.ts';
import { intentValidator } from './validate-intent.ts';
import { type QuoteDeps, quoteValidator } from './validate-quote.ts';

/** The dependencies of the exchange: those of the judges, and the listeners to accepted messages. */
export type ExchangeDeps = Omit<
  AwardDeps & QuoteDeps,
  'onQuote' | 'onRefused' | 'onTally' | 'onVote' | 'onCertificate' | 'onDisavowal'
> & {
  /** A key disavowed a quote or a vote that it signed: two nodes use it. */
  readonly onDisavowal?: (auction: Auction, signer: Address, subject: Hex) => void;
  /** A quote was accepted; `deps.onVote` likewise for votes. */
  readonly onQuote?: (auction: Auction, digest: `0x${string}`, signed: SignedQuote) => void;
  readonly onVote?: (auction: Auction, voter: Address, vote: Vote) => void;
  readonly onCertificate: (auction: Auction, certificate: Certificate) => void;
  /** Records what the node witnesses of auctions; absent, nothing is recorded. */
  readonly recorder?: Pick<
    Recorder,
    'onIntent' | 'onQuote' | 'onRefused' | 'onTally' | 'onVote' | 'onCertificate'
  >;
  readonly scheduler: Pick<Scheduler, 'run'>;
  readonly publish: Publish;
  readonly telemetry: Telemetry;
};

/**
 * Creates the validators of the three topics. Accepted messages go into the auctions and to the listeners.
 * Every node assembles a certificate as soon as it has enough equal votes, and publishes it, which saves the
 * others the wait.
 */
export function createExchange(deps: ExchangeDeps): Record<TopicName, Validator> {
  const { recorder } = deps;
  const { log, metrics } = deps.telemetry;
  const listening: AwardDeps & QuoteDeps = {
    ...deps,
    onIntent: (auction: Auction) => {
      const { digest, intent } = auction.observed;
      const { repay, seizable, round, observedBlock, quoteBy, openBy } = intent;
      const terms = { repay, seizable, round, observedBlock, quoteBy, openBy };
      log.info({ intent: digest, market: auction.market.name, ...terms }, 'intent received');
      recorder?.onIntent(auction);
      deps.onIntent(auction);
    },
    onRefused: (auction, signed, code, arrival) => recorder?.onRefused(auction, signed, code, arrival),
    onQuote: (auction, quote, signed, arrival) => {
      recorder?.onQuote(auction, quote, signed, arrival);
      log.debug({ intent: auction.observed.digest, quote, quotes: auction.quotes.size }, 'quote received');
      deps.onQuote?.(auction, quote, signed);
    },
    onTally: (auction, author, signed, arrival) => {
      recorder?.onTally(auction, author, signed, arrival);
      const tallies = auction.tallies.length;
      log.debug({ intent: auction.observed.digest, author, tallies }, 'tally received');
      certify(auction, deps);
    },
    onVote: (auction, voter, vote, arrival) => {
      recorder?.onVote(auction, voter, vote, arrival);
      deps.onVote?.(auction, voter, vote);
      certify(auction, deps);
    },
    onDisavowal: (auction, signer, subject) => {
      log.debug({ intent: auction.observed.digest, signer, subject }, 'disavowal received');
      deps.onDisavowal?.(auction, signer, subject);
    },
    onCertificate: (auction, certificate, arrival) => {
      recorder?.onCertificate(auction, certificate, arrival);
      const { award, quotes } = certificate;
      metrics.count('certificate', { attempt: String(award.attempt) });
      const winner = quotes[0]?.quote;
      const won = { solver: winner?.solver, ask: winner?.ask, payDomain: winner?.payDomain };
      const fields = { attempt: award.attempt, ranked: quotes.length, quotes: auction.quotes.size, ...won };
      log.info({ intent: auction.observed.digest, market: auction.market.name, ...fields }, 'certificate');
      deps.onCertificate(auction, certificate);
    },
  };
  return {
    intents: intentValidator(listening),
    quotes: quoteValidator(listening),
    awards: awardValidator(listening),
  };
}

function certify(auction: Auction, { scheduler, publish }: ExchangeDeps): void {
  const certificate = tryCertificate(auction);
  if (certificate === undefined) return;
  const bytes = encodeAuctionMessage({ kind: 'certificate', certificate });
  const intent = auction.observed.digest;
  // Outside the validator of the message that completed the certificate: publishing validates the
  // certificate, too.
  scheduler.run('publish certificate', async () => {
    await publish('awards', bytes, { intent });
  });
}

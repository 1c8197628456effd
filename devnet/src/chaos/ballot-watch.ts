import { join } from 'node:path';
import { silentTelemetry, startGossip, type Validation, type Validator } from '@gavel/node';
import {
  awardDigest,
  decodeAuctionMessage,
  decodeIntent,
  type Home,
  type Intent,
  intentDigest,
  positionKey,
  type Vote,
  verifyVote,
} from '@gavel/protocol';
import type { Hex } from 'viem';
import { type Network, siteOf } from '../network.ts';
import { ACCOUNTS_OF } from '../plan.ts';

/** Two votes that no honest auctioneer casts. */
export type Equivocation = { readonly voter: Hex; readonly about: string; readonly intents: readonly Hex[] };

/** What an observer of the network's gossip knows about its auctions and votes. */
export type BallotWatch = {
  /** Votes heard whose signature is that of an auctioneer, each once. */
  votes(): number;
  equivocations(): Equivocation[];
  /** Intents heard of that can still land, by the wall clock in Unix milliseconds. */
  live(now: number): Hex[];
};

type Heard = { readonly intent: Hex; readonly openBy: bigint; readonly content: string; readonly at: number };

/**
 * Joins the gossip network as a mere listener, and keeps every vote. An auctioneer contradicts itself if it
 * casts two different votes for one intent and attempt, or one for another intent of the same position and
 * round while the first may still land.
 */
export async function watchBallots(options: {
  readonly network: Network;
  readonly bootstrap: readonly string[];
  readonly stack: AsyncDisposableStack;
  readonly signal: AbortSignal;
}): Promise<BallotWatch> {
  const { network, bootstrap, stack, signal } = options;
  const intents = new Map<Hex, { intent: Intent; home: Home }>();
  const votes = new Map<string, Heard[]>();
  const early: { vote: Vote; at: number }[] = [];
  const auctioneers = ACCOUNTS_OF.auctioneers.map(({ address }) => address);

  const homeOf = (domain: number): Home | undefined => {
    for (const name of network.sites.keys()) {
      const { chain, gavel } = siteOf(network, name);
      if (chain.domain === domain) return { chainId: chain.chainId, escrow: gavel.collateralEscrow };
    }
    return undefined;
  };
  const hear = (vote: Vote, at: number) => {
    const known = intents.get(vote.award.intent);
    if (known === undefined) {
      early.push({ vote, at });
      return;
    }
    const { intent, home } = known;
    const voter = verifyVote(vote, home, auctioneers);
    const { homeDomain, market, position, round, openBy } = intent;
    const about = [voter, homeDomain, positionKey(market, position), round, vote.award.attempt].join(':');
    const content = `${awardDigest(vote.award, home)}:${vote.cited.join()}`;
    const heard = votes.get(about) ?? [];
    votes.set(about, heard);
    if (!heard.some((other) => other.content === content)) {
      heard.push({ intent: vote.award.intent, openBy, content, at });
    }
  };
  const accept = (deliver: () => void): Validation => ({ outcome: 'accept', deliver });
  const validators: Record<'intents' | 'quotes' | 'awards', Validator> = {
    intents: async (bytes) => {
      const intent = decodeIntent(bytes);
      const home = homeOf(intent.homeDomain);
      if (home === undefined) return { outcome: 'ignore', code: 'UNKNOWN_HOME' };
      intents.set(intentDigest(intent, home), { intent, home });
      for (const { vote, at } of early.splice(0)) hear(vote, at);
      return accept(() => undefined);
    },
    quotes: async () => accept(() => undefined),
    awards: async (bytes) => {
      const message = decodeAuctionMessage(bytes);
      if (message.kind === 'vote') hear(message.vote, Date.now());
      return accept(() => undefined);
    },
  };
  const gossip = await startGossip({
    network: 'devnet',
    p2p: {
      listen: ['/ip4/127.0.0.1/tcp/0'],
      bootstrap: [...bootstrap],
      identity: join(network.dir, 'ballot-watch.key'),
      maxPeers: 50,
    },
    validators,
    telemetry: silentTelemetry(),
    signal,
  });
  stack.defer(() => gossip.stop());

  return {
    live: (now) =>
      [...intents].flatMap(([digest, { intent }]) => (BigInt(now) <= intent.openBy * 1_000n ? [digest] : [])),
    votes: () => [...votes.values()].reduce((sum, heard) => sum + heard.length, 0),
    equivocations: () =>
      [...votes].flatMap(([about, heard]) => {
        const clash = heard.some((one, index) =>
          heard
            .slice(index + 1)
            .some((other) => other.intent === one.intent || BigInt(other.at) <= one.openBy * 1_000n),
        );
        const voter = about.slice(0, about.indexOf(':')) as Hex;
        return clash ? [{ voter, about, intents: heard.map(({ intent }) => intent) }] : [];
      }),
  };
}

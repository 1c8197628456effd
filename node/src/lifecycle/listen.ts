import { createExchange } from '../auction/exchange.ts';
import { indexMarkets } from '../auction/market.ts';
import type { Bus } from '../bus.ts';
import type { Chain } from '../chain/client.ts';
import { followHeads } from '../chain/heads.ts';
import type { Core } from '../core.ts';
import type { TopicName, Validator } from '../gossip/validation.ts';

/** Milliseconds that a message waits for its intent, and an intent for the block it was observed at. */
const INTENT_WAIT_MS = 1_500;
const BLOCK_WAIT_MS = 1_500;

/** Creates the validators of the three topics. What they accept goes into the auctions and onto the bus. */
export function validateGossip(core: Core, bus: Bus): Record<TopicName, Validator> {
  const { auctions, now, config, markets, telemetry, scheduler, publish, recorder } = core;
  return createExchange({
    recorder,
    auctions,
    findMarket: indexMarkets(markets.map(({ market }) => market)),
    now,
    clockTolerance: BigInt(config.auction.clockToleranceMs),
    intentWaitMs: INTENT_WAIT_MS,
    block: async (market, number) => {
      await core.chains.clocks.get(market.chain)?.reach(number, BLOCK_WAIT_MS);
      return market.reads.block(number);
    },
    scheduler,
    publish,
    onIntent: (auction) => bus.emit('intent', auction),
    onQuote: (auction, digest, signed) => bus.emit('quote', auction, digest, signed),
    onVote: (auction, voter, vote) => bus.emit('vote', auction, voter, vote),
    onDisavowal: (auction, signer, subject) => bus.emit('disavowal', auction, signer, subject),
    onCertificate: (auction, certificate) => bus.emit('certificate', auction, certificate),
    telemetry,
  });
}

/** Follows a chain's heads: each one sets the chain's clock, witnesses the time, and goes onto the bus. */
export function followChain(chain: Chain, core: Core, bus: Bus): void {
  const log = core.telemetry.log.child({ module: 'chain' });
  const clock = core.chains.clocks.get(chain.name);
  core.scope.spawn(`heads of ${chain.name}`, async (signal) => {
    for await (const head of followHeads({ chain, signal, log })) {
      clock?.advance(head);
      if (core.config.clock.chains) core.clock.sawHead(chain, head);
      bus.emit('head', chain.name, head);
    }
  });
}

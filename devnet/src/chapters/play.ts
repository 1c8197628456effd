import pc from 'picocolors';
import { devAccount } from '../accounts.ts';
import { startFleet } from '../chaos/fleet.ts';
import { FEED_DECIMALS, movePrice } from '../lending/price-feed.ts';
import { type Network, siteOf, startNetwork } from '../network.ts';
import { type NodeLine, nodePlans } from '../nodes.ts';
import { createSender, type Sender } from '../sender.ts';
import { snapshot } from '../story/balances.ts';
import { checkBooks, messagesOf, takeBefore, undelivered } from '../story/checks.ts';
import type { Transfer } from '../story/moves.ts';
import { type Observer, PATIENCE_MS } from '../story/observer.ts';
import { liquidationsOf } from '../story/records.ts';
import { claimTreasuryShares, createListener, observeAloud } from '../story/story.ts';
import type { Tell } from '../story/tell.ts';
import { tokenAbi } from '../tokens.ts';
import { type Chapter, type ChapterResult, marketOn, type Stage } from './chapter.ts';
import { createNodeLog } from './node-log.ts';

/**
 * Sets up a network for a chapter, tells it, and compares the chains before and after. Everything started
 * ends with the stack.
 *
 * Throws DEVNET_TIMED_OUT if the story does not come to its end, and what `startNetwork` and `startNodes`
 * throw.
 */
export async function playChapter(options: {
  readonly chapter: Chapter;
  readonly dir: string;
  readonly stack: AsyncDisposableStack;
  readonly signal: AbortSignal;
  readonly tell: Tell;
}): Promise<ChapterResult> {
  const { chapter, dir, stack, signal, tell } = options;
  const start = performance.now();
  const onStep = (what: string) => tell('set-up', what);
  const network = await startNetwork({ dir, stack, onStep, plan: chapter.plan });
  const plans = nodePlans(chapter.plan);
  onStep(`starting ${plans.length} nodes: ${plans.map(({ name }) => name).join(', ')}`);
  const listener = createListener(network, tell);
  const { log, onLine } = createNodeLog();
  const hear = (line: NodeLine) => {
    listener.onLine(line);
    onLine(line);
  };
  const fleet = await startFleet({ network, plans, stack, onLine: hear });
  const setupMs = Math.round(performance.now() - start);
  onStep(`ready after ${(setupMs / 1_000).toFixed(1)} s`);

  const ended = new AbortController();
  stack.defer(() => ended.abort());
  const before = await takeBefore(network);
  const observer = await observeAloud(network, tell, AbortSignal.any([signal, ended.signal]));
  const transfers: Transfer[] = [];
  const stage: Stage = {
    network,
    fleet,
    log,
    observer,
    say: (what) => tell('story', pc.bold(what)),
    ...createHands(network, observer, tell, transfers),
  };
  const { facts, checks } = await chapter.play(stage);
  await claimTreasuryShares(network, observer);
  await observer.until('every message to be delivered', PATIENCE_MS, async () => {
    return (await undelivered(network, messagesOf(network, observer))).length === 0;
  });
  const records = liquidationsOf(network, observer);
  const after = await snapshot(network);
  const books = await checkBooks(network, observer, records, before, after, transfers);
  ended.abort();
  return {
    chapter,
    network,
    facts,
    checks: [...checks, ...books],
    records,
    messages: messagesOf(network, observer),
    before: before.snapshot,
    after,
    setupMs,
    tookMs: Math.round(performance.now() - start),
  };
}

/** What a storyteller does to the world: prices, clocks, and what people do with their own keys. */
function createHands(
  network: Network,
  observer: Observer,
  tell: Tell,
  transfers: Transfer[],
): Pick<Stage, 'as' | 'transfer' | 'price' | 'passTime'> {
  const senders = new Map<string, Sender>();
  const as: Stage['as'] = (chain, account) => {
    const key = `${chain}:${account}`;
    const sender =
      senders.get(key) ?? createSender(siteOf(network, chain).chain, devAccount(account).privateKey);
    senders.set(key, sender);
    return sender;
  };
  const owners = new Map(
    network.markets.map(({ home }) => [
      home,
      createSender(siteOf(network, home).chain, network.lendingKey.privateKey),
    ]),
  );
  return {
    as,
    async transfer(name, from, to, sum) {
      const { dollar } = siteOf(network, name);
      const [giver, taker] = [devAccount(from).address, devAccount(to).address];
      await as(name, from).write({
        address: dollar.address,
        abi: tokenAbi,
        functionName: 'transfer',
        args: [taker, sum],
      });
      transfers.push({ chain: name, token: dollar.address, from: giver, to: taker, amount: sum });
    },
    async price(home, symbol, dollars) {
      const owner = owners.get(home);
      if (owner === undefined) return;
      const { publicClient } = siteOf(network, home).chain;
      const { feeds } = marketOn(network, home);
      const move = await movePrice(owner, feeds[symbol], dollars * 10n ** BigInt(FEED_DECIMALS));
      tell(home, `${pc.yellow(symbol)} falls to ${dollars} dollars`);
      await observer.until('the block after the fall', PATIENCE_MS, async () => {
        return (await publicClient.getBlockNumber()) > move.blockNumber;
      });
    },
    async passTime(seconds) {
      const chains = [...network.sites.values()].map(({ chain }) => chain);
      const head = async ({ publicClient }: (typeof chains)[number]) =>
        (await publicClient.getBlock()).timestamp;
      const starts = await Promise.all(chains.map(head));
      await Promise.all(chains.map(({ testClient }) => testClient.increaseTime({ seconds })));
      await observer.until('every chain to be there', PATIENCE_MS, async () => {
        const now = await Promise.all(chains.map(head));
        return now.every((time, at) => time >= (starts[at] ?? 0n) + BigInt(seconds));
      });
    },
  };
}

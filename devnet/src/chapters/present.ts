import { siteOf } from '../network.ts';
import { balanceKey, holdersOn, trackedTokens } from '../story/balances.ts';
import { amount, nameOf } from '../story/tell.ts';
import { newTable } from '../table.ts';
import type { ChapterResult } from './chapter.ts';

/** Draws what changed hands by which rule, and every balance that moved. */
export function chapterTables(result: ChapterResult): string {
  const facts = newTable(['what', 'amount', 'why']);
  for (const { what, amount: value, token, rule } of result.facts)
    facts.push([what, { content: amount(value, token), hAlign: 'right' }, rule]);
  const moved = newTable(['chain', 'who', 'before', 'after', 'change']);
  for (const { chain, holder, token, before, after } of movedBalances(result)) {
    const right = (content: string) => ({ content, hAlign: 'right' as const });
    const change = `${after > before ? '+' : '-'}${amount(after > before ? after - before : before - after, token)}`;
    moved.push([chain, holder, right(amount(before, token)), right(amount(after, token)), right(change)]);
  }
  return `${facts}\n${moved}`;
}

/**
 * Gives a chapter as data. Amounts are decimal strings in the token's smallest units, whose symbol and
 * decimals stand beside them.
 */
export function chapterData(result: ChapterResult): unknown {
  const { chapter, network, facts, checks, records, messages, setupMs, tookMs } = result;
  return {
    name: chapter.name,
    about: chapter.about,
    setupMs,
    tookMs,
    facts: facts.map(({ what, amount: value, token: { symbol, decimals }, rule }) => ({
      what,
      amount: value.toString(),
      token: { symbol, decimals },
      rule,
    })),
    liquidations: records.map((record) => ({
      market: record.market.id,
      home: record.market.home,
      payChain: record.payChain,
      mode: record.mode,
      solver: nameOf(network, record.solver),
      intent: record.intent,
      orderId: record.orderId ?? null,
      repaid: record.repaid.toString(),
      seized: record.seized.toString(),
      ask: record.ask.toString(),
    })),
    balances: movedBalances(result).map(({ chain, holder, token, before, after }) => ({
      chain,
      holder,
      token: { symbol: token.symbol, decimals: token.decimals, address: token.address },
      before: before.toString(),
      after: after.toString(),
    })),
    messages,
    checks,
    chains: [...network.sites.keys()].map((name) => {
      const { chainId, domain, blockTime } = siteOf(network, name).chain;
      return { name, chainId, domain, blockTime };
    }),
  };
}

/** Lists every balance that is not what it was. */
function movedBalances({ network, before, after }: ChapterResult) {
  return trackedTokens(network).flatMap((token) =>
    holdersOn(network, token.chain).flatMap(({ name, address }) => {
      const key = balanceKey(token.chain, token.address, address);
      const [was, is] = [before.balances.get(key) ?? 0n, after.balances.get(key) ?? 0n];
      return was === is ? [] : [{ chain: token.chain, holder: name, token, before: was, after: is }];
    }),
  );
}

import { connectChains } from '../chain/client.ts';
import type { Config } from '../config/schema.ts';
import { examineChain, examineMarkets } from './chains.ts';
import { examineClock } from './clock.ts';
import { causesIn, type Finding } from './finding.ts';
import { examineKeys } from './keys.ts';
import { examineApi, examineMachine, examinePeers } from './machine.ts';

/**
 * Checks everything a node needs, without starting one or changing anything. `now` in milliseconds. Never
 * throws on what it finds.
 */
export async function examineNode(config: Config, now: () => number = Date.now): Promise<Finding[]> {
  const chains = connectChains(config);
  const [machine, peers, clock, ...perChain] = await Promise.all([
    Promise.all([examineMachine(config), examineApi(config)]),
    examinePeers(config),
    examineClock(config, now),
    ...[...chains.values()].map((chain) => examineChain(chain, config, now)),
  ]);
  const causeOf = causesIn(perChain.flat());
  const markets = await examineMarkets(config, chains, causeOf);
  const keys = await examineKeys(config, chains, { causeOf, markets });
  await Promise.all([...chains.values()].map((chain) => chain.close()));
  return oneClock([...machine.flat(), ...perChain.flat(), ...markets, ...keys, ...peers, ...clock]);
}

/**
 * This machine's clock is one cause for all that finds it off: keeps the failure that peers have found, or
 * else the first.
 */
function oneClock(findings: readonly Finding[]): Finding[] {
  const off = findings.filter(({ check, status }) => /^clocks?$/.test(check) && status === 'fail');
  const cause = off.find(({ subject }) => subject === 'network') ?? off[0];
  return findings.map((finding) => {
    if (cause === undefined || finding === cause || !off.includes(finding)) return finding;
    return { ...finding, status: 'follows', next: `See ${cause.subject}, ${cause.check}` };
  });
}

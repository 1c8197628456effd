import { connectChains } from '../chain/client.ts';
import type { Config } from '../config/schema.ts';
import { examineChain, examineMarkets } from './chains.ts';
import { examineClock } from './clock.ts';
import type { Finding } from './finding.ts';
import { examineKeys } from './keys.ts';
import { examineApi, examineMachine, examinePeers } from './machine.ts';

/**
 * Checks everything a node needs, without starting one or changing anything. `now` in milliseconds. Never
 * throws on what it finds.
 */
export async function examineNode(config: Config, now: () => number = Date.now): Promise<Finding[]> {
  const chains = connectChains(config);
  const findings = await Promise.all([
    examineMachine(config),
    examineApi(config),
    ...[...chains.values()].map((chain) => examineChain(chain, config, now)),
    examineMarkets(config, chains),
    examineKeys(config, chains),
    examinePeers(config),
    examineClock(config, now),
  ]);
  await Promise.all([...chains.values()].map((chain) => chain.close()));
  return findings.flat();
}

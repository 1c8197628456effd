import { GavelError } from '@gavel/protocol';
import type { Fleet } from '../chaos/fleet.ts';
import type { HomeName, Market, Network } from '../network.ts';
import type { ChainName, Collateral, NetworkPlan } from '../plan.ts';
import type { Sender } from '../sender.ts';
import type { Snapshot } from '../story/balances.ts';
import type { Check, MessageRecord } from '../story/checks.ts';
import type { Observer } from '../story/observer.ts';
import type { LiquidationRecord } from '../story/records.ts';
import type { Token } from '../tokens.ts';
import type { NodeLog } from './node-log.ts';

/** A story of its own, on a network set up for it. */
export interface Chapter {
  readonly name: string;
  /** One sentence for a list of chapters. */
  readonly about: string;
  /**
   * Told before anything happens: what will be seen, and what of the network differs from the main story's.
   */
  readonly opening: readonly string[];
  readonly plan: NetworkPlan;
  /**
   * Lets it happen, and compares what each chapter is about. Throws DEVNET_TIMED_OUT if it does not come to
   * its end.
   */
  play(stage: Stage): Promise<Ending>;
}

/** What a chapter is told with. */
export interface Stage {
  readonly network: Network;
  /** The nodes, which can be killed. */
  readonly fleet: Fleet;
  readonly log: NodeLog;
  readonly observer: Observer;
  /** Tells the reader what is about to happen, or why. */
  say(what: string): void;
  /** Sends as one of the funded accounts. */
  as(chain: ChainName, account: number): Sender;
  /** Lets one of the funded accounts give dollars, in token units, to another. */
  transfer(chain: ChainName, from: number, to: number, amount: bigint): Promise<void>;
  /** Lets a price fall to some dollars on a home chain, and resolve once that block is finished. */
  price(home: HomeName, symbol: Collateral, dollars: bigint): Promise<void>;
  /** Moves the clocks of all chains ahead by as many seconds. */
  passTime(seconds: number): Promise<void>;
}

/** An amount that changed hands, and by which rule. */
export interface Fact {
  readonly what: string;
  /** Smallest units of `token`. */
  readonly amount: bigint;
  readonly token: Pick<Token, 'symbol' | 'decimals'>;
  readonly rule: string;
}

/** What a chapter came to. */
export interface Ending {
  readonly facts: readonly Fact[];
  readonly checks: readonly Check[];
}

/** A told chapter with everything that is printed of it. */
export interface ChapterResult extends Ending {
  readonly network: Network;
  readonly chapter: Chapter;
  readonly records: readonly LiquidationRecord[];
  readonly messages: readonly MessageRecord[];
  readonly before: Snapshot;
  readonly after: Snapshot;
  readonly setupMs: number;
  readonly tookMs: number;
}

/** Returns a home chain's market; of several, the lending protocol's own. Throws DEVNET_NO_SUCH_MARKET. */
export function marketOn(network: Network, home: HomeName): Market {
  const market = network.markets.find((candidate) => candidate.home === home);
  if (market !== undefined) return market;
  throw new GavelError('DEVNET_NO_SUCH_MARKET', 'the network has no market there', { meta: { home } });
}

import type { Ms } from '@gavel/protocol';
import type { Auctions } from './auction/auctions.ts';
import type { KeyGuards } from './auction/key-guard.ts';
import type { Recorder } from './auction/recorder.ts';
import type { ServedMarket } from './auction/served-markets.ts';
import type { ChainAccess } from './chain/access.ts';
import type { ClockWatch } from './clock/watch.ts';
import type { Config } from './config/schema.ts';
import type { Publish } from './gossip/publish.ts';
import type { BiddingSwitch } from './lifecycle/bidding-switch.ts';
import type { Telemetry } from './observe/telemetry.ts';
import type { OrderEvent } from './order/events.ts';
import type { Engine } from './orders/engine.ts';
import type { Flags } from './orders/flags.ts';
import type { Scheduler } from './runtime/scheduler.ts';
import type { Scope } from './runtime/scope.ts';
import type { QuoteRecord, VoteRecord } from './store/records.ts';
import type { Store } from './store/store.ts';

/**
 * What the roles of one node share. Only the wiring of a role sees it; steps of the flow get the few parts
 * they need.
 */
export type Core = {
  readonly config: Config;
  readonly scope: Scope;
  readonly telemetry: Telemetry;
  /** The time to go by, Unix milliseconds: while the wall clock is off, the best estimate. */
  readonly now: () => Ms;
  readonly clock: ClockWatch;
  readonly scheduler: Scheduler;
  readonly chains: ChainAccess;
  readonly markets: readonly ServedMarket[];
  readonly auctions: Auctions;
  readonly store: Store<OrderEvent, VoteRecord, QuoteRecord>;
  /** Whether other nodes use this node's keys. */
  readonly keys: KeyGuards;
  readonly engine: Engine;
  readonly flags: Flags;
  readonly recorder: Recorder;
  readonly publish: Publish;
  /** Whether new promises are made. */
  readonly bidding: BiddingSwitch;
  /** Tells listeners what happens, in the words of the log. */
  readonly tell: (msg: string, fields: Record<string, unknown>) => void;
  /** Bid on paper: publish nothing, send no transaction. */
  readonly dryRun: boolean;
};

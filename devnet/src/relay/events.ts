import type { Hash } from 'viem';

/** What a relayer tells, one JSON line each when it is a process of its own. */
export type RelayerEvent =
  | { readonly event: 'ready'; readonly chains: readonly string[] }
  | { readonly event: 'dispatched'; readonly block: bigint; readonly message: MessageSummary }
  | {
      readonly event: 'delivered';
      readonly message: MessageSummary;
      readonly block: bigint;
      readonly transaction: Hash;
      readonly gasUsed: bigint;
    }
  /** Another relayer had delivered it. */
  | { readonly event: 'already-delivered'; readonly message: MessageSummary }
  /** No known chain, or not in the merkle tree: it cannot be delivered. */
  | { readonly event: 'undeliverable'; readonly message: MessageSummary; readonly reason: string }
  | {
      readonly event: 'delivery-failed';
      readonly message: MessageSummary;
      readonly attempt: number;
      readonly retryInMs: number;
      readonly reason: string;
    }
  | {
      readonly event: 'rpc-failed';
      readonly chain: string;
      readonly attempt: number;
      readonly retryInMs: number;
      readonly reason: string;
    }
  | { readonly event: 'stopped'; readonly reason: string };

/** Which message an event is about. */
export interface MessageSummary {
  readonly id: Hash;
  /** Domains. */
  readonly origin: number;
  readonly destination: number;
}

/** Sees every event. */
export type OnRelayerEvent = (event: RelayerEvent) => void;

import { collateralEscrowAbi } from '@gavel/abi';
import { type Ms, type Seconds, toMs } from '@gavel/protocol';
import { LRUCache } from 'lru-cache';
import type { Hex } from 'viem';
import type { Auctions } from '../auction/auctions.ts';
import type { Observation } from '../auction/derive.ts';
import type { Market } from '../auction/market.ts';
import type { Chain } from '../chain/client.ts';
import type { Sender } from '../chain/sender.ts';
import type { Telemetry } from '../observe/telemetry.ts';
import { type Precedence, runRace } from '../orders/races.ts';

/** What flagging takes. */
export type FlagDeps = {
  readonly auctions: Pick<Auctions, 'of'>;
  readonly chainOf: (domain: number) => Chain;
  readonly senderOf: (chain: Chain) => Sender;
  readonly chainTime: (chain: string) => Seconds | undefined;
  readonly precedence: Precedence;
  /** Milliseconds that auctions have first. */
  readonly afterMs: bigint;
  readonly now: () => Ms;
  readonly telemetry: Telemetry;
};

/** Slots that a position may be missing from before it counts as healed. */
const MISSED_SLOTS = 3n;

type Trouble = { readonly since: bigint; readonly round: bigint; readonly block: bigint };

/**
 * Flags positions that stay unhealthy while nothing lands, so that any account can take them: the auctions
 * had their time, and no certificate is on its way. What is unhealthy comes from the node's own watcher, or
 * from intents, which it derives itself.
 */
export function createFlagger(deps: FlagDeps): {
  unhealthy(market: Market, observed: Observation): Promise<void>;
} {
  const { auctions, precedence, now } = deps;
  const { log, metrics } = deps.telemetry;
  const troubles = new LRUCache<Hex, Trouble>({ max: 65_536 });
  const busy = new Set<Hex>();

  /** Since when a position has been unhealthy without a landing, milliseconds. */
  const since = ({ positionKey, intent, terms }: Observation): bigint => {
    const known = troubles.get(positionKey);
    const gap = known === undefined ? undefined : intent.observedBlock - known.block;
    const goes =
      known?.round === intent.round && gap !== undefined && gap <= MISSED_SLOTS * BigInt(terms.slot);
    const start = goes && known !== undefined ? known.since : now();
    const newest =
      goes && known !== undefined && known.block > intent.observedBlock ? known.block : intent.observedBlock;
    troubles.set(positionKey, { since: start, round: intent.round, block: newest });
    if (!goes) precedence.forget(`flag:${positionKey}`);
    return start;
  };

  const isAwarded = ({ positionKey, intent }: Observation) =>
    auctions
      .of(positionKey, intent.round)
      .some(
        ({ certificate, observed }) =>
          certificate !== undefined && now() <= toMs(observed.intent.openBy + 1n),
      );

  const flag = async (market: Market, observed: Observation): Promise<void> => {
    const { positionKey, intent, terms, health } = observed;
    const home = deps.chainOf(market.domain);
    const time = deps.chainTime(home.name);
    if (time === undefined) return;
    const contract = { abi: collateralEscrowAbi } as const;
    const { collateralEscrow } = home.contracts;
    const flaggedAt = await home.agreed.readContract({
      ...contract,
      address: collateralEscrow,
      functionName: 'flaggedAt',
      args: [positionKey],
    });
    const lapsesAt = flaggedAt + BigInt(terms.takeDelay + 2 * terms.auctionLength);
    if (flaggedAt !== 0n && time <= lapsesAt) return;
    if (!precedence.hasCome(`flag:${positionKey}`)) return;
    const args = [market.id, intent.position] as const;
    const sent = await runRace('flag', metrics, () =>
      deps.senderOf(home).send({ ...contract, to: collateralEscrow, functionName: 'flag', args }),
    );
    precedence.forget(`flag:${positionKey}`);
    if (!sent) return;
    metrics.count('position_flagged');
    log.info({ chain: home.name, market: market.name, positionKey, health }, 'flag sent');
  };

  return {
    async unhealthy(market, observed) {
      const { positionKey } = observed;
      if (now() < since(observed) + deps.afterMs || isAwarded(observed) || busy.has(positionKey)) return;
      busy.add(positionKey);
      try {
        await flag(market, observed);
      } finally {
        busy.delete(positionKey);
      }
    },
  };
}

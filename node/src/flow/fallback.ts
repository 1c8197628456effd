import { collateralEscrowAbi } from '@gavel/contracts';
import { BPS, mulDivUp } from '@gavel/protocol';
import type { Address, Hex } from 'viem';
import type { Market } from '../auction/market.ts';
import { type Assessment, HEALTHY, type Terms } from '../auction/rules.ts';
import type { Chain } from '../chain/client.ts';
import type { Head } from '../chain/heads.ts';
import { revertOf } from '../chain/reverts.ts';
import type { Sender } from '../chain/sender.ts';
import type { Counters } from '../observe/counters.ts';
import type { Logger } from '../observe/logger.ts';
import type { Desk } from './desk.ts';
import type { Flag, Flags } from './flags.ts';
import { risingLot } from './lots.ts';
import { attempt, type Turn } from './races.ts';

/** A flagged position as the chain has it at a head. */
export type Flagged = {
  readonly flag: Flag;
  readonly market: Market;
  readonly chain: Chain;
  readonly head: Head;
  readonly terms: Terms;
  readonly assessment: Assessment;
  /** Unix seconds; 0 if it is flagged no more. */
  readonly flaggedAt: bigint;
};

/** What following flagged positions takes. */
export type FallbackDeps = {
  readonly flags: Pick<Flags, 'unlapsed'>;
  /** A served market by its id and the chain's name. */
  readonly marketOf: (chain: string, market: Hex) => Market | undefined;
  readonly chainOf: (domain: number) => Chain;
  /** What to do about a position; rejects if the chain cannot be asked or refuses. */
  readonly tend: (flagged: Flagged) => Promise<void>;
  readonly log: Logger;
  readonly counters: Counters;
};

/**
 * Look at every flagged position whenever its chain has a new head, each by one look at a time. A look that fails is counted,
 * logged, and repeated at the next head.
 */
export function createFallback(deps: FallbackDeps): { onHead(chain: string, head: Head): Promise<void> } {
  const { log, counters } = deps;
  const busy = new Set<string>();

  const look = async (flag: Flag, head: Head): Promise<void> => {
    const market = deps.marketOf(flag.chain, flag.market);
    if (market === undefined) return;
    const chain = deps.chainOf(market.domain);
    const terms = await market.reads.terms(market.id, head.number);
    const [assessment, flaggedAt] = await Promise.all([
      market.reads.assess(terms.adapter, flag.position, head.number),
      chain.agreed.readContract({
        address: chain.contracts.collateralEscrow,
        abi: collateralEscrowAbi,
        functionName: 'flaggedAt',
        args: [flag.positionKey],
        blockNumber: head.number,
      }),
    ]);
    await deps.tend({ flag, market, chain, head, terms, assessment, flaggedAt });
  };

  return {
    async onHead(name, head) {
      const due = deps.flags.unlapsed(name, head.timestamp);
      await Promise.all(
        due.map(async (flag) => {
          const key = `${name}:${flag.positionKey}`;
          if (busy.has(key)) return;
          busy.add(key);
          try {
            await look(flag, head);
          } catch (error) {
            const reason = revertOf(error)?.errorName ?? 'FAILED';
            counters.count('fallback_failed', { reason });
            log.warn(
              { err: error, chain: name, positionKey: flag.positionKey },
              'flagged position not served',
            );
          } finally {
            busy.delete(key);
          }
        }),
      );
    },
  };
}

/** What clearing flags takes. */
export type ClearDeps = {
  readonly senderOf: (chain: Chain) => Sender;
  readonly turn: Turn;
  readonly log: Logger;
  readonly counters: Counters;
};

/** Make what keepers do about flagged positions: clear the flags of healthy ones, return what a take left to the borrower. */
export function createClearing({ senderOf, turn, log, counters }: ClearDeps): FallbackDeps['tend'] {
  const clear = async ({ flag, market, chain, assessment, flaggedAt }: Flagged): Promise<void> => {
    const subject = `clear:${flag.positionKey}:${flag.lapsesAt}`;
    // Not by the repay amount: a paused protocol has nothing to repay either, and the escrow clears by health.
    if (flaggedAt === 0n || assessment.health < HEALTHY) return turn.over(subject);
    if (!turn.hasCome(subject)) return;
    const args = [market.id, flag.position] as const;
    const to = chain.contracts.collateralEscrow;
    const sent = await attempt('clear', counters, () =>
      senderOf(chain).send({ to, abi: collateralEscrowAbi, functionName: 'clear', args }),
    );
    if (sent) log.info({ chain: chain.name, positionKey: flag.positionKey }, 'clearing sent');
  };

  const returnSurplus = async ({ flag, market, chain, head, assessment }: Flagged): Promise<void> => {
    if (flag.taken === undefined) return;
    const contract = { abi: collateralEscrowAbi } as const;
    const { collateralEscrow } = chain.contracts;
    const waiting = await chain.agreed.readContract({
      ...contract,
      address: collateralEscrow,
      functionName: 'surplusOf',
      args: [flag.positionKey, assessment.collateral],
      blockNumber: head.number,
    });
    const subject = `return:${flag.positionKey}:${flag.taken.tx}`;
    if (waiting === 0n || !turn.hasCome(subject)) return;
    const args = [market.id, flag.position, assessment.collateral] as const;
    await attempt('return', counters, () =>
      senderOf(chain).send({ ...contract, to: collateralEscrow, functionName: 'returnSurplus', args }),
    );
  };

  return async (flagged) => {
    await clear(flagged);
    await returnSurplus(flagged);
  };
}

/** Most that a debt grows between a head and the block that takes the position, basis points: an hour's interest at 88 % a year. */
const ACCRUAL_BPS = 1n;

/** What taking takes. */
export type TakeDeps = {
  readonly desk: Desk;
  /** Receives the collateral. */
  readonly payout: Address;
  /** Count what was taken before, so that spending limits hold over restarts. Rejects if the chain cannot be asked. */
  readonly recall: (chain: Chain) => Promise<void>;
  /** Called with each take of ours. Amount in debt units. */
  readonly onTaken: (taken: {
    readonly tx: Hex;
    readonly domain: number;
    readonly token: Address;
    readonly amount: bigint;
  }) => void;
};

/**
 * Make what solvers do about flagged positions: take them once their delay is over, as soon as the strategy finds the rising lot
 * worth the debt. Payment and delivery are one transaction, on the position's own chain.
 */
export function createTaking({ desk, payout, recall, onTaken }: TakeDeps): FallbackDeps['tend'] {
  return async ({ flag, market, chain, head, terms, assessment, flaggedAt }) => {
    const { repay, seizable, collateral, debt, health } = assessment;
    const start = flaggedAt + BigInt(terms.takeDelay);
    const length = BigInt(terms.auctionLength);
    const isTakeable = flaggedAt !== 0n && head.timestamp >= start && head.timestamp <= start + 2n * length;
    if (!isTakeable || repay === 0n || seizable === 0n || collateral.toLowerCase() === debt.toLowerCase())
      return;
    await recall(chain);
    const lot = risingLot(seizable, { leastBps: BigInt(terms.minLotBps), start, length }, head.timestamp);
    // Debt grows by the second: what is owed when the take is mined may be a little more than at this head.
    const most = repay + mulDivUp(repay, ACCRUAL_BPS, BPS);
    const offer = {
      kind: 'take',
      id: flag.positionKey,
      market,
      position: flag.position,
      round: await market.reads.round(flag.positionKey, head.number),
      collateral,
      debt,
      repay,
      full: seizable,
      lot,
      health,
      pay: { chain, token: debt, amount: most, inDebt: most },
    } as const;
    await desk.consider(offer, async ({ ask, sender }) => {
      const { transactionHash } = await sender.send({
        to: chain.contracts.collateralEscrow,
        abi: collateralEscrowAbi,
        functionName: 'take',
        args: [market.id, flag.position, ask, most, payout],
      });
      onTaken({ tx: transactionHash, domain: chain.domain, token: debt, amount: repay });
    });
  };
}

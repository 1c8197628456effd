import { collateralEscrowAbi } from '@gavel/abi';
import { HEALTHY } from '../auction/rules.ts';
import type { Chain } from '../chain/client.ts';
import type { Sender } from '../chain/sender.ts';
import type { Telemetry } from '../observe/telemetry.ts';
import type { Flagged, FlaggedDeps } from '../orders/flagged.ts';
import { type Precedence, runRace } from '../orders/races.ts';

/** What clearing flags takes. */
export type ClearDeps = {
  readonly senderOf: (chain: Chain) => Sender;
  readonly precedence: Precedence;
  readonly telemetry: Telemetry;
};

/**
 * Makes what keepers do about flagged positions: clear the flags of healthy ones, returns what a take left to
 * the borrower.
 */
export function createClearing({ senderOf, precedence, telemetry }: ClearDeps): FlaggedDeps['serve'] {
  const { log, metrics } = telemetry;
  const clear = async ({ flag, market, chain, assessment, flaggedAt }: Flagged): Promise<void> => {
    const subject = `clear:${flag.positionKey}:${flag.lapsesAt}`;
    // Not by the repay amount: a paused protocol has nothing to repay either, and the escrow clears by
    // health.
    if (flaggedAt === 0n || assessment.health < HEALTHY) return precedence.forget(subject);
    if (!precedence.hasCome(subject)) return;
    const args = [market.id, flag.position] as const;
    const to = chain.contracts.collateralEscrow;
    const sent = await runRace('clear', metrics, () =>
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
    if (waiting === 0n || !precedence.hasCome(subject)) return;
    const args = [market.id, flag.position, assessment.collateral] as const;
    await runRace('return', metrics, () =>
      senderOf(chain).send({ ...contract, to: collateralEscrow, functionName: 'returnSurplus', args }),
    );
  };

  return async (flagged) => {
    await clear(flagged);
    await returnSurplus(flagged);
  };
}

import { collateralEscrowAbi } from '@gavel/abi';
import { isGavelError, type Landing, type Ms, positionKey, type Seconds } from '@gavel/protocol';
import { BaseError } from 'viem';
import { GAVEL_ERRORS } from '../auction/gavel-errors.ts';
import type { Chain } from '../chain/client.ts';
import { despiteLag } from '../chain/lagging.ts';
import { revertOf } from '../chain/reverts.ts';
import type { Sender } from '../chain/sender.ts';
import type { Telemetry } from '../observe/telemetry.ts';
import { hasLapsed } from '../order/deadlines.ts';
import type { OrderView } from '../order/fold.ts';
import { type Awarded, isAwarded } from '../order/views.ts';
import { defineStage, type Stage } from '../orders/runner.ts';

/** The parts that landing needs. */
export type LandDeps = {
  readonly chainOf: (domain: number) => Chain;
  readonly senderOf: (chain: Chain) => Sender;
  /** The chain's own time, Unix seconds; undefined before its first head. */
  readonly chainTime: (chain: string) => Seconds | undefined;
  readonly now: () => Ms;
  readonly telemetry: Telemetry;
};

/** Reverts of a landing that another keeper made first, or whose position was healed meanwhile. */
const OVERTAKEN = new Set(['WrongRound', 'Healthy']);

/**
 * Creates the step that lands awards on their home chain. Any account may land an award, so a landing that
 * another keeper made first is no failure: the evidence comes from the chain's logs. An award that did not
 * land by `openBy` is abandoned.
 */
export function landStage(deps: LandDeps): Stage {
  return defineStage({
    name: 'land',
    due: (view): view is Awarded => view.state === 'awarded' && isAwarded(view),
    async run(view) {
      const { landing } = view;
      const home = deps.chainOf(landing.intent.homeDomain);
      const round = await roundNow(home, landing);
      const time = deps.chainTime(home.name);
      if (round === landing.intent.round && time !== undefined && hasLapsed(view, time)) {
        return [{ type: 'abandoned', reason: 'not landed by openBy', at: deps.now() }];
      }
      // The round has moved on: this award landed, or another award of the same round. The logs will tell
      // which.
      if (round !== landing.intent.round) return hasSettledOtherwise(view, time, deps);
      await send(view, home, deps);
      return [];
    },
  });
}

function hasSettledOtherwise(view: OrderView, time: bigint | undefined, deps: LandDeps) {
  // Two minutes after its window even a slow reader of logs has seen a landing of this award, if there was
  // one.
  if (time === undefined || !hasLapsed(view, time - 120n)) return [];
  return [{ type: 'abandoned' as const, reason: 'another award of the round landed', at: deps.now() }];
}

async function send({ intent, landing }: Awarded, home: Chain, deps: LandDeps): Promise<void> {
  const { log, metrics } = deps.telemetry;
  const fields = { intent, chain: home.name };
  const sender = deps.senderOf(home);
  const to = home.contracts.collateralEscrow;
  try {
    const blockNumber = await home.agreed.getBlockNumber();
    // At a named block: a node that lags would answer for a state in which nothing is to land.
    const { result } = await despiteLag(home, () =>
      home.client.simulateContract({
        address: to,
        abi: collateralEscrowAbi,
        functionName: 'land',
        args: [landing],
        account: sender.address,
        blockNumber,
      }),
    );
    if (result[0] === 0) {
      metrics.count('landing_withheld', { reason: 'ALL_PASSED_OVER' });
      log.info({ ...fields, reason: 'every quote would be passed over' }, 'landing withheld');
      return;
    }
    const receipt = await sender.send({
      to,
      abi: collateralEscrowAbi,
      functionName: 'land',
      args: [landing],
      isPrivate: true,
    });
    log.info({ ...fields, tx: receipt.transactionHash, gas: receipt.gasUsed }, 'landing sent');
  } catch (error) {
    const reason = nameOf(error);
    if (reason === undefined) throw error;
    metrics.count('landing_withheld', { reason });
    const level = OVERTAKEN.has(reason) ? 'debug' : 'info';
    log[level]({ ...fields, reason }, 'landing withheld');
  }
}

/** Returns the name of the error that a landing reverts with; undefined if the chain gave no answer. */
function nameOf(error: unknown): string | undefined {
  if (isGavelError(error, 'REVERTED') || isGavelError(error, 'FAILED'))
    return String(error.meta.errorName ?? error.code);
  if (!(error instanceof BaseError)) return undefined;
  const revert = revertOf(error, GAVEL_ERRORS);
  return revert === undefined ? undefined : (revert.errorName ?? 'REVERTED');
}

async function roundNow(home: Chain, { intent }: Landing): Promise<bigint> {
  return home.client.readContract({
    address: home.contracts.collateralEscrow,
    abi: collateralEscrowAbi,
    functionName: 'rounds',
    args: [positionKey(intent.market, intent.position)],
  });
}

import { collateralEscrowAbi, repaymentEscrowAbi } from '@gavel/abi';
import { type IntentDigest, intentDigest, type Landing, type Ms, sameAddress } from '@gavel/protocol';
import { decodeFunctionData, getAbiItem, type Hex } from 'viem';
import type { Chain } from '../chain/client.ts';
import { readLogs } from '../chain/read-logs.ts';
import type { EventOf } from '../order/events.ts';
import { isTerminal } from '../order/states.ts';
import { isClosed, isKnown, type Known } from '../order/views.ts';
import { payment, unknownEvidence } from './chain-state.ts';
import { readFacts } from './facts.ts';
import { defineStage, type Stage } from './runner.ts';

const FILLED = getAbiItem({ abi: repaymentEscrowAbi, name: 'Filled' });

/**
 * Creates the step that looks on the pay chain for the payment of an open order. Its log normally comes by
 * itself. A log that came before its order was known waits in memory only, and a restart forgets it.
 */
export function findPaymentStage(deps: {
  readonly chainOf: (domain: number) => Chain;
  readonly now: () => Ms;
}): Stage {
  return defineStage({
    name: 'find payment',
    recheckMs: 15_000n,
    due: (view): view is Known =>
      isKnown(view) && view.payment === undefined && !isTerminal(view.state) && !isClosed(view),
    async run({ order, orderId }) {
      const pay = deps.chainOf(order.payDomain);
      const evidence = await payment(pay, orderId);
      if (evidence.kind === 'unknown') throw unknownEvidence(pay, evidence.cause);
      // Without a payment no log is looked for: it could be anywhere in the history of the chain.
      if (evidence.kind !== 'proven') return [];
      const { confirmations, fromBlock } = pay.config;
      const { repaymentEscrow: address } = pay.contracts;
      const head = await pay.agreed.getBlockNumber({ cacheTime: 0 });
      const source = { chain: pay, address, events: [FILLED], args: { orderId } } as const;
      for await (const { logs } of readLogs(source, { fromBlock, newestFirst: true })) {
        const [log] = logs;
        if (log === undefined) continue;
        if (log.blockNumber > head - BigInt(confirmations)) return [];
        return readFacts('pay', pay.name, log, deps.now()).map(({ fact }) => fact);
      }
      return [];
    },
  });
}

/**
 * Reads the award that a transaction landed from its input, for keepers that missed the certificate: they
 * need the position to return surplus to. Undefined if the landing was made through another contract, or is
 * of another intent. Rejects if the chain cannot be asked.
 */
export async function readAward(
  home: Chain,
  tx: Hex,
  intent: IntentDigest,
  at: Ms,
): Promise<EventOf<'awarded'> | undefined> {
  const { input } = await home.client.getTransaction({ hash: tx });
  const escrow = home.contracts.collateralEscrow;
  const isWanted = ({ intent: terms }: Landing) =>
    sameAddress(terms.escrow, escrow) && intentDigest(terms, { chainId: home.chainId, escrow }) === intent;
  const landing = decodeLandings(input).find(isWanted);
  if (landing === undefined) return undefined;
  return { type: 'awarded', landing, quotes: 0, at };
}

/** Reads the landings of a `land` or `landMany`; none of any other call. */
function decodeLandings(data: Hex): Landing[] {
  try {
    const { functionName, args } = decodeFunctionData({ abi: collateralEscrowAbi, data });
    if (functionName !== 'land' && functionName !== 'landMany') return [];
    return args.flat().map((landing) => ({ ...landing, attempt: landing.attempt === 1 ? 1 : 2 }));
  } catch {
    return []; // another contract's call: not readable here, and no failure
  }
}

import { collateralEscrowAbi, repaymentEscrowAbi } from '@gavel/abi';
import { type IntentDigest, intentDigest, type Landing, type Ms, sameAddress } from '@gavel/protocol';
import { decodeFunctionData, getAbiItem, type Hex } from 'viem';
import type { Chain } from '../chain/client.ts';
import type { EventOf } from '../order/events.ts';
import { isTerminal } from '../order/states.ts';
import { isClosed, isKnown, type Known } from '../order/views.ts';
import { readFacts } from './facts.ts';
import { defineStage, type Stage } from './runner.ts';

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
      const head = await pay.agreed.getBlockNumber({ cacheTime: 0 });
      const toBlock = head - BigInt(pay.config.confirmations);
      if (toBlock < pay.config.fromBlock) return [];
      const [log] = await pay.agreed.getLogs({
        address: pay.contracts.repaymentEscrow,
        event: getAbiItem({ abi: repaymentEscrowAbi, name: 'Filled' }),
        args: { orderId },
        fromBlock: pay.config.fromBlock,
        toBlock,
        strict: true,
      });
      if (log === undefined) return [];
      return readFacts('pay', pay.name, log, deps.now()).map(({ fact }) => fact);
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

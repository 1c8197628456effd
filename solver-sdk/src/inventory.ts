import { BPS } from '@gavel/protocol';
import type { Opportunity, PayOption } from './opportunity.ts';
import { mulDivUp } from './rounding.ts';

/**
 * Tells whether the solver can keep a promise to pay this way: the inventory covers the payment, and the free
 * bond what the quote needs of it.
 */
export function isPayable(option: PayOption): boolean {
  return option.available >= option.payAmount && option.bond.free >= option.bond.required;
}

/**
 * Lists the options the solver can pay now, in the order given. May be empty.
 */
export function payableOptions(opportunity: Opportunity): readonly PayOption[] {
  return opportunity.payOptions.filter(isPayable);
}

/**
 * Computes how much of the available inventory this payment would use, in basis points, rounded up: 0 to 10
 * 000. An option whose inventory falls short counts as fully used.
 */
export function utilisationBps(option: PayOption): number {
  const { payAmount, available } = option;
  if (payAmount <= 0n) return 0;
  if (available <= payAmount) return Number(BPS);
  return Number(mulDivUp(payAmount, BPS, available));
}

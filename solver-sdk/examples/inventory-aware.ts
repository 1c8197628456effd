// Cheap while the inventory is full, dear when a payment would nearly empty it.
import {
  askWithMargin,
  basisPoints,
  bestPriced,
  defineStrategy,
  optionsOf,
  payableOptions,
  quote,
  reject,
  utilisationBps,
} from '@gavel/solver-sdk';

const options = optionsOf({
  /** Spread of a payment that takes nothing of the inventory, basis points. */
  baseBps: basisPoints(),
  /** Spread of a payment that takes all of it, basis points. */
  fullBps: basisPoints(),
  /** The most of the available inventory that one payment may take, basis points. */
  maxUtilisationBps: basisPoints().default(10_000),
}).refine(({ baseBps, fullBps }) => fullBps >= baseBps, {
  path: ['fullBps'],
  error: 'expected at least baseBps: the spread must widen as the inventory empties',
});

/**
 * Returns the spread for a utilisation, both in basis points: linear between `baseBps` and `fullBps`, rounded
 * up.
 */
export function spreadAt(
  utilisation: number,
  { baseBps, fullBps }: { readonly baseBps: number; readonly fullBps: number },
): number {
  return Math.ceil((baseBps * (10_000 - utilisation) + fullBps * utilisation) / 10_000);
}

/** Quote a spread that widens with what the payment takes of the pay option's inventory. */
export default defineStrategy({
  name: 'inventory-aware',
  options,
  quote: (opportunity, wanted) => {
    const affordable = payableOptions(opportunity).filter(
      (option) => utilisationBps(option) <= wanted.maxUtilisationBps,
    );
    if (affordable.length === 0) return reject('no pay option is covered within the allowed utilisation');
    const best = bestPriced(opportunity, affordable, (option) =>
      askWithMargin(opportunity, option, spreadAt(utilisationBps(option), wanted)),
    );
    if (best === undefined) return reject('unprofitable: the collateral does not cover cost and spread');
    return quote(best.ask, best.option.domain);
  },
});

// Cheap while the inventory is full, dear when a payment would nearly empty it.
import {
  askWithMargin,
  bestPriced,
  bpsOption,
  defineStrategy,
  parseOptions,
  payableOptions,
  quote,
  reject,
  SdkError,
  utilisationBps,
} from '@gavel/solver-sdk';

/** Options of the inventory-aware market maker, all in basis points. */
export type InventoryAwareOptions = {
  /** Spread of a payment that takes nothing of the inventory. */
  readonly baseBps: number;
  /** Spread of a payment that takes all of it. */
  readonly fullBps: number;
  /** The most of the available inventory one payment may take. Default all. */
  readonly maxUtilisationBps: number;
};

/** Give the spread between `baseBps` and `fullBps` for a utilisation in basis points, linear, rounded up. */
export function spreadAt(utilisation: number, { baseBps, fullBps }: InventoryAwareOptions): number {
  return Math.ceil((baseBps * (10_000 - utilisation) + fullBps * utilisation) / 10_000);
}

/** Quote a spread that widens with what the payment takes of the pay option's inventory. */
export default defineStrategy<InventoryAwareOptions>({
  name: 'inventory-aware',
  options: (raw) => {
    const options = parseOptions<InventoryAwareOptions>(raw, {
      baseBps: bpsOption(),
      fullBps: bpsOption(),
      maxUtilisationBps: bpsOption({ fallback: 10_000 }),
    });
    if (options.fullBps >= options.baseBps) return options;
    const faults = [`fullBps: expected at least baseBps (${options.baseBps}), got ${options.fullBps}`];
    throw new SdkError('BAD_OPTIONS', 'The spread must widen as the inventory empties', { meta: { faults } });
  },
  quote: (opportunity, options) => {
    const affordable = payableOptions(opportunity).filter(
      (option) => utilisationBps(option) <= options.maxUtilisationBps,
    );
    if (affordable.length === 0) return reject('no pay option is covered within the allowed utilisation');
    const best = bestPriced(opportunity, affordable, (option) =>
      askWithMargin(opportunity, option, spreadAt(utilisationBps(option), options)),
    );
    if (best === undefined) return reject('unprofitable: the collateral does not cover cost and spread');
    return quote(best.ask, best.option.domain);
  },
});

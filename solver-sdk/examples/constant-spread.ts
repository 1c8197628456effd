// The same margin on every liquidation, paid wherever that ranks best.
import {
  askWithMargin,
  askWithProfit,
  bestPriced,
  bpsOption,
  defineStrategy,
  parseOptions,
  payableOptions,
  quote,
  reject,
  tokenOption,
  toUnits,
} from '@gavel/solver-sdk';

/** Options of the constant-spread market maker. */
export type ConstantSpreadOptions = {
  /** Profit wanted, in basis points of the payment and its gas. */
  readonly spreadBps: number;
  /** Profit wanted at least, in whole debt tokens, such as "2.5". Default nothing. */
  readonly minProfit: string;
};

/** Quote the larger of a constant spread and a least profit, paying with whichever option ranks best. */
export default defineStrategy<ConstantSpreadOptions>({
  name: 'constant-spread',
  options: (raw) =>
    parseOptions<ConstantSpreadOptions>(raw, {
      spreadBps: bpsOption(),
      minProfit: tokenOption({ fallback: '0' }),
    }),
  quote: (opportunity, { spreadBps, minProfit }) => {
    const payable = payableOptions(opportunity);
    if (payable.length === 0) return reject('no pay option is covered by inventory and bond');
    const leastProfit = toUnits(minProfit, opportunity.debt.decimals);
    const best = bestPriced(opportunity, payable, (option) => {
      const bySpread = askWithMargin(opportunity, option, spreadBps);
      const byProfit = askWithProfit(opportunity, option, leastProfit);
      if (bySpread === undefined || byProfit === undefined || bySpread >= byProfit) return bySpread;
      return byProfit;
    });
    if (best === undefined) return reject('unprofitable: the collateral does not cover cost and spread');
    return quote(best.ask, best.option.domain);
  },
});

// The same margin on every liquidation, paid wherever that ranks best.
import {
  askWithMargin,
  askWithProfit,
  basisPoints,
  bestPriced,
  defineStrategy,
  optionsOf,
  payableOptions,
  quote,
  reject,
  toUnits,
  wholeTokens,
} from '@gavel/solver-sdk';

const options = optionsOf({
  /** Profit wanted, in basis points of the payment and its gas. */
  spreadBps: basisPoints(),
  /** Profit wanted at least, in whole debt tokens, such as "2.5". */
  minProfit: wholeTokens().default('0'),
});

/** Quote the larger of a constant spread and a least profit, paying with the option that ranks best. */
export default defineStrategy({
  name: 'constant-spread',
  options,
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

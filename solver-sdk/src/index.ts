export { BPS, tickOf } from '@gavel/protocol';
export {
  decide,
  decideLot,
  type LotOutcome,
  type Outcome,
  type QuoteOutcome,
  type RejectOutcome,
} from './decide.ts';
export {
  type CheckedDecision,
  checkDecision,
  type Decision,
  type PostponeDecision,
  postpone,
  type QuoteDecision,
  quote,
  type RejectDecision,
  reject,
} from './decision.ts';
export { SdkError, type SdkErrorCode } from './errors.ts';
export { isPayable, payableOptions, utilisationBps } from './inventory.ts';
export {
  assertCoherent,
  freezeOpportunity,
  type Hex,
  KINDS,
  type Kind,
  type Opportunity,
  type PayOption,
  type Token,
} from './opportunity.ts';
export { basisPoints, contractAddress, optionsOf, parseOptions, toUnits, wholeTokens } from './options.ts';
export {
  askWithMargin,
  askWithProfit,
  askWorth,
  bestPriced,
  breakEvenAsk,
  costInDebt,
  isOnTick,
  maximalAsk,
  minimalAsk,
  type PricedOption,
  profitOf,
  rankedAsk,
  snapToTick,
  valueOfAsk,
} from './pricing.ts';
export {
  defineProtocol,
  type EventLog,
  type FindPositions,
  type LendingChain,
  type Protocol,
  type ProtocolDefinition,
  type ProtocolFactory,
  type Read,
} from './protocol.ts';
export { mulDivDown, mulDivUp } from './rounding.ts';
export { defineStrategy, type Strategy, type StrategyDefinition, type StrategyFactory } from './strategy.ts';

export * from './gen/index.ts';
export type { DebtTerms, MarketTerms, RevertName, Route } from './types.ts';

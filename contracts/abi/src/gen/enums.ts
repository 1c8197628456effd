// Generated from the enums of contracts/src by scripts/generate.ts; never edited.

/** The members of the contracts' enum `LotState`, by name. */
export const LotState = { None: 0, OnSale: 1, Claiming: 2, Closed: 3 } as const;
/** A member of the contracts' enum `LotState`. */
export type LotState = (typeof LotState)[keyof typeof LotState];

/** The members of the contracts' enum `OrderState`, by name. */
export const OrderState = { None: 0, Open: 1, Settled: 2, Sold: 3, Refused: 4, Expired: 5 } as const;
/** A member of the contracts' enum `OrderState`. */
export type OrderState = (typeof OrderState)[keyof typeof OrderState];

/** The members of the contracts' enum `PaymentState`, by name. */
export const PaymentState = { None: 0, Filled: 1, Accepted: 2, Refused: 3, Released: 4, Refunded: 5 } as const;
/** A member of the contracts' enum `PaymentState`. */
export type PaymentState = (typeof PaymentState)[keyof typeof PaymentState];

/** The members of the contracts' enum `QuoteStatus`, by name. */
export const QuoteStatus = { Good: 0, NotItsKey: 1, EpochEnded: 2, PayoutNotRegistered: 3, Suspended: 4 } as const;
/** A member of the contracts' enum `QuoteStatus`. */
export type QuoteStatus = (typeof QuoteStatus)[keyof typeof QuoteStatus];

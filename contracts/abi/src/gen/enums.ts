// Generated from the enums of contracts/src by scripts/generate.ts; never edited.

export const LotState = { None: 0, OnSale: 1, Claiming: 2, Closed: 3 } as const;
export type LotState = (typeof LotState)[keyof typeof LotState];

export const OrderState = { None: 0, Open: 1, Settled: 2, Sold: 3, Refused: 4, Expired: 5 } as const;
export type OrderState = (typeof OrderState)[keyof typeof OrderState];

export const PaymentState = { None: 0, Filled: 1, Accepted: 2, Refused: 3, Released: 4, Refunded: 5 } as const;
export type PaymentState = (typeof PaymentState)[keyof typeof PaymentState];

export const QuoteStatus = { Good: 0, NotItsKey: 1, EpochEnded: 2, PayoutNotRegistered: 3, Suspended: 4 } as const;
export type QuoteStatus = (typeof QuoteStatus)[keyof typeof QuoteStatus];

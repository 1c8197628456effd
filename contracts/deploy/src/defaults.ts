/**
 * The rules of a market unless its configuration changes them. docs/how-to/integrate-a-protocol.md gives the
 * reasons. Windows are in seconds, except `quoteWindow` (milliseconds) and `slot` (blocks).
 */
export const DEFAULT_TERMS: Readonly<Record<string, number>> = {
  borrowerBps: 8_000,
  minPartBps: 4_500,
  stressBps: 1_000,
  maxAskBps: 9_900,
  floorBps: 7_000,
  minLotBps: 9_000,
  lateBountyBps: 50,
  fadeBps: 50,
  slot: 4,
  quoteWindow: 3_000,
  landingWindow: 24,
  exclusivity: 120,
  clockSkew: 15,
  fillWindow: 600,
  proofWindow: 7_200,
  auctionLength: 1_800,
  takeDelay: 600,
  capWindow: 3_600,
  trialGas: 2_000_000,
};

/**
 * Most seconds that a market's quote and landing windows may take together: `SolverBonds.PROMISE_HORIZON`.
 */
export const PROMISE_HORIZON = 3_600;

/** Fields of a route unless its configuration says otherwise. */
export const DEFAULT_ROUTE: Readonly<Record<string, number | boolean | string>> = {
  enabled: true,
  feeBps: 5,
  handicapBps: 0,
  bridge: '0x0000000000000000000000000000000000000000',
};

// Generated from VenusAdapter.sol by scripts/generate.ts; never edited.
/** The ABI of `VenusAdapter`. */
export const venusAdapterAbi = [
  {"type":"constructor","inputs":[{"name":"pool","type":"address","internalType":"contract IVenusComptroller"},{"name":"escrow","type":"address","internalType":"address"},{"name":"badDebtRecipient","type":"address","internalType":"address"},{"name":"maxPriceAge","type":"uint256","internalType":"uint256"}],"stateMutability":"nonpayable"},
  {"type":"function","name":"BAD_DEBT_RECIPIENT","inputs":[],"outputs":[{"name":"","type":"address","internalType":"address"}],"stateMutability":"view"},
  {"type":"function","name":"ESCROW","inputs":[],"outputs":[{"name":"","type":"address","internalType":"address"}],"stateMutability":"view"},
  {"type":"function","name":"MAX_PRICE_AGE","inputs":[],"outputs":[{"name":"","type":"uint256","internalType":"uint256"}],"stateMutability":"view"},
  {"type":"function","name":"PROTOCOL","inputs":[],"outputs":[{"name":"","type":"address","internalType":"address"}],"stateMutability":"view"},
  {"type":"function","name":"assess","inputs":[{"name":"position","type":"bytes","internalType":"bytes"}],"outputs":[{"name":"collateral","type":"address","internalType":"address"},{"name":"debt","type":"address","internalType":"address"},{"name":"repay","type":"uint256","internalType":"uint256"},{"name":"seizable","type":"uint256","internalType":"uint256"},{"name":"health","type":"uint256","internalType":"uint256"}],"stateMutability":"view"},
  {"type":"function","name":"liquidate","inputs":[{"name":"position","type":"bytes","internalType":"bytes"},{"name":"repay","type":"uint256","internalType":"uint256"},{"name":"wanted","type":"uint256","internalType":"uint256"},{"name":"recipient","type":"address","internalType":"address"}],"outputs":[{"name":"repaid","type":"uint256","internalType":"uint256"}],"stateMutability":"nonpayable"},
  {"type":"function","name":"prepare","inputs":[{"name":"position","type":"bytes","internalType":"bytes"}],"outputs":[{"name":"collateral","type":"address","internalType":"address"},{"name":"debt","type":"address","internalType":"address"},{"name":"repay","type":"uint256","internalType":"uint256"},{"name":"seizable","type":"uint256","internalType":"uint256"},{"name":"health","type":"uint256","internalType":"uint256"}],"stateMutability":"view"},
  {"type":"function","name":"returnSurplus","inputs":[{"name":"position","type":"bytes","internalType":"bytes"},{"name":"amount","type":"uint256","internalType":"uint256"}],"outputs":[],"stateMutability":"nonpayable"},
  {"type":"error","name":"NonCanonicalPosition","inputs":[]},
  {"type":"error","name":"NotEscrow","inputs":[{"name":"caller","type":"address","internalType":"address"}]},
  {"type":"error","name":"NotListed","inputs":[{"name":"vToken","type":"address","internalType":"address"}]},
  {"type":"error","name":"NothingToLiquidate","inputs":[]},
  {"type":"error","name":"PriceMissing","inputs":[{"name":"source","type":"address","internalType":"address"}]},
  {"type":"error","name":"PriceStale","inputs":[{"name":"source","type":"address","internalType":"address"},{"name":"updatedAt","type":"uint256","internalType":"uint256"}]},
  {"type":"error","name":"SafeERC20FailedOperation","inputs":[{"name":"token","type":"address","internalType":"address"}]},
  {"type":"error","name":"SameAsset","inputs":[{"name":"asset","type":"address","internalType":"address"}]},
  {"type":"error","name":"ZeroAddress","inputs":[]},
] as const;

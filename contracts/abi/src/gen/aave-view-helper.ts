// Generated from AaveViewHelper.sol by scripts/generate.ts; never edited.
/** The ABI of `AaveViewHelper`. */
export const aaveViewHelperAbi = [
  {"type":"constructor","inputs":[{"name":"provider","type":"address","internalType":"contract IAaveAddressesProvider"}],"stateMutability":"nonpayable"},
  {"type":"function","name":"ADDRESSES_PROVIDER","inputs":[],"outputs":[{"name":"","type":"address","internalType":"contract IAaveAddressesProvider"}],"stateMutability":"view"},
  {"type":"function","name":"suggest","inputs":[{"name":"user","type":"address","internalType":"address"}],"outputs":[{"name":"position","type":"bytes","internalType":"bytes"},{"name":"collaterals","type":"tuple[]","internalType":"struct AaveViewHelper.Holding[]","components":[{"name":"asset","type":"address","internalType":"address"},{"name":"value","type":"uint256","internalType":"uint256"},{"name":"threshold","type":"uint256","internalType":"uint256"}]},{"name":"debts","type":"tuple[]","internalType":"struct AaveViewHelper.Owing[]","components":[{"name":"asset","type":"address","internalType":"address"},{"name":"value","type":"uint256","internalType":"uint256"}]}],"stateMutability":"view"},
  {"type":"error","name":"UnknownReserve","inputs":[{"name":"asset","type":"address","internalType":"address"}]},
] as const;

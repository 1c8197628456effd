// Generated from WarpRouteBridge.sol by scripts/generate.ts; never edited.
/** The ABI of `WarpRouteBridge`. */
export const warpRouteBridgeAbi = [
  {"type":"constructor","inputs":[{"name":"router_","type":"address","internalType":"contract IWarpRoute"}],"stateMutability":"nonpayable"},
  {"type":"function","name":"quote","inputs":[{"name":"token_","type":"address","internalType":"address"},{"name":"amount","type":"uint256","internalType":"uint256"},{"name":"domain","type":"uint32","internalType":"uint32"},{"name":"recipient","type":"address","internalType":"address"}],"outputs":[{"name":"fee","type":"uint256","internalType":"uint256"}],"stateMutability":"view"},
  {"type":"function","name":"router","inputs":[],"outputs":[{"name":"","type":"address","internalType":"contract IWarpRoute"}],"stateMutability":"view"},
  {"type":"function","name":"token","inputs":[],"outputs":[{"name":"","type":"address","internalType":"contract IERC20"}],"stateMutability":"view"},
  {"type":"function","name":"transfer","inputs":[{"name":"token_","type":"address","internalType":"address"},{"name":"amount","type":"uint256","internalType":"uint256"},{"name":"domain","type":"uint32","internalType":"uint32"},{"name":"recipient","type":"address","internalType":"address"}],"outputs":[{"name":"transferId","type":"bytes32","internalType":"bytes32"}],"stateMutability":"payable"},
  {"type":"error","name":"ChargesTokens","inputs":[{"name":"token","type":"address","internalType":"address"},{"name":"charged","type":"uint256","internalType":"uint256"},{"name":"amount","type":"uint256","internalType":"uint256"}]},
  {"type":"error","name":"KeptTokens","inputs":[{"name":"balance","type":"uint256","internalType":"uint256"},{"name":"expected","type":"uint256","internalType":"uint256"}]},
  {"type":"error","name":"SafeERC20FailedOperation","inputs":[{"name":"token","type":"address","internalType":"address"}]},
  {"type":"error","name":"WrongToken","inputs":[{"name":"got","type":"address","internalType":"address"},{"name":"carried","type":"address","internalType":"address"}]},
] as const;

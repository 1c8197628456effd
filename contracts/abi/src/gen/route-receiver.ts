// Generated from RouteReceiver.sol by scripts/generate.ts; never edited.
/** The ABI of `RouteReceiver`. */
export const routeReceiverAbi = [
  {"type":"constructor","inputs":[{"name":"vault_","type":"address","internalType":"contract BackstopVault"},{"name":"payDomain_","type":"uint32","internalType":"uint32"}],"stateMutability":"nonpayable"},
  {"type":"function","name":"forward","inputs":[],"outputs":[{"name":"amount","type":"uint256","internalType":"uint256"}],"stateMutability":"nonpayable"},
  {"type":"function","name":"payDomain","inputs":[],"outputs":[{"name":"","type":"uint32","internalType":"uint32"}],"stateMutability":"view"},
  {"type":"function","name":"vault","inputs":[],"outputs":[{"name":"","type":"address","internalType":"contract BackstopVault"}],"stateMutability":"view"},
  {"type":"error","name":"NothingToForward","inputs":[{"name":"balance","type":"uint256","internalType":"uint256"},{"name":"awaited","type":"uint256","internalType":"uint256"}]},
  {"type":"error","name":"SafeERC20FailedOperation","inputs":[{"name":"token","type":"address","internalType":"address"}]},
] as const;

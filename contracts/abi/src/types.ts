import type { AbiParametersToPrimitiveTypes, ExtractAbiErrorNames, ExtractAbiFunction } from 'abitype';
import type { backstopVaultAbi } from './gen/backstop-vault.ts';
import type { collateralEscrowAbi } from './gen/collateral-escrow.ts';
import type { marketRegistryAbi } from './gen/market-registry.ts';
import type { repaymentEscrowAbi } from './gen/repayment-escrow.ts';
import type { routeReceiverAbi } from './gen/route-receiver.ts';
import type { solverBondsAbi } from './gen/solver-bonds.ts';

/** The name of an error that one of Gavel's contracts may revert with. */
export type RevertName = ExtractAbiErrorNames<
  | typeof backstopVaultAbi
  | typeof collateralEscrowAbi
  | typeof marketRegistryAbi
  | typeof repaymentEscrowAbi
  | typeof routeReceiverAbi
  | typeof solverBondsAbi
>;

type Returned<Name extends 'terms' | 'debtTerms' | 'route'> = AbiParametersToPrimitiveTypes<
  ExtractAbiFunction<typeof marketRegistryAbi, Name>['outputs']
>[0];

/** The struct `Terms`: windows in seconds, shares in basis points. */
export type MarketTerms = Readonly<Returned<'terms'>>;
/**
 * The struct `DebtTerms`: what a debt token's landings cost, in debt units, and the vault that fronts them.
 */
export type DebtTerms = Readonly<Returned<'debtTerms'>>;
/** The struct `Route`: how debt is paid from another domain. */
export type Route = Readonly<Returned<'route'>>;

import {
  backstopVaultAbi,
  collateralEscrowAbi,
  marketRegistryAbi,
  repaymentEscrowAbi,
  solverBondsAbi,
} from '@gavel/abi';
import type { Abi } from 'viem';

/** Every error of Gavel's contracts: a call to one of them may pass on the errors of the others. */
export const GAVEL_ERRORS: Abi = [
  collateralEscrowAbi,
  repaymentEscrowAbi,
  solverBondsAbi,
  marketRegistryAbi,
  backstopVaultAbi,
].flatMap((abi: Abi) => abi.filter(({ type }) => type === 'error'));

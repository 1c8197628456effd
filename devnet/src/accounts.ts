import { GavelError } from '@gavel/protocol';
import { type Address, type Hex, toHex } from 'viem';
import { mnemonicToAccount } from 'viem/accounts';

/** The mnemonic of every local chain's funded accounts; public knowledge, never to hold value. */
export const MNEMONIC = 'test test test test test test test test test test test junk';

/** How many accounts of the mnemonic every chain funds. */
export const ACCOUNTS = 30;

/** A funded account and its key. */
export interface DevAccount {
  readonly address: Address;
  readonly privateKey: Hex;
}

/** Derives one of the funded accounts, 0 to 29. Throws DEVNET_NO_SUCH_ACCOUNT outside that range. */
export function devAccount(index: number): DevAccount {
  if (!Number.isInteger(index) || index < 0 || index >= ACCOUNTS) {
    throw new GavelError('DEVNET_NO_SUCH_ACCOUNT', 'no such funded account; choose a lower index', {
      meta: { index, accounts: ACCOUNTS },
    });
  }
  return derive(index);
}

/** Derives the key of a Hyperlane validator; these sign only, so no chain funds them. */
export function validatorAccount(index: number): DevAccount {
  return derive(1_000 + index);
}

function derive(addressIndex: number): DevAccount {
  const account = mnemonicToAccount(MNEMONIC, { addressIndex });
  const key = account.getHdKey().privateKey;
  if (key === null) {
    throw new GavelError('DEVNET_NO_SUCH_ACCOUNT', 'the account derives no key', { meta: { addressIndex } });
  }
  return { address: account.address, privateKey: toHex(key) };
}

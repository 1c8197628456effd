import { GavelError } from '@gavel/protocol';
import { type Address, type Hex, isAddress, isHex } from 'viem';

/** One chain, as the relayer needs to know it. */
export interface RelayedChain {
  readonly name: string;
  /** Hyperlane domain. */
  readonly domain: number;
  readonly rpcUrl: string;
  readonly mailbox: Address;
  readonly merkleTreeHook: Address;
  /** Key that pays for and signs deliveries to this chain; used by nothing else. */
  readonly privateKey: Hex;
  /** Messages are read from this block on. The merkle tree must still be empty before it. */
  readonly fromBlock: number;
}

/** What a relayer runs on; plain data, so that it can be a JSON file. */
export interface RelayerConfig {
  readonly chains: readonly RelayedChain[];
  /** Keys of the validators whose signatures the security modules ask for. */
  readonly validators: readonly Hex[];
  /** How many of them sign. */
  readonly threshold: number;
  /** Milliseconds between looks at a chain. */
  readonly pollMs: number;
}

/** Checks a relayer's configuration, naming all its faults. Throws DEVNET_RELAYER_CONFIG. */
export function parseRelayerConfig(value: unknown): RelayerConfig {
  const faults: string[] = [];
  const expect = (ok: boolean, fault: string) => ok || faults.push(fault);
  const config = record(value);
  const chains = Array.isArray(config.chains) ? config.chains : [];
  expect(chains.length >= 2, 'chains: expected at least two');
  chains.forEach((entry, at) => {
    const chain = record(entry);
    const where = `chains[${at}]`;
    expect(typeof chain.name === 'string', `${where}.name: expected text`);
    expect(isCount(chain.domain), `${where}.domain: expected a positive integer`);
    expect(URL.canParse(String(chain.rpcUrl)), `${where}.rpcUrl: expected a URL`);
    expect(isAddress(String(chain.mailbox)), `${where}.mailbox: expected an address`);
    expect(isAddress(String(chain.merkleTreeHook)), `${where}.merkleTreeHook: expected an address`);
    expect(isKey(chain.privateKey), `${where}.privateKey: expected a 32-byte key`);
    expect(chain.fromBlock === 0 || isCount(chain.fromBlock), `${where}.fromBlock: expected a block number`);
  });
  const validators = Array.isArray(config.validators) ? config.validators : [];
  expect(validators.length > 0 && validators.every(isKey), 'validators: expected 32-byte keys');
  expect(
    isCount(config.threshold) && Number(config.threshold) <= validators.length,
    'threshold: expected 1 to the number of validators',
  );
  expect(isCount(config.pollMs), 'pollMs: expected a positive integer');
  if (faults.length > 0) {
    throw new GavelError('DEVNET_RELAYER_CONFIG', 'the relayer cannot run on its configuration; correct it', {
      meta: { faults: faults.join('; ') },
    });
  }
  return value as RelayerConfig;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) > 0;
}

function isKey(value: unknown): boolean {
  return isHex(value, { strict: true }) && value.length === 66;
}

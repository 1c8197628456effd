import { addressOfKey, addressProblem, marketId, sameAddress } from '@gavel/protocol';
import { type Address, getAddress, parseUnits } from 'viem';
import { debtTokensOf } from '../auction/debt-tokens.ts';
import { GAVEL_ERRORS } from '../auction/gavel-errors.ts';
import { type Chain, connectChains, verifyChain } from '../chain/client.ts';
import { createSender, type Sender } from '../chain/sender.ts';
import { describeToken, type TokenFacts } from '../chain/tokens.ts';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { readKey } from '../config/secrets.ts';
import { createCounters } from '../observe/counters.ts';
import { silentLogger } from '../observe/logger.ts';
import { CliError } from './errors.ts';
import { type ConfigOptions, flagsOf, warn } from './options.ts';

/** The options by which a command finds the key of the solver's account. */
export type AccountOptions = ConfigOptions & {
  chain?: string;
  token?: string;
  keyEnv?: string;
  keyFile?: string;
  keystore?: string;
  passwordFile?: string;
  passwordEnv?: string;
};

/** The solver's account in reach of a command. */
export type AccountReach = {
  readonly account: Address;
  readonly payout: Address;
  readonly chains: readonly Chain[];
  /** The one chain a command is for. Throws BAD_ARGUMENT. */
  chain(): Chain;
  tokensOf(chain: Chain): Promise<TokenFacts[]>;
  /** The one token a command is for. Throws BAD_ARGUMENT. */
  token(): Promise<TokenFacts>;
  /** Send as the account. Throws BAD_ARGUMENT if the key at hand is another's. */
  sender(): Promise<Sender>;
  /** Let go of the chains. */
  close(): Promise<void>;
};

/** Reach the account of the configured solver on its home chains. Throws ConfigError, CliError. */
export async function reachAccount(options: AccountOptions): Promise<AccountReach> {
  const config = await loadConfig({
    file: options.config,
    flags: flagsOf(options),
    withoutSecrets: true,
    warn,
  });
  const { solver } = config;
  if (solver === undefined) throw new CliError('BAD_ARGUMENT', 'The configuration has no solver, so no bond');
  const homes = new Set(config.markets.map((market) => market.chain));
  const chains = [...connectChains(config, undefined, GAVEL_ERRORS).values()].filter(({ name }) =>
    homes.has(name),
  );

  const chain = () => {
    const [only, ...others] =
      options.chain === undefined ? chains : chains.filter(({ name }) => name === options.chain);
    if (only !== undefined && others.length === 0) return only;
    throw new CliError('BAD_ARGUMENT', 'On which home chain? Give --chain', {
      meta: { chains: chains.map(({ name }) => name).join(', ') },
    });
  };
  const tokensOf = async (home: Chain) => {
    const served = config.markets.filter((market) => market.chain === home.name);
    const debts = (await Promise.all(served.map(({ id }) => debtTokensOf(home, marketId(id))))).flat();
    const chosen = options.token === undefined ? debts : [addressIn(options.token, '--token')];
    return Promise.all([...new Set(chosen)].map((token) => describeToken(home, token)));
  };
  return {
    account: solver.account,
    payout: solver.payout,
    chains,
    chain,
    tokensOf,
    async token() {
      const tokens = await tokensOf(chain());
      const [only, ...others] = tokens;
      if (only !== undefined && others.length === 0) return only;
      throw new CliError('BAD_ARGUMENT', 'Which token? Give --token', {
        meta: { tokens: tokens.map(({ symbol, address }) => `${symbol} ${address}`).join(', ') },
      });
    },
    async close() {
      await Promise.all(chains.map((home) => home.close()));
    },
    async sender() {
      const key = await readKey(keyRef(options, solver.key));
      if (!sameAddress(addressOfKey(key), solver.account)) {
        throw new CliError(
          'BAD_ARGUMENT',
          'Only the account itself can do this: give its key by --key-env, --key-file or --keystore',
          {
            meta: { account: solver.account, got: addressOfKey(key) },
          },
        );
      }
      const log = silentLogger();
      await verifyChain(chain(), { signal: AbortSignal.timeout(15_000), log });
      return createSender({ chain: chain(), key, telemetry: { log, metrics: createCounters() } });
    },
  };
}

/** Read an address from the command line. Throws BAD_ARGUMENT. */
export function addressIn(text: string, what: string): Address {
  const problem = addressProblem(text);
  if (problem === undefined) return getAddress(text.toLowerCase());
  throw new CliError('BAD_ARGUMENT', problem, { meta: { argument: what, got: text } });
}

/** Read an amount of whole tokens from the command line into token units. Throws BAD_ARGUMENT. */
export function amountIn(text: string, { decimals }: Pick<TokenFacts, 'decimals'>): bigint {
  const [, fraction = ''] = text.split('.');
  if (/^\d{1,18}(\.\d+)?$/.test(text) && fraction.length <= decimals) {
    const amount = parseUnits(text, decimals);
    if (amount > 0n) return amount;
  }
  throw new CliError(
    'BAD_ARGUMENT',
    `Expected an amount of whole tokens, with at most ${decimals} decimals`,
    {
      meta: { got: text },
    },
  );
}

function keyRef(options: AccountOptions, usual: NonNullable<Config['solver']>['key']): typeof usual {
  const { keyEnv, keyFile, keystore, passwordFile, passwordEnv } = options;
  if (keyEnv !== undefined) return { env: keyEnv };
  if (keyFile !== undefined) return { file: keyFile };
  if (keystore === undefined) return usual;
  if (passwordFile !== undefined) return { keystore, passwordFile };
  if (passwordEnv !== undefined) return { keystore, passwordEnv };
  throw new CliError('BAD_ARGUMENT', 'A keystore needs --password-file or --password-env');
}

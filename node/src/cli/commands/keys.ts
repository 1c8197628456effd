import { readFile, writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { CliError } from '../errors.ts';

type KeysOptions = { passwordFile?: string; passwordEnv?: string; keyFile?: string; keyEnv?: string };

/** Fewest characters of a password: a finder of the file has time to guess. */
const LEAST_PASSWORD = 12;

/** Adds `gavel keys`: encrypted keys, never printed. */
export function addKeys(program: Command): void {
  const keys = program
    .command('keys')
    .summary('make, import and look at encrypted keys')
    .description(
      `Keep keys in encrypted keystores, the version 3 files that other Ethereum wallets read too. A key is never printed.

Refer to one in the configuration by
  key: { keystore: hot.json, passwordFile: hot.password }   or   passwordEnv: NAME`,
    );
  password(keys.command('new <file>'))
    .summary('make a new key and encrypt it into a file')
    .action(async (file: string, options: KeysOptions) => {
      const { generatePrivateKey } = await import('viem/accounts');
      await keep(file, generatePrivateKey(), options);
    });
  password(keys.command('import <file>'))
    .summary('encrypt a key you have into a file')
    .option('--key-file <file>', 'file with the key: 32 bytes in hexadecimal')
    .option('--key-env <name>', 'environment variable with the key')
    .action(async (file: string, options: KeysOptions) => {
      const { readKey } = await import('../../config/secrets.ts');
      await keep(file, await readKey(keyRef(options)), options);
    });
  keys
    .command('address <file>')
    .summary('print the address of a keystore, without its password')
    .action(async (file: string) => {
      const { addressIn } = await import('@gavel/protocol/keystore');
      const { getAddress } = await import('viem');
      const address = addressIn(await read(file));
      if (address === undefined)
        throw new CliError('BAD_ARGUMENT', 'The keystore keeps its address to itself', { meta: { file } });
      process.stdout.write(`${getAddress(address)}\n`);
    });
}

function password(command: Command): Command {
  return command
    .option('--password-file <file>', 'file with the password; asked for if neither is given')
    .option('--password-env <name>', 'environment variable with the password');
}

async function keep(file: string, key: `0x${string}`, options: KeysOptions): Promise<void> {
  const [{ encryptKey }, { privateKeyToAddress }] = await Promise.all([
    import('@gavel/protocol/keystore'),
    import('viem/accounts'),
  ]);
  const json = await encryptKey(key, await passwordFor(options));
  try {
    await writeFile(file, json, { mode: 0o600, flag: 'wx' });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    throw new CliError('EXISTS', 'There is a file of this name: keys are not overwritten', {
      meta: { file },
      cause,
    });
  }
  process.stdout.write(
    `${privateKeyToAddress(key)} is in ${file}. Keep the password: the key cannot be recovered without it.\n`,
  );
}

async function passwordFor({ passwordFile, passwordEnv }: KeysOptions): Promise<string> {
  const { readPassword } = await import('../../config/secrets.ts');
  const given =
    passwordFile !== undefined
      ? await readPassword({ keystore: '', passwordFile })
      : passwordEnv !== undefined
        ? await readPassword({ keystore: '', passwordEnv })
        : await askPassword();
  if (given.length >= LEAST_PASSWORD) return given;
  throw new CliError('BAD_ARGUMENT', `The password is too short: at least ${LEAST_PASSWORD} characters`);
}

async function askPassword(): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new CliError(
      'BAD_ARGUMENT',
      'There is no terminal to ask for a password: give --password-file or --password-env',
    );
  }
  const { password: ask } = await import('@inquirer/prompts');
  const first = await ask({ message: 'Password', mask: true });
  const second = await ask({ message: 'Again', mask: true });
  if (first === second) return first;
  throw new CliError('CANCELLED', 'The two passwords differ: nothing was written');
}

function keyRef({ keyFile, keyEnv }: KeysOptions): { file: string } | { env: string } {
  if (keyFile !== undefined) return { file: keyFile };
  if (keyEnv !== undefined) return { env: keyEnv };
  throw new CliError(
    'BAD_ARGUMENT',
    'Where is the key? Give --key-file or --key-env: an argument would stay in your history',
  );
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new CliError('BAD_ARGUMENT', 'The keystore cannot be read', { meta: { file }, cause });
  }
}

/** What every npm script with options shares: its command line, its numbers, and where its data goes. */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';

/** Exit code of a command line that names an unknown option or an invalid value. */
const USAGE_ERROR = 2;

/** What follows the command's name in its usage line: npm passes on what follows two dashes. */
export const OPTIONS_USAGE = '-- [options]';

/**
 * Returns a command for `npm run NAME -- …`: `--help` prints the usage and exits with 0; an unknown option, a
 * surplus argument or an invalid value prints an instruction and exits with 2. Subcommands inherit these exit
 * codes. Without a name, the command is the parent of several such commands.
 */
export function npmCommand(name: string, description: string): Command {
  endWithReader();
  return new Command(`npm run ${name}`.trimEnd())
    .usage(OPTIONS_USAGE)
    .description(description)
    .allowExcessArguments(false)
    .showHelpAfterError('Run the same command with "-- --help" to see its options.')
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : USAGE_ERROR));
}

/**
 * Ends this process without a word once the reader of its output has gone, as `head` goes when it has enough.
 * A process that handles SIGTERM ends as it does then, so that it stops what it started.
 */
export function endWithReader(): void {
  let isGone = false;
  const onError = (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    if (isGone) return;
    isGone = true;
    if (process.listenerCount('SIGTERM') === 0) process.exit();
    process.kill(process.pid, 'SIGTERM');
  };
  process.stdout.on('error', onError);
  process.stderr.on('error', onError);
}

/** Reads an option's whole number of at least 0. */
export function whole(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value))
    throw new InvalidArgumentError('Expected a whole number.');
  return value;
}

/** Reads an option's whole number of at least 1. */
export function count(text: string): number {
  const value = whole(text);
  if (value === 0) throw new InvalidArgumentError('Expected a whole number above 0.');
  return value;
}

/**
 * Returns the file that a user names, relative to the folder of the npm command. npm changes into the
 * package's folder.
 */
export function userPath(file: string): string {
  return resolve(process.env.INIT_CWD ?? '.', file);
}

/**
 * Writes data for programs to the file that a user names, bigints as decimal strings. Does nothing without a
 * file.
 */
export async function writeData(file: string | undefined, data: unknown): Promise<void> {
  if (file === undefined) return;
  const text = JSON.stringify(data, (_, field) => (typeof field === 'bigint' ? field.toString() : field), 2);
  await writeFile(userPath(file), `${text}\n`);
}

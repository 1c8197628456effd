import { type Command, Option } from 'commander';
import type { Fault } from '../config/errors.ts';
import type { Flags } from '../config/load.ts';

/** The options by which every command finds its configuration. */
export type ConfigOptions = { config: string; dataDir?: string; logLevel?: string; logFormat?: string };

/** Adds the options by which a command finds its configuration. */
export function configOption(command: Command): Command {
  return command
    .addOption(
      new Option('-c, --config <file>', 'YAML configuration').env('GAVEL_CONFIG').makeOptionMandatory(),
    )
    .addOption(new Option('--data-dir <directory>', 'where to keep state, instead of dataDir'))
    .addOption(
      new Option('--log-level <level>', 'instead of log.level').choices(['debug', 'info', 'warn', 'error']),
    )
    .addOption(new Option('--log-format <format>', 'instead of log.format').choices(['json', 'pretty']));
}

/** Picks what overrides the configuration. */
export function flagsOf({ dataDir, logLevel, logFormat }: ConfigOptions): Flags {
  return {
    ...(dataDir === undefined ? {} : { dataDir }),
    ...(logLevel === undefined ? {} : { logLevel }),
    ...(logFormat === undefined ? {} : { logFormat }),
  };
}

/** Warns on standard error of a variable of the environment that sets nothing. */
export function warn({ path, problem }: Fault): void {
  process.stderr.write(`warning: ${path}: ${problem}\n`);
}

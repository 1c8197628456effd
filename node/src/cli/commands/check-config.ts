import type { Command } from 'commander';
import type { Config } from '../../config/schema.ts';
import { type ConfigOptions, configOption, flagsOf, warn } from '../options.ts';

/** Adds `gavel check-config`: print the configuration as a node would use it, or every fault in it. */
export function addCheckConfig(program: Command): void {
  configOption(program.command('check-config'))
    .summary('check a configuration and print it as a node would use it')
    .description(
      `Check a configuration without starting anything.

Prints the result of file, environment and flags as a configuration file, with defaults filled in and RPC URLs cut to their
hosts. Reads keys and tokens, and loads strategy and protocols with their options. If anything is wrong, lists every fault and exits with 2.`,
    )
    .option('--json', 'print JSON instead of YAML')
    .action(async (options: ConfigOptions & { json?: boolean }) => {
      // Imported late, so that help is instant.
      const [{ loadConfig }, { redactConfig }, { protocolFaults }, { strategyFaults }, { stringify }] =
        await Promise.all([
          import('../../config/load.ts'),
          import('../../config/redact.ts'),
          import('../../positions/protocols.ts'),
          import('../../solver/strategy.ts'),
          import('yaml'),
        ]);
      const file = { file: options.config, flags: flagsOf(options) };
      const examine = async (given: Partial<Config>) => [
        ...(await strategyFaults(given)),
        ...(await protocolFaults(given)),
      ];
      const config = redactConfig(await loadConfig({ ...file, warn, examine }));
      process.stdout.write(
        options.json === true ? `${JSON.stringify(config, null, 2)}\n` : stringify(config),
      );
    });
}

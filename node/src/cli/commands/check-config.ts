import type { Command } from 'commander';
import { type ConfigOptions, configOption, flagsOf } from '../options.ts';

/** Adds `gavel check-config`: print the configuration as a node would use it, or every fault in it. */
export function addCheckConfig(program: Command): void {
  configOption(program.command('check-config'))
    .summary('check a configuration and print it as a node would use it')
    .description(
      `Check a configuration without starting anything.

Prints the result of file, environment and flags, with defaults filled in and whatever may be secret left out.
If anything is wrong, lists every fault and exits with 2.`,
    )
    .option('--json', 'print JSON instead of YAML')
    .action(async (options: ConfigOptions & { json?: boolean }) => {
      // Imported late, so that help is instant.
      const [{ loadConfig }, { redactConfig }, { stringify }] = await Promise.all([
        import('../../config/load.ts'),
        import('../../config/redact.ts'),
        import('yaml'),
      ]);
      const config = redactConfig(await loadConfig({ file: options.config, flags: flagsOf(options) }));
      process.stdout.write(
        options.json === true ? `${JSON.stringify(config, null, 2)}\n` : stringify(config),
      );
    });
}

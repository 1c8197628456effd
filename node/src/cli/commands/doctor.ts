import type { Command } from 'commander';
import { EXIT } from '../exit-codes.ts';
import { type ConfigOptions, configOption, flagsOf, warn } from '../options.ts';

const MARKS = { ok: '✓', warn: '!', fail: '✗', follows: '·' } as const;

/** Adds `gavel doctor`: check everything a node needs. */
export function addDoctor(program: Command): void {
  configOption(program.command('doctor'))
    .summary('check everything a node needs, and say what to do')
    .description(
      `Check everything a node needs, without starting it or changing anything: RPC endpoints and their chain ids, clocks,
contract code, markets, keys and gas, the solver's registration and bond, peers, data directory.

✓ is fine, ! is worth knowing, ✗ has to be mended, · follows from a ✗ and is not counted. Exits with 1 if there is a ✗.`,
    )
    .option('--json', 'print findings as JSON')
    .action(async (options: ConfigOptions & { json?: boolean }) => {
      // Imported late, so that help is instant.
      const [{ loadConfig }, { examineNode }, { layOut }] = await Promise.all([
        import('../../config/load.ts'),
        import('../../doctor/doctor.ts'),
        import('../table.ts'),
      ]);
      const findings = await examineNode(
        await loadConfig({ file: options.config, flags: flagsOf(options), warn }),
      );
      const failed = findings.filter(({ status }) => status === 'fail').length;
      if (options.json === true) {
        process.stdout.write(`${JSON.stringify({ ok: failed === 0, findings }, null, 2)}\n`);
      } else {
        const columns = [
          { head: '', of: ({ status }: (typeof findings)[number]) => MARKS[status] },
          { head: 'what', of: ({ subject }: (typeof findings)[number]) => subject },
          { head: 'check', of: ({ check }: (typeof findings)[number]) => check },
          {
            head: 'found',
            of: ({ found, next }: (typeof findings)[number]) =>
              next === undefined ? found : `${found}\n→ ${next}`,
          },
        ];
        process.stdout.write(layOut(findings, columns, 'Nothing to check.'));
        process.stdout.write(failed === 0 ? '\nReady to start.\n' : `\n${failed} to mend before starting.\n`);
      }
      process.exitCode = failed === 0 ? EXIT.ok : EXIT.failed;
    });
}

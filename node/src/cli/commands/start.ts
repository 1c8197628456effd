import type { Command } from 'commander';
import { type ConfigOptions, configOption, flagsOf, warn } from '../options.ts';

/** Milliseconds a stopped process may take to let go of its handles before it is ended, and says which. */
const LINGER_MS = 3_000;

/** Adds `gavel start`: run a node until it is asked to stop or fails. */
export function addStart(program: Command): void {
  configOption(program.command('start'))
    .summary('run a node')
    .description(
      `Run a node in the foreground, in the roles its configuration names.

Logs one JSON object a line to standard output, "ready" once it has joined the network. Ctrl-C stops it
cleanly; SIGTERM, or the end of the pipe it logs to, first lets it finish what is in flight, for shutdown.drainMs at most; a
second signal ends it at once. Everything it must remember lies in dataDir: starting again goes on from there.`,
    )
    .option(
      '--dry-run',
      'bid on paper: publish nothing, send no transaction, and log what would have been won; only the solver runs',
    )
    .action(async (options: ConfigOptions & { dryRun?: boolean }) => {
      // Imported late, so that help is instant.
      const [{ loadConfig }, { createLogger }, { runNode }] = await Promise.all([
        import('../../config/load.ts'),
        import('../../observe/logger.ts'),
        import('../run-node.ts'),
      ]);
      const config = await loadConfig({ file: options.config, flags: flagsOf(options), warn });
      // A node whose log is read no more was started in a pipe that has ended: it is asked to stop, too.
      const log = createLogger({ ...config.log, onReaderGone: () => process.kill(process.pid, 'SIGTERM') });
      process.exitCode = await runNode(config, log, { dryRun: options.dryRun === true });
      setTimeout(() => {
        log.warn({ handles: process.getActiveResourcesInfo() }, 'handles left open, ending the process');
        process.exit();
      }, LINGER_MS).unref();
    });
}

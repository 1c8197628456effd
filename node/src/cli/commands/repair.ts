import type { Command } from 'commander';
import { type ConfigOptions, configOption, flagsOf, warn } from '../options.ts';

type Options = ConfigOptions & { fromChain?: boolean; json?: boolean };

/** Adds `gavel repair`: bring damaged records back into use. */
export function addRepair(program: Command): void {
  configOption(program.command('repair'))
    .summary('bring damaged records back into use, from what is readable and from the chains')
    .description(
      `Check the records in dataDir, and repair them if they are damaged or incomplete. Stop the node first.

Whatever is readable is saved into a new store, and the old one is kept beside it. At the next start chains are read again
from their fromBlock, which brings back every order, payment and verdict.

What chains do not know is lost if it is unreadable: votes, and quotes that have not landed. So for one quote window and one
landing window after a repair the node neither votes nor bids, lest it contradict what it signed before. A won order whose
quote is lost is paid if its landing holds the quote, signed by this node's key before the loss.

Exits with 0 if the records are sound, or sound now.`,
    )
    .option('--from-chain', 'save nothing, even if it is readable: begin anew from the chains')
    .option('--json', 'print JSON')
    .action(async (options: Options) => {
      // Imported late, so that help is instant.
      const [{ loadConfig }, { createLogger }, { repairStore }] = await Promise.all([
        import('../../config/load.ts'),
        import('../../observe/logger.ts'),
        import('../../store/repair.ts'),
      ]);
      const config = await loadConfig({
        file: options.config,
        flags: flagsOf(options),
        withoutSecrets: true,
        warn,
      });
      const result = await repairStore({
        dir: `${config.dataDir}/store`,
        log: createLogger({ ...config.log, level: 'error' }),
        fromChain: options.fromChain === true,
        now: BigInt(Date.now()),
      });
      if (options.json === true) {
        const plain = result.kind === 'sound' ? result : { ...result, lostAt: Number(result.lostAt) };
        process.stdout.write(`${JSON.stringify(plain, null, 2)}\n`);
        return;
      }
      if (result.kind === 'sound') {
        process.stdout.write('The records are sound: nothing was changed.\n');
        return;
      }
      const { saved, unreadable, kept } = result;
      process.stdout.write(
        `Saved ${saved.orders} orders with ${saved.events} events, ${saved.votes} votes, ${saved.quotes} quotes, ${saved.auctions} auctions and ` +
          `${saved.transactions} signed transactions; ${unreadable} records could not be read.\n` +
          `${kept === undefined ? 'There was no store to keep.' : `The damaged store is kept in ${kept}.`}\n` +
          'The node can be started. It reads the chains again, and votes and bids once nothing it may have signed can land.\n',
      );
    });
}

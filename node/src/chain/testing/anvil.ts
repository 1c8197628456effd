import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

/** A running anvil: a real chain of one node. */
export type Anvil = {
  readonly url: string;
  readonly port: number;
  /** Ends the process; resolves once it is gone. */
  stop(): Promise<void>;
};

/** An account that anvil funds. */
export const FUNDED_KEY = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80';

/**
 * Starts anvil without mining unless asked (`evm_mine`), on `port` or a free one; resolves once it listens.
 */
export async function startAnvil(
  options: {
    readonly port?: number;
    readonly chainId?: number;
    readonly automine?: boolean;
    /** Mine at once, and a block every so many seconds besides. */
    readonly blockTime?: number;
    readonly state?: string;
  } = {},
): Promise<Anvil> {
  const { port = 0, chainId = 31337, blockTime, automine = blockTime !== undefined, state } = options;
  const args = ['--host', '127.0.0.1', '--port', String(port), '--chain-id', String(chainId)];
  if (!automine) args.push('--no-mining');
  if (blockTime !== undefined) args.push('--block-time', String(blockTime), '--mixed-mining');
  if (state !== undefined) args.push('--state', state);
  const child = spawn(binary(), args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const orphaned = () => child.kill('SIGKILL');
  process.once('exit', orphaned);
  const bound = await listening(child);
  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
      process.off('exit', orphaned);
    },
  };
}

/** Finds the binary itself, so that ending the process ends anvil and not a wrapper. */
function binary(): string {
  const arch = process.arch === 'x64' ? 'amd64' : 'arm64';
  const require = createRequire(import.meta.url);
  const inside = createRequire(require.resolve('@foundry-rs/anvil/package.json'));
  return inside.resolve(`@foundry-rs/anvil-${process.platform}-${arch}/bin/anvil`);
}

async function listening(child: ChildProcess): Promise<number> {
  if (child.stdout === null) throw new TypeError('anvil has no standard output');
  for await (const line of createInterface({ input: child.stdout })) {
    const port = /Listening on [\d.]+:(\d+)/.exec(line)?.[1];
    if (port !== undefined) {
      child.stdout.resume();
      return Number(port);
    }
  }
  throw new TypeError(`anvil ended before it listened, with exit code ${child.exitCode}`);
}

/**
 * Installs the bytecode of Venus that Solidity tests deploy, into `venus`, by that folder's lock file.
 *
 * The package is no dependency of this repository: it would bring 470 packages of tools, and its install
 * script needs yarn. Here nothing of it is run.
 */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './forge.ts';

const FOLDER = join(root, 'venus');

/** Installs what is not there in the locked version. Rejects with npm's output if npm fails. */
export async function installVenus(): Promise<void> {
  const { dependencies } = JSON.parse(await readFile(join(FOLDER, 'package.json'), 'utf8'));
  const missing = await Promise.all(
    Object.entries(dependencies).map(async ([name, wanted]) => {
      const file = join(FOLDER, 'node_modules', name, 'package.json');
      const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return '{}';
        throw error;
      });
      return JSON.parse(text).version !== wanted;
    }),
  );
  if (!missing.includes(true)) return;
  await promisify(execFile)('npm', ['ci', '--ignore-scripts', '--loglevel=error'], { cwd: FOLDER });
}

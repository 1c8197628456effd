/** Installs the packed packages where nothing of this repository is in reach, and uses them there. */
import { rmSync } from 'node:fs';
import { mkdtemp, readdir, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { npmCommand } from '../../contracts/scripts/command.ts';
import { BIN, CommandError, Reporter, run } from './commands.ts';
import { packAll } from './pack.ts';
import { tryPackages } from './try.ts';

/** Most bytes that @gavel/node may take once installed. */
const MOST_BYTES = 150e6;

await npmCommand('pack:test', 'Tries the packages where people install them.')
  .addHelpText(
    'after',
    `
Packs the packages that people install, checks the tarballs (publint, are the types wrong), installs them into empty
folders outside the repository with Node 22 and 24, and runs gavel, a strategy with its tests, and gavel-deploy there.`,
  )
  .option('--node <majors...>', 'only these versions of Node', ['22', '24'])
  .option('--keep', 'leave the folders, and print where they are', false)
  .action(async ({ node, keep }: { node: string[]; keep: boolean }) => {
    process.exitCode = await main(node, keep);
  })
  .parseAsync();

async function main(majors: readonly string[], keep: boolean): Promise<number> {
  const reporter = new Reporter();
  const folder = await mkdtemp(join(tmpdir(), 'gavel-pack-'));
  try {
    reporter.begin('packing');
    const tarballs = await packAll(join(folder, 'tarballs'), (text) => reporter.note(text));
    for (const [name, tarball] of tarballs) {
      await reporter.step(`${name}: publint`, () => run(join(BIN, 'publint'), ['run', tarball, '--strict']));
      await reporter.step(`${name}: are the types wrong`, () =>
        run(join(BIN, 'attw'), [tarball, '--profile', 'esm-only', '--format', 'ascii']),
      );
    }
    for (const major of majors) {
      reporter.begin(`Node ${major}`);
      const project = join(folder, `node-${major}`);
      const node = await reporter.step('fetch Node', () => fetchNode(folder, major));
      await install(reporter, node, project, tarballs);
      await tryPackages(reporter, node, project);
    }
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    process.stderr.write(`\n${error.message}\n\nThe folders are left in ${folder}\n`);
    return 1;
  }
  if (keep) reporter.note(`The folders are left in ${folder}`);
  else rmSync(folder, { recursive: true, force: true });
  reporter.end();
  return 0;
}

/** Gets a Node from the package registry, and returns the path of its executable. */
async function fetchNode(folder: string, major: string): Promise<string> {
  const name = `node-${process.platform}-${process.arch}`;
  const prefix = join(folder, `bin-${major}`);
  await npm(process.execPath, folder, ['install', '--prefix', prefix, '--no-save', `${name}@${major}`]);
  return join(prefix, 'node_modules', name, 'bin/node');
}

/** Installs the packages without running any install script, and holds @gavel/node to its size. */
async function install(
  reporter: Reporter,
  node: string,
  project: string,
  tarballs: ReadonlyMap<string, string>,
): Promise<void> {
  await run('mkdir', ['-p', project]);
  await writeFile(join(project, 'package.json'), '{ "private": true, "type": "module" }');
  const deployer = tarballs.get('@gavel/deploy');
  const others = [...tarballs.values()].filter((tarball) => tarball !== deployer);
  const flags = ['install', '--ignore-scripts', '--engine-strict'];
  await reporter.step('install @gavel/node', () => npm(node, project, [...flags, ...others]));
  const bytes = await sizeOf(join(project, 'node_modules'));
  reporter.note(`@gavel/node takes ${(bytes / 1e6).toFixed(0)} MB installed`);
  if (bytes > MOST_BYTES) {
    throw new CommandError(`@gavel/node takes ${bytes} bytes installed, more than ${MOST_BYTES}`);
  }
  if (deployer === undefined) throw new CommandError('no tarball of @gavel/deploy');
  await reporter.step('install @gavel/deploy', () => npm(node, project, [...flags, deployer]));
}

/** Runs the npm that runs this script, by a Node of choice. */
function npm(node: string, cwd: string, args: readonly string[]): Promise<string> {
  // biome-ignore lint/suspicious/noUndeclaredEnvVars: npm sets it, and turbo does not run this.
  const cli = process.env.npm_execpath;
  if (cli === undefined) throw new CommandError('Run this through npm: npm run pack:test');
  return run(node, [cli, ...args, '--no-audit', '--no-fund', '--prefer-offline'], { cwd });
}

/** Bytes of all files below a folder. */
async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(({ parentPath, name }) => stat(join(parentPath, name))));
  return sizes.reduce((sum, { size }) => sum + size, 0);
}

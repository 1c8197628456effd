/**
 * Builds the packages that people install, and packs them as tarballs:
 *
 *     npm run pack [-- FOLDER]     into .pack, or FOLDER
 *
 * The repository runs its TypeScript as it is; Node does not do that below node_modules. So each package is
 * put together in its folder's `.pack`: JavaScript with declarations and source maps, the sources these point
 * to, and a manifest whose `exports` and `bin` name them.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from '../../contracts/deploy/scripts/bundle.ts';
import { npmCommand, userPath } from '../../contracts/scripts/command.ts';

const ROOT = join(import.meta.dirname, '../..');

/**
 * The oldest Node that runs the packages: it has what libp2p 3 needs, and loads a strategy that is
 * TypeScript.
 */
const NODE = '>=22.18';

type Manifest = {
  name: string;
  version: string;
  description: string;
  bin?: Record<string, string>;
  exports: Record<string, string>;
  dependencies?: Record<string, string>;
};

/** A package that people install. */
type Package = {
  readonly folder: string;
  /** Exports that only this repository's tests use. */
  readonly kept?: readonly string[];
  /** Files beside the code that are published. */
  readonly files?: readonly string[];
  /** Files that are written for the published package. */
  make?(stage: string): Promise<string[]>;
};

/** In the order in which they need each other. */
export const PACKAGES: readonly Package[] = [
  { folder: 'protocol', kept: ['./testing'], files: ['vectors'] },
  { folder: 'contracts/abi' },
  { folder: 'solver-sdk' },
  { folder: 'node', files: ['ops'] },
  {
    folder: 'contracts/deploy',
    files: ['examples'],
    async make(stage) {
      const contracts = await bundle(join(ROOT, 'contracts/out'));
      writeFileSync(join(stage, 'artifacts.json'), JSON.stringify(contracts));
      return ['artifacts.json'];
    },
  },
];

/** Builds and packs every package into `target`, and returns the tarballs by package name. */
export async function packAll(target: string, report: (text: string) => void): Promise<Map<string, string>> {
  mkdirSync(target, { recursive: true });
  const tarballs = new Map<string, string>();
  const stages = new Map<string, string>();
  try {
    for (const one of PACKAGES) {
      const stage = join(ROOT, one.folder, '.pack');
      rmSync(stage, { recursive: true, force: true });
      const { name } = readManifest(one.folder);
      stages.set(name, stage);
      await assemble(one, stage, stages);
      const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', target];
      const [packed] = JSON.parse(execFileSync('npm', args, { cwd: stage, encoding: 'utf8' }));
      tarballs.set(name, join(target, packed.filename));
      report(`${name} ${packed.version}: ${packed.entryCount} files, ${Math.ceil(packed.size / 1_000)} kB`);
    }
  } finally {
    for (const stage of stages.values()) rmSync(stage, { recursive: true, force: true });
  }
  return tarballs;
}

async function assemble(one: Package, stage: string, stages: ReadonlyMap<string, string>): Promise<void> {
  const folder = join(ROOT, one.folder);
  const manifest = readManifest(one.folder);
  const isOurs = (name: string) => name in (manifest.dependencies ?? {});
  for (const [name, built] of stages) {
    // Types come from the built packages, as they will for those who install them.
    if (!isOurs(name)) continue;
    mkdirSync(join(stage, 'node_modules/@gavel'), { recursive: true });
    symlinkSync(built, join(stage, 'node_modules', name));
  }
  const isPublished = (path: string) => !path.endsWith('.test.ts') && !isForTests(one, manifest, path);
  cpSync(join(folder, 'src'), join(stage, 'src'), {
    recursive: true,
    filter: (path) => isPublished(path.slice(folder.length)),
  });
  // Generated JavaScript is not compiled again.
  cpSync(join(folder, 'src'), join(stage, 'dist'), {
    recursive: true,
    filter: (path) => !path.endsWith('.ts') || path.endsWith('.d.ts'),
  });
  compile(stage);
  for (const file of ['README.md', ...(one.files ?? [])]) {
    cpSync(join(folder, file), join(stage, file), { recursive: true });
  }
  cpSync(join(ROOT, 'LICENSE'), join(stage, 'LICENSE'));
  const made = (await one.make?.(stage)) ?? [];
  const files = ['dist', 'src', ...(one.files ?? []), ...made];
  writeFileSync(join(stage, 'package.json'), JSON.stringify(publish(one, manifest, files), null, 2));
}

/** Test support is not published, unless it is an export. */
function isForTests(one: Package, { exports }: Manifest, path: string): boolean {
  const [, folder] = /^(\/src\/(?:.*\/)?testing)(?:\/|$)/.exec(path) ?? [];
  if (folder === undefined) return false;
  return !Object.entries(exports).some(
    ([name, target]) => one.kept?.includes(name) !== true && target.startsWith(`.${folder}/`),
  );
}

function compile(stage: string): void {
  const config = join(stage, 'tsconfig.json');
  const options = { rootDir: './src', outDir: './dist' };
  writeFileSync(
    config,
    JSON.stringify({
      extends: join(ROOT, 'tsconfig.build.json'),
      compilerOptions: options,
      include: ['src'],
    }),
  );
  // The compiler reports errors on its standard output.
  execFileSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', config], { cwd: stage, stdio: 'inherit' });
  rmSync(config);
}

/** The manifest that is published: what the repository alone needs is left out. */
function publish(one: Package, manifest: Manifest, files: string[]): object {
  const { name, version, description, bin, exports, dependencies } = manifest;
  const built = (target: string, ending: string) =>
    target.replace('./src/', './dist/').replace(/\.ts$/, ending);
  const entries = Object.entries(exports).filter(([path]) => one.kept?.includes(path) !== true);
  return {
    name,
    version,
    description,
    license: 'MIT',
    type: 'module',
    engines: { node: NODE },
    ...(bin === undefined
      ? {}
      : {
          bin: Object.fromEntries(
            Object.entries(bin).map(([command, file]) => [command, built(file, '.js').slice(2)]),
          ),
        }),
    exports: {
      ...Object.fromEntries(
        entries.map(([path, target]) => [
          path,
          target.endsWith('.ts') ? { types: built(target, '.d.ts'), default: built(target, '.js') } : target,
        ]),
      ),
      './package.json': './package.json',
    },
    files,
    dependencies: dependencies ?? {},
  };
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));
}

if (import.meta.main) {
  await npmCommand('pack', 'Builds the packages that people install, and packs them as tarballs.')
    .usage('-- [folder]')
    .argument('[folder]', 'where the tarballs go; .pack unless given')
    .action(async (folder: string | undefined) => {
      const target = folder === undefined ? join(ROOT, '.pack') : userPath(folder);
      await packAll(target, (text) => console.log(text));
      console.log(`Packed into ${target}`);
    })
    .parseAsync();
}

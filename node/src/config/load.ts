import { dirname, isAbsolute, resolve } from 'node:path';
import { isGavelError } from '@gavel/protocol';
import type { z } from 'zod';
import { applyEnvironment } from './environment.ts';
import { ConfigError, type Fault } from './errors.ts';
import { readYaml } from './read-yaml.ts';
import { relationFaults } from './relations.ts';
import { type Config, type SecretRef, sections } from './schema.ts';
import { type Env, readKey, readToken } from './secrets.ts';

/** What the command line may override. */
export type Flags = { readonly dataDir?: string; readonly logLevel?: string; readonly logFormat?: string };

type Tree = Record<string, unknown>;

/**
 * Loads a configuration: the YAML file, then `GAVEL_…` variables over it, then flags. Relative paths are the
 * file's directory's in the file, the working directory's elsewhere. Referenced keys are read once to see
 * that they are there, and releases them. Returns it deeply frozen. Throws ConfigError UNREADABLE, or INVALID
 * with every fault at once.
 */
export async function loadConfig(options: {
  readonly file: string;
  readonly env?: Env;
  readonly flags?: Flags;
  /** Do not look whether referenced secrets are there: for commands that need none. */
  readonly withoutSecrets?: boolean;
  /** Hears of variables that set nothing and look as if they were meant to. */
  readonly warn?: (warning: Fault) => void;
  /** Finds faults beyond those of the text, in the sections that are sound. */
  readonly examine?: (sound: Partial<Config>) => Promise<readonly Fault[]>;
}): Promise<Config> {
  const { env = process.env, flags = {}, examine = async () => [] } = options;
  const file = resolve(options.file);
  const { tree, faults } = await readYaml(file);
  if (faults.length > 0) throw invalid(file, faults);
  resolvePaths(tree, dirname(file));
  const overlay = applyEnvironment(tree, env);
  for (const warning of overlay.warnings) options.warn?.(warning);
  applyFlags(tree, flags);
  resolvePaths(tree, process.cwd());

  const parsed = parseSections(tree);
  const isSpoiled = (path: string) =>
    overlay.spoiled.some((setting) => path === setting || path.startsWith(`${setting}.`));
  faults.push(
    ...overlay.faults,
    ...parsed.faults.filter(({ path }) => !isSpoiled(path)),
    ...relationFaults(
      parsed.config,
      (section) => (tree[section] ?? undefined) !== undefined || isSpoiled(section),
    ),
    ...(options.withoutSecrets === true ? [] : await secretFaults(parsed.config, env)),
    ...(await examine(parsed.config)),
  );
  if (faults.length > 0) throw invalid(file, faults);
  const config = parsed.config as Config;
  const identity = resolve(config.dataDir, config.p2p.identity);
  return deepFreeze({ ...config, p2p: { ...config.p2p, identity } });
}

/** Checks each section on its own, so that a fault in one hides none in another. */
function parseSections(tree: Tree): { config: Partial<Config>; faults: Fault[] } {
  const faults: Fault[] = Object.keys(tree)
    .filter((key) => !(key in sections))
    .map((key) => ({
      path: key,
      problem: `There is no such setting; there are ${Object.keys(sections).join(', ')}`,
    }));
  const config: Tree = {};
  for (const [key, schema] of Object.entries<z.ZodType>(sections)) {
    const result = schema.safeParse(tree[key] ?? undefined);
    if (result.success) {
      if (result.data !== undefined) config[key] = result.data;
    } else if (tree[key] === undefined) {
      faults.push({ path: key, problem: 'Missing' });
    } else {
      // A value may break several rules; after the first, the others say nothing new.
      const found = result.error.issues.flatMap((issue) => faultsOf(issue, key, tree[key]));
      faults.push(
        ...[...Map.groupBy(found, ({ path }) => path).values()].flatMap((same) => same.slice(0, 1)),
      );
    }
  }
  return { config: config as Partial<Config>, faults };
}

function faultsOf(issue: z.core.$ZodIssue, section: string, value: unknown): Fault[] {
  const path = [section, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: dotted([...path, key]), problem: 'There is no such setting' }));
  }
  let got: unknown = value;
  for (const key of issue.path) got = (got as Record<PropertyKey, unknown> | undefined | null)?.[key];
  if (got === undefined) return [{ path: dotted(path), problem: 'Missing' }];
  const shown =
    typeof got === 'object' ||
    path.includes('rpc') ||
    path.includes('privateRpc') ||
    path.includes('key') ||
    path.includes('token')
      ? ''
      : `, got ${String(got)}`;
  return [{ path: dotted(path), problem: `${issue.message}${shown}` }];
}

function dotted(path: readonly PropertyKey[]): string {
  return path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index > 0 ? '.' : ''}${String(key)}`))
    .join('');
}

async function secretFaults(config: Partial<Config>, env: Env): Promise<Fault[]> {
  const refs: [string, SecretRef][] = (['solver', 'auctioneer', 'keeper'] as const).flatMap((role) => {
    const section = config[role];
    const runs = config.roles?.includes(role) ?? false;
    return section !== undefined && runs ? [[`${role}.key`, section.key] as [string, SecretRef]] : [];
  });
  // Roles may share a key: a secret that cannot be used is one fault.
  const shared = Map.groupBy(refs, ([, ref]) => JSON.stringify(ref)).values();
  const readers: [string, () => Promise<unknown>][] = [...shared].flatMap((same) =>
    same
      .slice(0, 1)
      .map(([, ref]): [string, () => Promise<unknown>] => [
        same.map(([path]) => path).join(', '),
        () => readKey(ref, env),
      ]),
  );
  const token = config.api?.token;
  if (token !== undefined) readers.push(['api.token', () => readToken(token, env)]);
  const faults = await Promise.all(
    readers.map(async ([path, read]) => {
      try {
        await read();
        return [];
      } catch (error) {
        if (isGavelError(error, 'BAD_SECRET')) return [{ path, problem: error.shortMessage }];
        throw error;
      }
    }),
  );
  return faults.flat();
}

function applyFlags(tree: Tree, flags: Flags): void {
  if (flags.dataDir !== undefined) tree.dataDir = flags.dataDir;
  const log = { level: flags.logLevel, format: flags.logFormat };
  const given = Object.fromEntries(Object.entries(log).filter(([, value]) => value !== undefined));
  if (Object.keys(given).length > 0) tree.log = { ...(isTree(tree.log) ? tree.log : {}), ...given };
}

/**
 * Makes the paths that a tree holds so far absolute. Text that is absent or malformed is left to the schema.
 */
function resolvePaths(tree: Tree, directory: string): void {
  const absolute = (branch: unknown, key: string) => {
    if (!isTree(branch)) return;
    const path = branch[key];
    if (typeof path === 'string' && path !== '' && !isAbsolute(path)) branch[key] = resolve(directory, path);
  };
  const module = (branch: Tree, key: string) => {
    if (!String(branch[key]).startsWith('@')) absolute(branch, key);
  };
  absolute(tree, 'dataDir');
  absolute(tree.p2p, 'identity');
  const { solver, auctioneer, keeper, api } = tree;
  if (isTree(solver)) module(solver, 'strategy');
  for (const market of Array.isArray(tree.markets) ? tree.markets : []) {
    if (isTree(market) && /[./]/.test(String(market.protocol))) module(market, 'protocol');
  }
  const secrets = [solver, auctioneer, keeper].map((role) => (isTree(role) ? role.key : undefined));
  if (isTree(api)) secrets.push(api.token);
  for (const secret of secrets) {
    for (const key of ['file', 'keystore', 'passwordFile']) absolute(secret, key);
  }
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(file: string, faults: readonly Fault[]): ConfigError {
  const count = faults.length === 1 ? 'one fault' : `${faults.length} faults`;
  return new ConfigError('INVALID', `The configuration has ${count}`, { meta: { file, faults } });
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const item of Object.values(value)) deepFreeze(item);
  }
  return value;
}

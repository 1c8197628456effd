import { parse } from 'yaml';
import { z } from 'zod';
import type { Fault } from './errors.ts';
import { yamlOptions } from './read-yaml.ts';
import { sections } from './schema.ts';
import type { Env } from './secrets.ts';

type Tree = Record<string, unknown>;

const PREFIX = 'GAVEL_';

/** Variables of commands, which are no settings. */
const OF_COMMANDS = ['GAVEL_CONFIG', 'GAVEL_API_URL', 'GAVEL_API_TOKEN'];

/** What the environment did to a configuration. */
export type Overlay = {
  readonly faults: readonly Fault[];
  /** Settings, dotted, whose variables have faults: that such a setting is missing is no second fault. */
  readonly spoiled: readonly string[];
  /** Variables that set nothing and look as if they were meant to. */
  readonly warnings: readonly Fault[];
};

/**
 * Lays the environment over a raw configuration: `GAVEL_LOG__LEVEL=debug` sets `log.level`, `GAVEL_DATA_DIR`
 * sets `dataDir`, `GAVEL_CHAINS__ALPHA__RPC='[http://…]'` sets `chains.alpha.rpc`. Two underscores go one
 * level down, one starts a new word, values are YAML. Variables that hold referenced secrets are left alone.
 * So are variables whose first word is no section: Kubernetes sets `GAVEL_SERVICE_HOST` and others beside
 * every service of the name gavel. Those that resemble a setting are warned of. Changes `raw`.
 */
export function applyEnvironment(raw: Tree, env: Env): Overlay {
  const secrets = referencedVariables(raw);
  const faults: Fault[] = [];
  const spoiled: string[] = [];
  const unclaimed: string[] = [];
  for (const name of Object.keys(env).sort()) {
    const value = env[name];
    if (!name.startsWith(PREFIX) || value === undefined || secrets.has(name) || OF_COMMANDS.includes(name))
      continue;
    const [word = '', ...words] = name.slice(PREFIX.length).split('__');
    const section = matchKey(Object.keys(sections), word);
    if (section === undefined) {
      unclaimed.push(name);
      continue;
    }
    const { path, problem } = setAt(raw, [section, ...words], value);
    if (problem === undefined) continue;
    faults.push({ path: name, problem });
    spoiled.push(path.join('.'));
  }
  return { faults, spoiled, warnings: unclaimed.length === 0 ? [] : nearMisses(unclaimed, raw) };
}

function setAt(
  raw: Tree,
  [section = '', ...words]: readonly string[],
  value: string,
): { readonly path: readonly string[]; readonly problem?: string } {
  let branch = raw;
  const path = [section];
  for (const word of words) {
    const parent = path.at(-1) ?? '';
    const next = branch[parent];
    if (next !== undefined && next !== null && (typeof next !== 'object' || Array.isArray(next))) {
      return { path, problem: `${path.join('.')} has no settings of its own` };
    }
    const child: Tree = (next as Tree | null | undefined) ?? {};
    branch[parent] = child;
    branch = child;
    path.push(matchKey(Object.keys(child), word) ?? camelCase(word));
  }
  try {
    branch[path.at(-1) ?? ''] = parse(value, yamlOptions);
    return { path };
  } catch {
    return { path, problem: 'Expected a YAML value, for instance 5, text, or [a, b]' };
  }
}

/** Finds the variables that differ from one of ours by one letter, or by their underscores. */
function nearMisses(names: readonly string[], raw: Tree): Fault[] {
  const known = [...OF_COMMANDS, ...settingsOf(z.toJSONSchema(z.object(sections), SCHEMA), raw, PREFIX)];
  return names.flatMap((name) => {
    const meant = known.find((other) => isNear(letters(name), letters(other)));
    if (meant !== undefined) return [{ path: name, problem: `Sets nothing: is ${meant} meant?` }];
    if (!name.includes('__')) return [];
    const first = Object.keys(sections).map(variableName).join(', ');
    return [{ path: name, problem: `Sets nothing: the first word of a setting is one of ${first}` }];
  });
}

const SCHEMA = { io: 'input', unrepresentable: 'any' } as const;

type Schema = {
  readonly properties?: Readonly<Record<string, Schema | boolean>>;
  readonly additionalProperties?: Schema | boolean;
};

/** Lists the variables of every setting below a schema; names that an operator chose are those of `raw`. */
function settingsOf(schema: unknown, raw: unknown, prefix: string): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties = {}, additionalProperties } = schema as Schema;
  const given: Tree = typeof raw === 'object' && raw !== null ? (raw as Tree) : {};
  const children: [string, unknown][] = Object.entries(properties);
  if (typeof additionalProperties === 'object')
    children.push(...Object.keys(given).map((key): [string, unknown] => [key, additionalProperties]));
  return children.flatMap(([key, child]) => {
    const name = `${prefix}${variableName(key)}`;
    return [name, ...settingsOf(child, given[key], `${name}__`)];
  });
}

function letters(name: string): string {
  return name.slice(PREFIX.length).replaceAll('_', '');
}

/** Tells whether two words are equal but for one letter left out, added, changed or swapped with the next. */
function isNear(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  const shortest = Math.min(a.length, b.length);
  let start = 0;
  while (start < shortest && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < shortest - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  const [left, right] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  return (left.length <= 1 && right.length <= 1) || (left.length === 2 && left === `${right[1]}${right[0]}`);
}

/** Collects the variables named by `{ env: NAME }` or `{ passwordEnv: NAME }` anywhere. */
function referencedVariables(value: unknown, found = new Set<string>()): Set<string> {
  if (typeof value !== 'object' || value === null) return found;
  for (const [key, item] of Object.entries(value)) {
    if ((key === 'env' || key === 'passwordEnv') && typeof item === 'string') found.add(item);
    else referencedVariables(item, found);
  }
  return found;
}

function matchKey(keys: readonly string[], word: string): string | undefined {
  return keys.find((key) => variableName(key) === word.toUpperCase());
}

function variableName(key: string): string {
  return key
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toUpperCase();
}

function camelCase(word: string): string {
  return word.toLowerCase().replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

import { parse } from 'yaml';
import type { Fault } from './errors.ts';
import { yamlOptions } from './read-yaml.ts';
import type { Env } from './secrets.ts';

type Tree = Record<string, unknown>;

const PREFIX = 'GAVEL_';

/** Variables of the same prefix which are no settings. */
const NOT_SETTINGS = new Set(['GAVEL_CONFIG']);

/**
 * Lay the environment over a raw configuration: `GAVEL_LOG__LEVEL=debug` sets `log.level`, `GAVEL_DATA_DIR`
 * sets `dataDir`, `GAVEL_CHAINS__ALPHA__RPC='[http://…]'` sets `chains.alpha.rpc`. Two underscores go one
 * level down, one starts a new word, values are YAML. Variables that hold referenced secrets are left alone.
 * Changes `raw`; returns the faults.
 */
export function applyEnvironment(raw: Tree, env: Env, known: readonly string[]): Fault[] {
  const secrets = referencedVariables(raw);
  const faults: Fault[] = [];
  for (const name of Object.keys(env).sort()) {
    const value = env[name];
    if (!name.startsWith(PREFIX) || value === undefined || secrets.has(name) || NOT_SETTINGS.has(name))
      continue;
    const fault = applyVariable(raw, name, value, known);
    if (fault !== undefined) faults.push({ path: name, problem: fault });
  }
  return faults;
}

function applyVariable(raw: Tree, name: string, value: string, known: readonly string[]): string | undefined {
  const words = name.slice(PREFIX.length).split('__');
  const first = matchKey(known, words[0] ?? '');
  if (first === undefined) {
    return `There is no such setting; the first word must be one of ${known.map(variableName).join(', ')}`;
  }
  let parsed: unknown;
  try {
    parsed = parse(value, yamlOptions);
  } catch {
    return 'Expected a YAML value, for instance 5, text, or [a, b]';
  }
  let branch = raw;
  const path = [first, ...words.slice(1)];
  for (const [depth, word] of path.entries()) {
    const key = depth === 0 ? word : (matchKey(Object.keys(branch), word) ?? camelCase(word));
    if (depth === path.length - 1) {
      branch[key] = parsed;
      return undefined;
    }
    const next = branch[key];
    if (next !== undefined && next !== null && (typeof next !== 'object' || Array.isArray(next))) {
      return `${path.slice(0, depth + 1).join('.')} has no settings of its own`;
    }
    const child: Tree = (next as Tree | null | undefined) ?? {};
    branch[key] = child;
    branch = child;
  }
  return undefined;
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

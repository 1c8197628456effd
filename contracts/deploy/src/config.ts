import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { DeployError } from './errors.ts';
import { configSchema, faultsOf } from './schema.ts';
import type { Config } from './types.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** The largest file that is read, bytes. */
const MOST_BYTES = 4_000_000;

/**
 * Reads a deployment's YAML file. A value `$NAME` is taken from the environment, so that files carry no
 * secret and one file serves several operators. Paths within it are relative to its folder.
 *
 * Throws BAD_CONFIG with every fault in its shape; `plan` finds what is wrong beyond that.
 */
export async function readConfig(file: string, env: Env): Promise<Config> {
  let source: string;
  try {
    if ((await stat(file)).size > MOST_BYTES) throw new RangeError('the file is too large');
    source = await readFile(file, 'utf8');
  } catch (cause) {
    const why = cause instanceof RangeError ? `larger than ${MOST_BYTES} bytes` : 'cannot be read';
    throw new DeployError('BAD_CONFIG', 'the configuration cannot be read', {
      meta: { faults: [`${file}: ${why}`] },
      cause,
    });
  }
  const config = parseConfig(source, env);
  return {
    ...config,
    chains: config.chains.map((chain) => ({
      ...chain,
      markets: chain.markets.map((market) => {
        const { adapter } = market;
        if (!('contract' in adapter) || adapter.artifact === undefined) return market;
        return { ...market, adapter: { ...adapter, artifact: resolve(dirname(file), adapter.artifact) } };
      }),
    })),
  };
}

/** Parses a deployment's YAML. Throws BAD_CONFIG with every fault in its shape. */
export function parseConfig(source: string, env: Env): Config {
  // addresses stay text: YAML would read 0x… as a number
  const document = parseDocument(source, {
    customTags: (tags) =>
      tags.filter((tag) => typeof tag === 'string' || !('format' in tag) || tag.format !== 'HEX'),
  });
  const faults = document.errors.map((error) => error.message.split('\n')[0] ?? 'not YAML');
  if (faults.length > 0) throw refused(faults);

  const missing: string[] = [];
  const parsed = configSchema.safeParse(withEnvironment(document.toJS(), env, '', missing));
  const shape = parsed.success ? [] : parsed.error.issues.flatMap(faultsOf);
  if (missing.length > 0) {
    // What is missing is of no type either: it is reported once.
    const paths = missing.map((fault) => fault.slice(0, fault.indexOf(':')));
    throw refused([
      ...missing,
      ...shape.filter((fault) => !paths.some((path) => fault.startsWith(`${path}:`))),
    ]);
  }
  if (!parsed.success) throw refused(shape);
  return parsed.data;
}

/** Puts environment variables in place of values `$NAME`, and records those that are not set. */
function withEnvironment(value: unknown, env: Env, path: string, missing: string[]): unknown {
  if (typeof value === 'string') {
    const name = /^\$([A-Za-z_][A-Za-z0-9_]*)$/.exec(value)?.[1];
    if (name === undefined) return value;
    const found = env[name];
    if (found === undefined || found === '') missing.push(`${path}: the environment has no ${name}`);
    return found;
  }
  if (Array.isArray(value)) {
    return value.map((item, index) => withEnvironment(item, env, `${path}[${index}]`, missing));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      withEnvironment(item, env, path === '' ? key : `${path}.${key}`, missing),
    ]),
  );
}

function refused(faults: readonly string[]): DeployError {
  return new DeployError('BAD_CONFIG', 'the configuration is wrong', { meta: { faults } });
}

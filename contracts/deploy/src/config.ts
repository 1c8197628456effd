import { readFile } from 'node:fs/promises';
import { parseDocument } from 'yaml';
import { DeployError } from './errors.ts';
import { relationFaults } from './relations.ts';
import { configSchema, faultsOf } from './schema.ts';
import type { Config } from './types.ts';

/**
 * Reads a deployment's YAML file. `$NAME` as a chain's `rpc` is taken from the environment, so that files
 * carry no secret.
 *
 * Throws BAD_CONFIG with every fault found.
 */
export async function readConfig(
  file: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Config> {
  let source: string;
  try {
    source = await readFile(file, 'utf8');
  } catch (cause) {
    throw new DeployError('BAD_CONFIG', 'the configuration cannot be read', {
      meta: { faults: [`${file}: cannot be read`] },
      cause,
    });
  }
  return parseConfig(source, env);
}

/** Parses a deployment's YAML. Throws BAD_CONFIG with every fault found. */
export function parseConfig(source: string, env: Readonly<Record<string, string | undefined>>): Config {
  // addresses stay text: YAML would read 0x… as a number
  const document = parseDocument(source, {
    customTags: (tags) =>
      tags.filter((tag) => typeof tag === 'string' || !('format' in tag) || tag.format !== 'HEX'),
  });
  const faults = document.errors.map((error) => error.message.split('\n')[0] ?? 'not YAML');
  if (faults.length > 0) throw refused(faults);

  const parsed = configSchema(env).safeParse(document.toJS());
  if (!parsed.success) throw refused(parsed.error.issues.flatMap(faultsOf));
  const relations = relationFaults(parsed.data);
  if (relations.length > 0) throw refused(relations);
  return parsed.data;
}

function refused(faults: readonly string[]): DeployError {
  return new DeployError('BAD_CONFIG', 'the configuration is wrong', { meta: { faults } });
}

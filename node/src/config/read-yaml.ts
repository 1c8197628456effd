import { readFile } from 'node:fs/promises';
import { parseDocument } from 'yaml';
import { ConfigError, type Fault } from './errors.ts';

/** Reads YAML 1.2, but leave `0x…` as text: an address is no number. */
export const yamlOptions = {
  customTags: <T>(tags: T[]): T[] => tags.filter((tag) => (tag as { format?: string }).format !== 'HEX'),
};

/**
 * Reads a configuration file into a plain tree. Faults in its YAML are returned with their line, beside what
 * could be read. Throws UNREADABLE if the file cannot be.
 */
export async function readYaml(file: string): Promise<{ tree: Record<string, unknown>; faults: Fault[] }> {
  let source: string;
  try {
    source = await readFile(file, 'utf8');
  } catch (cause) {
    throw new ConfigError('UNREADABLE', 'The configuration file cannot be read', { meta: { file }, cause });
  }
  const document = parseDocument(source, { ...yamlOptions, prettyErrors: true });
  const faults = document.errors.map((error) => ({
    path: error.linePos === undefined ? file : `line ${error.linePos[0].line}`,
    problem: error.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? 'Not YAML',
  }));
  if (faults.length > 0) return { tree: {}, faults };
  const tree: unknown = document.toJS();
  if (tree === null) return { tree: {}, faults };
  if (typeof tree !== 'object' || Array.isArray(tree)) {
    return { tree: {}, faults: [{ path: file, problem: 'Expected settings as `name: value` lines' }] };
  }
  return { tree: tree as Record<string, unknown>, faults };
}

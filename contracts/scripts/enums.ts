/** Reads the enums that Solidity sources declare, from the compiler's syntax tree. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import solc from 'solc';

/** An enum: its name and its members in order; the first is 0. */
export type SolidityEnum = { readonly name: string; readonly members: readonly string[] };

type Node = { nodeType: string; name: string; nodes?: Node[]; members?: { name: string }[] };

/**
 * Returns every enum below `folder`, sorted by name. Throws if a source does not parse or two enums share a
 * name.
 */
export function enumsIn(folder: string): SolidityEnum[] {
  const files = globSync('**/*.sol', { cwd: folder });
  const sources = Object.fromEntries(
    files.map((file) => [file, { content: readFileSync(join(folder, file), 'utf8') }]),
  );
  const settings = { stopAfter: 'parsing', outputSelection: { '*': { '': ['ast'] } } };
  const output: { errors?: { formattedMessage: string }[]; sources: Record<string, { ast: Node }> } =
    JSON.parse(solc.compile(JSON.stringify({ language: 'Solidity', sources, settings })));
  const [fault] = output.errors ?? [];
  if (fault !== undefined) throw new Error(`the Solidity sources do not parse: ${fault.formattedMessage}`);
  const found = Object.values(output.sources).flatMap(({ ast }) => enumsOf(ast));
  const twice = found.find(({ name }, index) => found.findIndex((other) => other.name === name) !== index);
  if (twice !== undefined) throw new Error(`two enums are named ${twice.name}: rename one`);
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function enumsOf(node: Node): SolidityEnum[] {
  const own =
    node.nodeType === 'EnumDefinition'
      ? [{ name: node.name, members: (node.members ?? []).map(({ name }) => name) }]
      : [];
  return [...own, ...(node.nodes ?? []).flatMap(enumsOf)];
}

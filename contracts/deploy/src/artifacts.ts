import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  type Abi,
  type AbiParameter,
  type Address,
  encodeAbiParameters,
  getAbiItem,
  type Hex,
  isHex,
  keccak256,
  stringToHex,
  toFunctionSelector,
} from 'viem';
import { DeployError } from './errors.ts';
import type { Note } from './faults.ts';
import { componentsOf, fit, nameOf, type Values } from './values.ts';

interface LinkPosition {
  readonly start: number;
  readonly length: number;
}

/** A compiled contract; places of its unlinked libraries hold placeholders. */
export interface Artifact {
  readonly name: string;
  readonly abi: Abi;
  readonly bytecode: string;
  readonly libraries: readonly { readonly name: string; readonly positions: readonly LinkPosition[] }[];
  /** What the compiler was given, as far as its output tells. */
  readonly build?: Build;
}

/** How a contract was compiled. */
export interface Build {
  /** The compiler's full version, such as 0.8.37+commit.f401782d. */
  readonly compiler: string;
  /** The contract's source file. */
  readonly path: string;
  /** Settings of the standard JSON input, without what to print. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Every source file by path, with the hash of its text. */
  readonly sources: Readonly<Record<string, { readonly keccak256: Hex }>>;
}

/** Where compiled contracts are read from. */
export interface Artifacts {
  /**
   * Reads a contract by name, or from `file`, as forge writes it. Throws BAD_ARTIFACT if it was not compiled.
   */
  load(name: string, file?: string): Promise<Artifact>;
  /** The text of a source file that {@link Build} names. Throws BAD_ARTIFACT if it changed since. */
  sourceOf(path: string, keccak256: Hex): Promise<string>;
}

/** What the published package carries in one file instead of forge's output. */
export interface Bundle {
  /** By contract name. */
  readonly contracts: Readonly<Record<string, Artifact>>;
  /** The text of every source file, by path. */
  readonly sources: Readonly<Record<string, string>>;
}

/** Contracts whose Solidity file has another name. */
const FILES: Readonly<Record<string, string>> = { RoleTable: 'Roles' };

/** Reads compiled contracts from forge's output folder, or from a bundle if `source` is a file of JSON. */
export function createArtifacts(source: string): Artifacts {
  const shelf = source.endsWith('.json') ? readBundle(source) : readOutput(source);
  const cache = new Map<string, Promise<Artifact>>();
  return {
    load: (name, file) => {
      const key = file ?? name;
      const reading = cache.get(key) ?? (file === undefined ? shelf.load(name) : readArtifact(file, name));
      const loading = reading.catch((cause: unknown) => {
        throw new DeployError(
          'BAD_ARTIFACT',
          file === undefined
            ? `no compiled contract ${name}: expected one of Gavel's, or an \`artifact\` file`
            : `the file ${file} holds no compiled contract: run forge build first`,
          { meta: { contract: name }, cause },
        );
      });
      cache.set(key, reading);
      return loading;
    },
    sourceOf: async (path, hash) => {
      const text = await shelf.source(path).catch((cause: unknown) => {
        throw new DeployError('BAD_ARTIFACT', 'a source file cannot be read', { meta: { path }, cause });
      });
      if (keccak256(stringToHex(text)) === hash) return text;
      throw new DeployError('BAD_ARTIFACT', 'a source file changed since it was compiled: build again', {
        meta: { path },
      });
    },
  };
}

interface Shelf {
  load(name: string): Promise<Artifact>;
  source(path: string): Promise<string>;
}

function readBundle(file: string): Shelf {
  let reading: Promise<Bundle> | undefined;
  const bundle = () => {
    reading ??= readFile(file, 'utf8').then((text) => JSON.parse(text));
    return reading;
  };
  const of = <T>(value: T | undefined): T => {
    if (value === undefined) throw new TypeError('the bundle has no such entry');
    return value;
  };
  return {
    load: async (name) => of((await bundle()).contracts[name]),
    source: async (path) => of((await bundle()).sources[path]),
  };
}

function readOutput(folder: string): Shelf {
  return {
    load: (name) => readArtifact(join(folder, `${FILES[name] ?? name}.sol`, `${name}.json`), name),
    // forge names source files relative to the folder of foundry.toml
    source: (path) => readFile(join(folder, '..', path), 'utf8'),
  };
}

/** The file of a library that a contract of `file` links, as forge writes it. */
export function libraryFile(file: string, library: string): string {
  return join(dirname(file), '..', `${library}.sol`, `${library}.json`);
}

async function readArtifact(file: string, name: string): Promise<Artifact> {
  const { abi, bytecode, metadata } = JSON.parse(await readFile(file, 'utf8'));
  if (!Array.isArray(abi) || typeof bytecode?.object !== 'string')
    throw new TypeError('not an artifact of forge');
  const references: Record<string, Record<string, LinkPosition[]>> = bytecode.linkReferences ?? {};
  const libraries = Object.values(references).flatMap((byName) =>
    Object.entries(byName).map(([library, positions]) => ({ name: library, positions })),
  );
  return { name, abi, bytecode: bytecode.object, libraries, ...buildOf(metadata) };
}

/** The part of the compiler's metadata that says how it was called. */
interface Metadata {
  readonly compiler: { readonly version: string };
  readonly settings: Readonly<Record<string, unknown>> & {
    readonly compilationTarget: Readonly<Record<string, string>>;
  };
  readonly sources: Readonly<Record<string, { readonly keccak256: Hex }>>;
}

function buildOf(metadata: Metadata | undefined): { build?: Build } {
  if (metadata?.settings === undefined) return {};
  const { compilationTarget, ...settings } = metadata.settings;
  const [path] = Object.keys(compilationTarget);
  const sources = Object.entries(metadata.sources).map(
    ([file, { keccak256: hash }]) => [file, { keccak256: hash }] as const,
  );
  const { version: compiler } = metadata.compiler;
  return { build: { compiler, path: path ?? '', settings, sources: Object.fromEntries(sources) } };
}

/** Puts library addresses into creation code. Throws BAD_ARTIFACT if one is missing. */
export function link(artifact: Artifact, addresses: Readonly<Record<string, Address>>): Hex {
  let code = artifact.bytecode.replace(/^0x/, '');
  for (const { name, positions } of artifact.libraries) {
    const address = addresses[name];
    if (address === undefined) {
      throw new DeployError('BAD_ARTIFACT', 'a library has no address', {
        meta: { contract: artifact.name, library: name },
      });
    }
    for (const { start, length } of positions) {
      code = code.slice(0, start * 2) + address.slice(2).toLowerCase() + code.slice((start + length) * 2);
    }
  }
  const linked: Hex = `0x${code}`;
  if (code === '' || !isHex(linked, { strict: true })) {
    throw new DeployError('BAD_ARTIFACT', 'a contract has no code to deploy', {
      meta: { contract: artifact.name },
    });
  }
  return linked;
}

/** Where the values of a constructor or a struct come from. */
export interface Sources {
  /** What follows from the rest of the deployment. A file must not set it. */
  readonly derived?: Values;
  /** What the file gives. */
  readonly given: Values;
  /** What holds unless the file gives another value. */
  readonly defaults?: Values;
}

/**
 * Encodes constructor arguments from values by parameter name (`authority` or `authority_`).
 *
 * Throws BAD_CONFIG with every value that is missing, unknown or does not fit.
 */
export function encodeArguments(artifact: Artifact, sources: Sources): Hex {
  const definition = artifact.abi.find((item) => item.type === 'constructor');
  const inputs = definition?.inputs ?? [];
  const filled = fill(artifact, inputs, sources);
  return encodeAbiParameters(
    inputs,
    inputs.map(({ name }) => filled[name ?? '']),
  );
}

/**
 * Fills a struct's fields by name. Throws BAD_CONFIG with every value that is missing, unknown or does not
 * fit.
 */
export function structOf(
  artifact: Artifact,
  functionName: string,
  argument: string,
  sources: Sources,
): Record<string, unknown> {
  const item = getAbiItem({ abi: artifact.abi, name: functionName });
  const input = item?.type === 'function' ? item.inputs.find(({ name }) => name === argument) : undefined;
  if (input === undefined) {
    throw new DeployError('BAD_ARTIFACT', 'a contract has no such function', {
      meta: { contract: artifact.name, function: functionName, argument },
    });
  }
  return fill(artifact, componentsOf(input), sources);
}

/**
 * What derived values and defaults need not obey: they may be zero addresses, and not every contract takes
 * them.
 */
function fill(
  artifact: Artifact,
  fields: readonly AbiParameter[],
  { derived = {}, given, defaults = {} }: Sources,
): Record<string, unknown> {
  const faults: string[] = [];
  const note: Note = (path, problem) => void faults.push(`${path}: ${problem}`);
  const names = fields.map(nameOf);
  const ours = { ...defaults, ...derived };
  const free = names.filter((name) => !(name in derived));
  for (const name of Object.keys(given)) {
    if (name in derived) note(`.${name}`, 'follows from the rest, and is not set');
    else if (!names.includes(name)) {
      note(`.${name}`, `not among ${free.join(', ') || 'the values'} of ${artifact.name}`);
    }
  }
  const entries = fields.map((field) => {
    const name = nameOf(field);
    if (name in derived || !(name in given)) {
      if (ours[name] === undefined)
        note(`.${name}`, `expected a value (${field.type}), which has no default`);
      return [field.name ?? '', ours[name] === undefined ? undefined : widen(field, ours[name])];
    }
    return [field.name ?? '', fit(field, given[name], `.${name}`, note)];
  });
  if (faults.length === 0) return Object.fromEntries(entries);
  throw new DeployError('BAD_CONFIG', 'values do not fit a contract', { meta: { faults } });
}

/** Whole numbers as the encoder and the views give them: bigint beyond 48 bits. */
function widen({ type }: AbiParameter, value: unknown): unknown {
  const width = /^u?int(\d+)$/.exec(type)?.[1];
  if (width === undefined) return value;
  return Number(width) > 48 ? BigInt(String(value)) : Number(value);
}

/** Tells whether a contract has a function of this name. */
export function hasFunction(artifact: Artifact, name: string): boolean {
  return artifact.abi.some((item) => item.type === 'function' && item.name === name);
}

/** Names the function behind a selector, or repeat the selector. */
export function functionOf(artifact: Artifact, selector: Hex): string {
  const found = artifact.abi.find(
    (item) => item.type === 'function' && toFunctionSelector(item) === selector,
  );
  return found?.type === 'function' ? found.name : selector;
}

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Abi,
  type AbiParameter,
  type Address,
  BaseError,
  encodeAbiParameters,
  getAbiItem,
  type Hex,
  isHex,
  stringify,
  toFunctionSelector,
} from 'viem';
import { DeployError } from './errors.ts';

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
}

/** Where compiled contracts are read from. */
export interface Artifacts {
  /** Throws BAD_ARTIFACT if it was not compiled. */
  load(name: string): Promise<Artifact>;
}

/**
 * Compiled contracts in one file, by contract name: what the published package carries instead of forge's
 * output.
 */
export type Bundle = Readonly<Record<string, Artifact>>;

/** Contracts whose Solidity file has another name. */
const FILES: Readonly<Record<string, string>> = { RoleTable: 'Roles' };

/** Reads compiled contracts from forge's output folder, or from a bundle if `source` is a file of JSON. */
export function createArtifacts(source: string): Artifacts {
  const read = source.endsWith('.json') ? readBundle(source) : (name: string) => readOutput(source, name);
  const cache = new Map<string, Promise<Artifact>>();
  return {
    load: (name) => {
      const loading =
        cache.get(name) ??
        read(name).catch((cause: unknown) => {
          throw new DeployError('BAD_ARTIFACT', 'a compiled contract cannot be read', {
            meta: { contract: name, source },
            cause,
          });
        });
      cache.set(name, loading);
      return loading;
    },
  };
}

function readBundle(file: string): (name: string) => Promise<Artifact> {
  let reading: Promise<Bundle> | undefined;
  return async (name) => {
    reading ??= readFile(file, 'utf8').then((text) => JSON.parse(text));
    const artifact = (await reading)[name];
    if (artifact === undefined) throw new TypeError('the bundle has no such contract');
    return artifact;
  };
}

async function readOutput(folder: string, name: string): Promise<Artifact> {
  const file = join(folder, `${FILES[name] ?? name}.sol`, `${name}.json`);
  const { abi, bytecode } = JSON.parse(await readFile(file, 'utf8'));
  const references: Record<string, Record<string, LinkPosition[]>> = bytecode.linkReferences ?? {};
  const libraries = Object.values(references).flatMap((byName) =>
    Object.entries(byName).map(([library, positions]) => ({ name: library, positions })),
  );
  return { name, abi, bytecode: bytecode.object, libraries };
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

/**
 * Encodes constructor arguments from values by parameter name (`authority` or `authority_`).
 *
 * Throws BAD_ARTIFACT naming a parameter without a value, or a value that does not fit.
 */
export function encodeArguments(artifact: Artifact, values: Readonly<Record<string, unknown>>): Hex {
  const definition = artifact.abi.find((item) => item.type === 'constructor');
  const inputs = definition?.inputs ?? [];
  const arguments_ = inputs.map((input) => fieldOf(artifact, input, values));
  try {
    return encodeAbiParameters(inputs, arguments_);
  } catch (cause) {
    const why = cause instanceof BaseError ? cause.shortMessage : String(cause);
    throw new DeployError('BAD_ARTIFACT', 'a value does not fit a contract’s constructor', {
      meta: { contract: artifact.name, why },
      cause,
    });
  }
}

/**
 * Fills a struct's fields by name, from `values` and else from `defaults`.
 *
 * Throws BAD_CONFIG for a value without a field, BAD_ARTIFACT for a field without a value.
 */
export function structOf(
  artifact: Artifact,
  functionName: string,
  argument: string,
  values: Readonly<Record<string, unknown>>,
  defaults: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const item = getAbiItem({ abi: artifact.abi, name: functionName });
  const input = item?.type === 'function' ? item.inputs.find(({ name }) => name === argument) : undefined;
  const fields = input === undefined ? [] : componentsOf(input);
  const names = fields.map(({ name }) => name ?? '');
  const unknown = Object.keys(values).filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw new DeployError('BAD_CONFIG', 'the contracts have no such rule', {
      meta: { faults: unknown.map((name) => `${name}: not among ${names.join(', ')}`) },
    });
  }
  const filled = { ...defaults, ...values };
  return Object.fromEntries(fields.map((field) => [field.name ?? '', fieldOf(artifact, field, filled)]));
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

function componentsOf(parameter: AbiParameter): readonly AbiParameter[] {
  return 'components' in parameter ? (parameter.components as readonly AbiParameter[]) : [];
}

function fieldOf(
  artifact: Artifact,
  parameter: AbiParameter,
  values: Readonly<Record<string, unknown>>,
): unknown {
  const name = (parameter.name ?? '').replace(/_$/, '');
  const value = values[name];
  if (value === undefined) {
    throw new DeployError('BAD_ARTIFACT', 'a contract needs a value that the configuration does not give', {
      meta: { contract: artifact.name, parameter: `${parameter.type} ${name}` },
    });
  }
  return shape(artifact, parameter, value);
}

/**
 * Shape a value as the encoder wants it: whole numbers by width, arrays item by item, structs field by field.
 */
function shape(artifact: Artifact, parameter: AbiParameter, value: unknown): unknown {
  const refused = (problem: string, cause?: unknown) =>
    new DeployError('BAD_ARTIFACT', problem, {
      meta: {
        contract: artifact.name,
        parameter: `${parameter.type} ${parameter.name}`,
        got: stringify(value),
      },
      cause,
    });
  const item = /^(.*)\[\d*\]$/.exec(parameter.type)?.[1];
  if (item !== undefined) {
    if (!Array.isArray(value)) throw refused('a value is no list');
    return value.map((one) => shape(artifact, { ...parameter, type: item }, one));
  }
  if (parameter.type === 'tuple') {
    const fields = componentsOf(parameter);
    if (typeof value !== 'object' || value === null) throw refused('a value is no mapping');
    const strange = Object.keys(value).filter((key) => !fields.some(({ name }) => name === key));
    if (strange.length > 0) throw refused(`a struct has no field ${strange.join(', ')}`);
    return Object.fromEntries(
      fields.map((field) => [
        field.name,
        fieldOf(artifact, field, value as Readonly<Record<string, unknown>>),
      ]),
    );
  }
  const width = /^u?int(\d+)$/.exec(parameter.type)?.[1];
  if (width === undefined || typeof value === 'bigint') return value;
  try {
    return Number(width) > 48 ? BigInt(String(value)) : Number(BigInt(String(value)));
  } catch (cause) {
    throw refused('a value is no whole number', cause);
  }
}

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { GavelError } from '@gavel/protocol';
import { type Abi, type Address, type Hex, isHex } from 'viem';

/** Where a library's address goes: byte offsets into the creation code. */
interface LinkPosition {
  readonly start: number;
  readonly length: number;
}

/** Library positions by source file and library name, as every Solidity compiler reports them. */
type LinkReferences = Readonly<Record<string, Readonly<Record<string, readonly LinkPosition[]>>>>;

/** A compiled contract, ready to deploy once its libraries are linked. */
export interface Artifact {
  readonly name: string;
  readonly abi: Abi;
  /** Creation code; places of unlinked libraries hold placeholders. */
  readonly bytecode: string;
  readonly linkReferences: LinkReferences;
}

interface ArtifactFile {
  readonly abi: Abi;
  readonly bytecode: string | { readonly object: string; readonly linkReferences?: LinkReferences };
  readonly linkReferences?: LinkReferences;
}

const resolve = createRequire(import.meta.url).resolve;

/**
 * Reads a contract's compiled artifact, in forge's or Hardhat's shape, from an installed package.
 *
 * Throws DEVNET_NO_ARTIFACT if the package does not hold it.
 */
export async function loadArtifact(specifier: string): Promise<Artifact> {
  const name = specifier.slice(specifier.lastIndexOf('/') + 1).replace(/\.json$/, '');
  try {
    const file: ArtifactFile = JSON.parse(await readFile(resolve(specifier), 'utf8'));
    const bytecode = typeof file.bytecode === 'string' ? file.bytecode : file.bytecode.object;
    const links = typeof file.bytecode === 'string' ? file.linkReferences : file.bytecode.linkReferences;
    return { name, abi: file.abi, bytecode, linkReferences: links ?? {} };
  } catch (cause) {
    throw new GavelError(
      'DEVNET_NO_ARTIFACT',
      'a compiled contract cannot be read; build the contracts first',
      {
        cause,
        meta: { specifier },
      },
    );
  }
}

/** Reads one of Gavel's own compiled contracts; `file` is its Solidity file's name when that differs. */
export function gavelArtifact(name: string, file: string = name): Promise<Artifact> {
  return loadArtifact(`@gavel/contracts/artifacts/${file}.sol/${name}.json`);
}

/**
 * Puts library addresses into creation code.
 *
 * Throws DEVNET_LIBRARY_MISSING if one that the code needs is not given.
 */
export function link(artifact: Artifact, libraries: Readonly<Record<string, Address>> = {}): Hex {
  let code = artifact.bytecode.replace(/^0x/, '');
  for (const [library, positions] of Object.values(artifact.linkReferences).flatMap((file) =>
    Object.entries(file),
  )) {
    const address = libraries[library];
    if (address === undefined) {
      throw new GavelError('DEVNET_LIBRARY_MISSING', 'a library of a contract is missing; give its address', {
        meta: { contract: artifact.name, library },
      });
    }
    for (const { start, length } of positions) {
      code = code.slice(0, start * 2) + address.slice(2).toLowerCase() + code.slice((start + length) * 2);
    }
  }
  const linked: Hex = `0x${code}`;
  if (!isHex(linked, { strict: true })) {
    throw new GavelError('DEVNET_LIBRARY_MISSING', 'a contract still has unlinked libraries', {
      meta: { contract: artifact.name },
    });
  }
  return linked;
}

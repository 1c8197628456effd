import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Artifact, type Artifacts, createArtifacts } from './artifacts.ts';
import { DeployError } from './errors.ts';
import { type ChainPlan, DEFAULT_ARTIFACTS } from './plan.ts';
import type { Creation } from './step.ts';

/**
 * Writes what explorers need to verify the contracts of a plan, whether they exist yet or not: for each
 * contract its standard JSON input, and `contracts.json` with addresses, compiler versions, names and
 * constructor arguments. Returns how many contracts of how many chains were written. Throws BAD_ARTIFACT.
 */
export async function writeSources(
  folder: string,
  plans: readonly ChainPlan[],
  artifacts: string = DEFAULT_ARTIFACTS,
): Promise<number> {
  const source = createArtifacts(artifacts);
  await mkdir(folder, { recursive: true });
  const list: unknown[] = [];
  for (const { layout, steps } of plans) {
    const { name, chainId } = layout.chain.config;
    for (const { step, status } of steps) {
      if (step.kind !== 'create') continue;
      const { compiler, path } = buildOf(step.artifact);
      const file = `${name}-${step.what.replaceAll(/[^\w.-]+/g, '-')}.json`;
      await writeFile(join(folder, file), `${JSON.stringify(await standardInput(step, source), null, 2)}\n`);
      list.push({
        chain: name,
        chainId,
        label: step.what,
        address: step.address,
        deployed: status === 'done',
        contract: `${path}:${step.artifact.name}`,
        compiler: `v${compiler}`,
        constructorArguments: step.constructorArguments,
        standardInput: file,
      });
    }
  }
  await writeFile(join(folder, 'contracts.json'), `${JSON.stringify(list, null, 2)}\n`);
  return list.length;
}

/**
 * The compiler's input that gives a contract's code, its libraries' addresses filled in. Throws BAD_ARTIFACT.
 */
export async function standardInput({ artifact, libraries }: Creation, source: Artifacts): Promise<unknown> {
  const { settings, sources } = buildOf(artifact);
  const contents: Record<string, { content: string }> = {};
  for (const [path, { keccak256 }] of Object.entries(sources)) {
    contents[path] = { content: await source.sourceOf(path, keccak256) };
  }
  const linked: Record<string, Record<string, string>> = {};
  for (const [name, address] of Object.entries(libraries)) {
    const { path } = buildOf(await source.load(name));
    linked[path] = { ...linked[path], [name]: address };
  }
  return {
    language: 'Solidity',
    sources: contents,
    settings: {
      ...settings,
      libraries: linked,
      outputSelection: { '*': { '*': ['abi', 'evm.bytecode', 'evm.deployedBytecode', 'metadata'] } },
    },
  };
}

function buildOf({ name, build }: Artifact) {
  if (build !== undefined) return build;
  throw new DeployError('BAD_ARTIFACT', 'a compiled contract does not say how it was compiled', {
    meta: { contract: name },
  });
}

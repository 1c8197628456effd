/**
 * Compiles what other packages load from `out`: Gavel's contracts, the devnet's, the examples, and Morpho
 * Blue.
 */
import { npmCommand } from './command.ts';
import { requireForge } from './forge.ts';
import { startProgress } from './progress.ts';

/** Folders of contracts, and the test harnesses that tests in TypeScript call. */
const SOURCES = ['src', 'devnet', 'examples', 'test/base/DigestsHarness.sol', 'test/base/AmountsHarness.sol'];

/** Time that an up-to-date build takes at most, in milliseconds: such a build prints nothing. */
const SILENT_MS = 1_500;

/**
 * Compiles what is out of date. Prints progress lines in place of the compiler's output; if a compilation
 * fails, prints that output and ends this process with the compiler's exit code.
 */
export async function buildContracts(): Promise<void> {
  using progress = startProgress(
    'compiling the contracts, which takes about two minutes the first time',
    SILENT_MS,
  );
  await requireForge(['build', ...SOURCES]);
  progress.update('Morpho Blue');
  await buildMorpho();
}

/** Compiles Morpho Blue from its npm sources into `out/external`, where tests and the devnet load it from. */
export async function buildMorpho(): Promise<void> {
  await requireForge(['build'], { env: { FOUNDRY_PROFILE: 'morpho' } });
}

if (import.meta.main) {
  npmCommand('build', 'Compile what is out of date of the contracts, the examples and Morpho Blue.').parse();
  await buildContracts();
}

import { defineConfig, mergeConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import shared from '../vitest.shared.ts';

/** Those that start a network, the longest first, so that no long one is left for the end. */
const LONGEST = ['demo.test.ts', 'chaos.test.ts', 'chapters.test.ts', 'tiny-lend.test.ts'];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const index = LONGEST.findIndex((name) => moduleId.endsWith(`/${name}`));
      return index === -1 ? LONGEST.length : index;
    };
    return files.toSorted((a, b) => place(a) - place(b));
  }
}

export default mergeConfig(
  shared,
  defineConfig({
    test: {
      include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
      // Two networks at once: each mostly waits for its blocks.
      maxWorkers: 2,
      sequence: { sequencer: LongestFirst },
    },
  }),
);

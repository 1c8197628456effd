import { defineConfig, mergeConfig } from 'vitest/config';
import shared from '../vitest.shared.ts';

export default mergeConfig(
  shared,
  defineConfig({
    test: {
      include: ['{src,test,simulation,fuzz,bench}/**/*.test.ts'],
      // Most of these tests wait: for blocks, for peers, for processes.
      maxWorkers: 2,
    },
  }),
);

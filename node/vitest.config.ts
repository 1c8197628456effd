import { defineConfig } from 'vitest/config';

/** Real chains and real networks start in these tests: give slow machines time. */
export default defineConfig({
  test: {
    include: ['{src,test,simulation,fuzz,bench}/**/*.test.ts'],
    // Most of these tests wait: for blocks, for peers, for processes.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 25_000 } },
  },
});

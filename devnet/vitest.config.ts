import { defineConfig } from 'vitest/config';

/** Real chains and real networks start in these tests: give slow machines time. */
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // Two networks at once: each mostly waits for its blocks.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});

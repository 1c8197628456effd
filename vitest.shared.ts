import { defineConfig } from 'vitest/config';

/**
 * Time limit of a test or a hook, milliseconds. It ends a test that hangs; no test may come near it, however
 * busy the machine is. No test sets a limit of its own.
 */
const HANG_MS = 2_700_000;

/** What the tests of every package share. */
export default defineConfig({
  test: {
    testTimeout: HANG_MS,
    hookTimeout: HANG_MS,
    teardownTimeout: HANG_MS,
    // Shorter than a test's limit, so that a value that never comes is shown.
    expect: { poll: { timeout: HANG_MS / 2 } },
  },
});

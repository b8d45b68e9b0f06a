import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** The processes that tests start read their modules compiled from here: half of their start-up time. */
const compileCache = fileURLToPath(new URL('.local/compile-cache', import.meta.url));

export default defineConfig({
  test: {
    include: ['{test,local-azure/test}/**/*.test.ts'],
    // Far above what any test takes: a busy machine fails none.
    globalSetup: ['local-azure/test/reference.ts'],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    // Half of the time goes by in waiting for other processes.
    maxWorkers: 3,
    // No test changes a module's state for others: each worker loads the SDK and the local Azure once.
    isolate: false,
    env: { NODE_COMPILE_CACHE: compileCache },
    reporters: process.env.CI
      ? ['default', ['json', { outputFile: '.local/tests.json' }]]
      : ['default'],
  },
});

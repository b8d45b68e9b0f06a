import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { MixedSequence } from './test/runner/sequence.ts';

/** The processes that tests start read their modules compiled from here: half of their start-up time. */
const compileCache = fileURLToPath(new URL('.local/compile-cache', import.meta.url));

export default defineConfig({
  test: {
    include: ['{test,local-azure/test}/**/*.test.ts'],
    // Far above what any test takes: a busy machine fails none.
    globalSetup: ['local-azure/test/reference.ts'],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    // End-to-end tests wait for other processes half of the time.
    maxWorkers: 4,
    sequence: { sequencer: MixedSequence },
    // No test changes a module's state for others: each worker loads the SDK and the local Azure once.
    isolate: false,
    env: { NODE_COMPILE_CACHE: compileCache },
    reporters: process.env.CI
      ? ['default', ['json', { outputFile: '.local/tests.json' }]]
      : ['default'],
  },
});

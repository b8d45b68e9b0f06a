import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{test,local-azure/test}/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Most of the time goes by in waiting for other processes.
    maxWorkers: 3,
    reporters: process.env.CI
      ? ['default', ['json', { outputFile: '.local/tests.json' }]]
      : ['default'],
  },
});

import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** The witnesses want Python and Go, take minutes, and are no part of `npm test`: `npm run witness`. */
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['test/witness/**/*.witness.ts'],
    // Installing the Azure CLI takes minutes.
    hookTimeout: 900_000,
    testTimeout: 300_000,
    fileParallelism: false,
    // az sleeps half a minute for each command that it runs in a guest: others run meanwhile.
    maxConcurrency: 3,
    disableConsoleIntercept: true,
    reporters: ['verbose', ['json', { outputFile: '.local/witness.json' }]],
  },
});

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** An environment that does not give up one input: no run comes to its report without its inputs. */
const NO_INPUT = `process.env = new Proxy(process.env, {
  get(env, name) {
    if (name === 'INPUT_OPERATION') throw new Error('It is not there.');
    return env[name];
  },
});`;

test('a fault before a run can report is told as a failure, without a stack trace', () => {
  const preload = `data:text/javascript,${encodeURIComponent(NO_INPUT)}`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', preload, MAIN], {
    encoding: 'utf8',
    env: { ...process.env, GITHUB_STATE: '' },
  });
  expect(stdout).toMatch(/^::error title=.*::Something unexpected happened: It is not there\.%0A/m);
  expect(stdout + stderr).not.toMatch(/^\s+at /m);
  expect(status).toBe(1);
});

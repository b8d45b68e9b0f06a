import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import {
  begunMark,
  endOnConsole,
  readScriptResult,
  wrapScript,
} from '../../src/run/verify/wrapped-script.ts';

const NONCE = 'verify-0123456789abcdef';

/** Runs the wrapped script under the host's own shell, in a folder of its own. */
function run(script: string, seconds = 60, before = '') {
  const wrapped = `${before}${wrapScript('Linux', { nonce: NONCE, script, seconds })}`
    .replace('/var/tmp/azure-golden-image-verify', `$TMPDIR/verify-script-test-${process.pid}`)
    .replace('for console in /dev/ttyS0 /dev/ttyAMA0', 'for console in');
  const ended = spawnSync('/bin/sh', ['-c', wrapped], {
    encoding: 'utf8',
    env: { ...process.env, TMPDIR: process.env.TMPDIR ?? '/tmp' },
    timeout: 300_000,
  });
  return readScriptResult(ended.stdout, NONCE);
}

// What is wrapped for Linux needs a Linux shell, and its `timeout` and `setsid`.
describe.runIf(process.platform === 'linux')('a script under a real shell', () => {
  test.each([
    ['exit 0', 0],
    ['exit 3', 3],
    ['false', 1],
    ['kill -9 $$', 137],
    ['#!/bin/sh -e\nfalse\nexit 0', 1],
    ['#!/nonexistent/interpreter\nexit 0', 127],
    ['\uFEFFexit 4\r\n', 4],
    ["cat <<'END_OF_SCRIPT'\nx\nEND_OF_SCRIPT\nexit 5", 5],
  ])('%j ends with %i', (script, exitCode) => {
    expect(run(script)?.exitCode).toBe(exitCode);
  });

  test('tells the end of both streams', () => {
    expect(run('echo one\necho two >&2')?.output).toBe('one\ntwo');
  });

  test('of ten megabytes of output tells the end, in few bytes', () => {
    const result = run('yes 0123456789 | head -c 10000000\necho\necho last');
    expect(result).toMatchObject({ exitCode: 0 });
    expect(result?.output.endsWith('last')).toBe(true);
    expect(result?.output.length).toBeLessThanOrEqual(3000);
  });

  test('that hangs is ended, with exit code 124', () => {
    expect(run('echo waiting\nsleep 30', 1)).toEqual({ exitCode: 124, output: 'waiting' });
  });

  test('has a home and the usual umask, as deprovision-script has', () => {
    expect(run('echo "$HOME $(umask)"', 60, 'unset HOME\n')?.output).toBe('/root 0022');
  });

  test('does not pass when it could not be written whole', () => {
    const cut = 'base64() { command base64 "$@" | head -c 4; return 1; }\n';
    const result = run('true\nexit 3', 60, cut);
    expect(result?.exitCode).toBe(125);
    expect(result?.output).toMatch(/could not be written .*disk is full/);
  });

  test('does not wait for a service that it starts', () => {
    expect(run('sleep 15 &\nexit 0')).toEqual({ exitCode: 0, output: '' });
  });
});

test('without its mark there is no result, whatever was printed', () => {
  expect(readScriptResult('verify-script exit=0', NONCE)).toBeUndefined();
  expect(
    readScriptResult('azure-golden-image[other]: verify-script exit=0', NONCE),
  ).toBeUndefined();
});

test('the output is what stands in stdout before the mark', () => {
  const printed = `Enable succeeded: \n[stdout]\nfine\n\nazure-golden-image[${NONCE}]: verify-script exit=7\n\n[stderr]\n`;
  expect(readScriptResult(printed, NONCE)).toEqual({ exitCode: 7, output: 'fine' });
});

test('nothing in a script can end its quotation', () => {
  const windows = wrapScript('Windows', { nonce: NONCE, script: "'@; exit 9", seconds: 9.7 });
  expect(windows).not.toContain("'@; exit 9");
  expect(windows).toContain('AddSeconds(9)');
});

test.each([
  ['ends exit=7\r\n', 7],
  ['begins\r\n', undefined],
  ['ends exit=0\r\n[    0.000000] Linux version 6.8.0\r\n', undefined],
  ['ends exit=7', undefined],
  ['ends exit=\r\n', undefined],
])('a console with %j tells %s', (text, exitCode) => {
  expect(endOnConsole(`x\r\n${begunMark(NONCE)} ${text}`, NONCE)?.exitCode).toBe(exitCode);
  expect(endOnConsole(`${begunMark('verify-ffffffffffffffff')} ${text}`, NONCE)).toBeUndefined();
});

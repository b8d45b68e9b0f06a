import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { openElsewhere } from '../fuzz/elsewhere.ts';
import { leaksIn } from '../runner/leaks.ts';
import type { ActionRun } from '../runner/run-action.ts';
import { requestSeen, type Stage, stage } from './harness.ts';

/** All that can be switched on to see more: GitHub's two switches, the SDK's, and Node's. */
const DEBUG = {
  ACTIONS_STEP_DEBUG: 'true',
  ACTIONS_RUNNER_DEBUG: 'true',
  RUNNER_DEBUG: '1',
  AZURE_LOG_LEVEL: 'verbose',
  DEBUG: '*',
  NODE_DEBUG: 'https',
};

const VERSION = '**/versions/*';
const DENIED = { status: 403, body: { error: { code: 'AuthorizationFailed', message: 'No.' } } };

/** Each way that a run can go; the harness searches every one of them, this one with its file. */
const FLOWS: Readonly<Record<string, (local: Stage, file: string) => Promise<ActionRun>>> = {
  'a capture with snapshots': (local, file) =>
    run(local, { snapshot: 'true', 'result-file': file }),
  'a capture from disks that is refused, and its post': async (local, file) => {
    await local.misfortune('PUT', VERSION, DENIED, 9);
    return run(local, { 'capture-from': 'disks', 'result-file': file });
  },
  'a version that fails': async (local, file) => {
    const error = { code: 'Conflict', message: 'Broken.' };
    await local.misfortune('PUT', VERSION, { operation: { status: 'Failed', error } });
    return run(local, { 'result-file': file });
  },
  'answers that are lost, and polls that break': async (local, file) => {
    await local.misfortune('PUT', VERSION, { loseResponse: true });
    await local.misfortune('GET', '**/operations/*', { status: 503, body: '' }, 3);
    await local.misfortune('POST', '**/retrieveBootDiagnosticsData', { status: 500 });
    return run(local, { 'result-file': file });
  },
  'a sign-in that Entra refuses': async (local, file) => {
    const body = { error: 'invalid_client', error_description: 'AADSTS700213: No match.' };
    await local.misfortune('POST', '**/oauth2/v2.0/token', { status: 400, body }, 9);
    return run(local, { 'result-file': file });
  },
  'a run that is cancelled': async (local, file) => {
    const seen = () => requestSeen(local, 'PUT', VERSION, true);
    return local.run(
      { 'capture-from': 'disks', 'result-file': file },
      { env: DEBUG, skipIdlePost: false, signalAt: { seen, signal: 'SIGINT' } },
    );
  },
  'a dry run': (local, file) => run(local, { 'dry-run': 'true', 'result-file': file }),
  'waiting and a promotion': async (local, file) => {
    await run(local, { 'wait-for': 'none' });
    const from = { 'source-image-version': 'golden/ubuntu-2404/1.0.0', ...NO_CAPTURE };
    await run(local, { ...from, operation: 'wait' });
    const asked = { operation: 'promote', tags: 'stage=prod', 'result-file': file };
    return run(local, { ...from, ...asked });
  },
};

const NO_CAPTURE = { vm: '', gallery: '', 'image-definition': '' };

const run = (local: Stage, inputs: Record<string, string>) =>
  local.run(inputs, { env: DEBUG, skipIdlePost: false });

describe('with every debug switch on, no secret is shown by', () => {
  it.each(Object.entries(FLOWS))('%s', async (_, flow) => {
    await using local = await stage(600);
    const folder = mkdtempSync(join(tmpdir(), 'result-'));
    try {
      const file = join(folder, 'result.json');
      const done = await flow(local, file);
      const secrets = await local.control.secrets();
      expect(secrets.length).toBeGreaterThan(0);
      const result = readFileSync(file, 'utf8');
      expect(leaksIn(done, secrets, { 'result file': result })).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

test('the job’s token follows no redirect', async () => {
  await using local = await stage();
  const { caFile, env } = local.azure;
  await using elsewhere = await openElsewhere(readFileSync(caFile, 'utf8'));
  const location = `${elsewhere.origin}/token`;
  const path = new URL(env.ACTIONS_ID_TOKEN_REQUEST_URL ?? '').pathname;
  await local.misfortune('GET', path, { status: 307, headers: { location } }, 9999);
  const run = await local.run(
    { 'dry-run': 'true', 'timeout-minutes': '0.05' },
    { env: { NODE_EXTRA_CA_CERTS: elsewhere.caFile } },
  );
  expect(run.exitCode).toBe(1);
  expect(await local.control.requests()).toContainEqual(
    expect.objectContaining({ path, status: 307 }),
  );
  expect(elsewhere.told).toEqual([]);
});

test('the search finds what is there', () => {
  const clean = {
    exitCode: 0,
    outputs: {},
    summary: '',
    state: {},
    post: { exitCode: 0, log: '' },
  };
  const secret = 'a-very-secret-value';
  expect(leaksIn({ ...clean, log: `::add-mask::${secret}` }, [secret])).toEqual([]);
  const late = `url?sig=${secret}\n::add-mask::${secret}\n${secret}`;
  expect(leaksIn({ ...clean, log: late }, [secret])).toEqual(['log: a-very-secre…']);
  expect(leaksIn({ ...clean, log: `url?sig=${secret}` }, [secret])).toEqual(['log: a-very-secre…']);
  const state = { leftovers: secret };
  expect(leaksIn({ ...clean, log: '', state }, [secret])).toEqual(['state: a-very-secre…']);
});

/** The local Azure as other people's clients meet it: a process, HTTPS, and nothing but HTTP. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Announcement, type Answer, AzureProcess } from './azure-process.ts';

let azure: AzureProcess;
let started: Announcement;
let token: string;

beforeAll(async () => {
  azure = await AzureProcess.start('--speed', '60');
  started = azure.started;
  token = await azure.signIn();
});

afterAll(async () => {
  await azure.stop();
  expect(existsSync(started.caFile)).toBe(false);
});

const call = (
  method: string,
  url: string,
  body?: string,
  headers: Record<string, string> = {},
): Promise<Answer> => azure.call(method, url, { body, headers });

function arm(method: string, tail: string, body?: unknown): Promise<Answer> {
  const group = `/subscriptions/${started.subscriptionId}/resourceGroups/images`;
  const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
  const path = `${group}/providers/Microsoft.Compute/${tail}`;
  const separator = tail.includes('?') ? '&' : '?';
  const url = `${started.endpoint}${path}${separator}api-version=2025-04-01`;
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return call(method, url, text, headers);
}

describe('the process', () => {
  it('serves ARM to whoever has signed in', async () => {
    const vm = await arm('GET', 'virtualMachines/build-linux?$expand=instanceView');
    expect(vm.status).toBe(200);
    expect(JSON.parse(vm.text).properties.instanceView.statuses[1].code).toBe('PowerState/running');
  });

  it('runs an operation at its speed, with Retry-After scaled', async () => {
    const accepted = await arm('POST', 'virtualMachines/build-windows/deallocate');
    expect(accepted.status).toBe(202);
    expect(accepted.headers['retry-after']).toBe('1');
    const poll = String(accepted.headers['azure-asyncoperation']);
    const status = async (): Promise<string> => {
      const answer = await call('GET', poll, undefined, { authorization: `Bearer ${token}` });
      return JSON.parse(answer.text).status;
    };
    expect(await status()).toBe('InProgress');
    await expect.poll(status, { interval: 100, timeout: 300_000 }).toBe('Succeeded');
  });

  it('describes its cloud', async () => {
    const url = `${started.endpoint}/metadata/endpoints?api-version=2022-09-01`;
    const cloud = JSON.parse((await call('GET', url)).text);
    expect(cloud.authentication.loginEndpoint).toBe(started.endpoint);
    expect(cloud.resourceManager).toBe(`${started.endpoint}/`);
  });

  it('answers bad input in its own shape and stays up', async () => {
    const bad = [
      await arm('PUT', 'virtualMachines/build-linux', '{"location": '),
      await arm('PUT', 'virtualMachines/build-linux', '[]'),
      await arm('PUT', 'virtualMachines/build-linux', `"${'x'.repeat(5 * 1024 * 1024)}"`),
      await arm('GET', 'virtualMachines/nobody'),
      await arm('GET', 'teapots/brown'),
      await call('GET', `${started.endpoint}/subscriptions?api-version=2022-12-01`),
      await call('GET', `${started.endpoint}/%E0%A4%A`),
    ];
    expect(bad.map(({ status }) => status)).toEqual([400, 400, 413, 404, 501, 401, 400]);
    for (const { text } of bad) expect(JSON.parse(text).error.code).toEqual(expect.any(String));
    expect((await arm('GET', 'virtualMachines')).status).toBe(200);
  });

  it('names a request that no route takes on stderr once', async () => {
    for (let times = 0; times < 3; times++) await arm('GET', 'kettles/copper');
    const named = () => azure.complaints().split('kettles/copper').length - 1;
    // Its stderr reaches this process a moment after the answer.
    await arm('GET', 'kettles/iron');
    await expect.poll(() => azure.complaints(), { timeout: 60_000 }).toContain('kettles/iron');
    expect(named()).toBe(1);
  });

  it('cuts connections when told to', async () => {
    const match = { method: 'GET', path: '**/virtualMachines/*' };
    const rule = `{"match": ${JSON.stringify(match)}, "then": {"reset": true}}`;
    const url = `${started.endpoint}/_local/faults`;
    expect((await call('POST', url, rule)).status).toBe(204);
    await expect(arm('GET', 'virtualMachines/build-linux')).rejects.toThrow(/hang up|ECONNRESET/);
    expect((await arm('GET', 'virtualMachines/build-linux')).status).toBe(200);
  });

  it('lets a client that gives up go', async () => {
    const rule = '{"match": {"method": "GET", "path": "**/disks"}, "then": {"hang": true}}';
    await call('POST', `${started.endpoint}/_local/faults`, rule);
    const path = `/subscriptions/${started.subscriptionId}/resourceGroups/images/providers/Microsoft.Compute/disks`;
    const ca = readFileSync(started.caFile);
    const headers = { authorization: `Bearer ${token}` };
    const options = { ca, headers, agent: false, timeout: 300 };
    const hung = request(`${started.endpoint}${path}?api-version=2025-01-02`, options);
    const gone = once(hung, 'error');
    hung.on('timeout', () => hung.destroy(new Error('too long')));
    hung.end();
    expect(String(await gone)).toContain('too long');
    expect((await arm('GET', 'disks')).status).toBe(200);
  });

  it('can be looked into', async () => {
    const requests = JSON.parse((await call('GET', `${started.endpoint}/_local/requests`)).text);
    expect(requests[0]).toMatchObject({ method: 'GET', path: '/actions/idtoken', status: 200 });
    const clock = await call(
      'POST',
      `${started.endpoint}/_local/clock`,
      '{"advanceSeconds": 3600}',
    );
    expect(JSON.parse(clock.text)).toMatchObject({ speed: 60 });
  });
});

describe('an option that cannot be', () => {
  it.each([
    ['--speed', '0'],
    ['--speed', 'fast'],
    ['--speed', 'Infinity'],
    ['--port', '65536'],
    ['--port', '-1'],
    ['--port', '80.5'],
    ['--port', '0x50'],
    ['--speed', '1000001'],
    ['--speed', '-3'],
    ['--world', 'nowhere.json'],
    ['--world', 'package.json'],
    ['--cloud', 'Nimbus'],
    ['--colour', 'blue'],
    ['--token-seconds', ''],
    ['--token-seconds', '86401'],
    ['--assertion-seconds', '1.5'],
    ['--unknown', 'weather=fine'],
    ['--detached', 'yes'],
  ])('ends it before it begins: %s %s', (...options) => {
    const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
    const equals = options.join('=');
    const ended = spawnSync(process.execPath, [main, equals], { encoding: 'utf8' });
    expect([ended.status, ended.stdout]).toEqual([2, '']);
    expect(ended.stderr).toMatch(/^\S[\s\S]*\nusage: npm run azure/);
  });
});

describe('the process that started it ends', () => {
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
  /** What a shell started in the background before it ended. */
  async function startedFromShell(...options: string[]): Promise<{ pid: number; caFile: string }> {
    const folder = mkdtempSync(join(tmpdir(), 'local-azure-shell-'));
    const [out, err] = [join(folder, 'out'), join(folder, 'err')];
    const command = '"$0" "$@" > "$OUT" 2> "$ERR" & echo $!';
    const shell = spawnSync('sh', ['-c', command, process.execPath, main, ...options], {
      encoding: 'utf8',
      env: { ...process.env, OUT: out, ERR: err },
    });
    await expect.poll(() => readFileSync(out, 'utf8'), { timeout: 20_000 }).toContain('\n');
    const { caFile } = JSON.parse(readFileSync(out, 'utf8')) as Announcement;
    rmSync(folder, { recursive: true });
    return { pid: Number(shell.stdout), caFile };
  }
  const isRunning = (pid: number): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };

  it('keeps running when it was told to, also when the terminal hangs up', async () => {
    const { pid, caFile } = await startedFromShell('--detached');
    process.kill(pid, 'SIGHUP');
    await new Promise((done) => setTimeout(done, 2500));
    expect(isRunning(pid)).toBe(true);
    process.kill(pid, 'SIGTERM');
    await expect.poll(() => existsSync(caFile), { timeout: 20_000 }).toBe(false);
  });

  it('stops with its terminal otherwise, and leaves nothing behind', async () => {
    const started = await AzureProcess.start();
    started.signal('SIGHUP');
    await expect.poll(() => started.isRunning(), { timeout: 20_000 }).toBe(false);
    expect(existsSync(started.started.caFile)).toBe(false);
  });
});

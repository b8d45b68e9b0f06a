import { describe, expect, it } from 'vitest';
import { http } from '../runner/control.ts';
import type { ActionOptions } from '../runner/run-action.ts';
import { errorsIn, type Stage, stage } from './harness.ts';

const COMMENTS = '/github/repos/contoso/images/issues/7/comments';
const ours = { repo: { full_name: 'contoso/images' } };
const event: NonNullable<ActionOptions['event']> = {
  name: 'pull_request',
  payload: { pull_request: { number: 7, head: ours, base: ours } },
};

const check = (local: Stage, options: Partial<ActionOptions> = {}, inputs = {}) =>
  local.run(
    { 'dry-run': 'true', comment: 'true', ...inputs },
    { mainOnly: true, event, ...options },
  );

/** What requests to GitHub's REST API of this method meet. */
const meet = (local: Stage, fate: unknown, method = 'GET', times = 9999) =>
  local.control.fault(
    Object.fromEntries([
      ['match', { method, path: '/github/repos/**' }],
      ['times', times],
      ['then', fate],
    ]),
  );

const toldIn = (log: string, kind: 'notice' | 'warning'): string[] =>
  log.split('\n').filter((line) => line.startsWith(`::${kind} title=Azure Golden Image`));

const methods = async (local: Stage): Promise<string[]> =>
  (await local.control.requests())
    .filter(({ path }) => path.startsWith('/github/repos/'))
    .map(({ method }) => method);

describe('GitHub never keeps a run from its end', () => {
  it('when it gives no answer', async () => {
    await using local = await stage();
    await meet(local, { hang: true });
    const run = await check(local);
    expect(run.exitCode).toBe(0);
    expect(run.outputs.state).toBe('planned');
    expect(toldIn(run.log, 'notice')).toEqual([expect.stringContaining('could not be kept')]);
  });

  it('when its list of comments has no end', async () => {
    await using local = await stage();
    const comment = { id: 1, body: 'Talk.', user: { id: 2, login: 'octocat', type: 'User' } };
    const link = `<${local.azure.endpoint}${COMMENTS}?page=2>; rel="next"`;
    await meet(local, { status: 200, headers: { link }, body: Array(100).fill(comment) });
    const run = await check(local);
    expect(run.exitCode).toBe(0);
    expect(toldIn(run.log, 'notice')).toEqual([expect.stringContaining('more than 2500 comments')]);
    expect(await methods(local)).toEqual(Array(25).fill('GET'));
  });

  it.each([
    ['HTML', '<html>Unicorn!</html>'],
    ['an object', {}],
    ['null', null],
  ])('when it answers with %s: nothing is written on that', async (_, body) => {
    await using local = await stage();
    await meet(local, { status: 200, body });
    const run = await check(local);
    expect(run.exitCode).toBe(0);
    expect(toldIn(run.log, 'notice')).toEqual([
      expect.stringMatching(/answered with no (JSON|list)/),
    ]);
    expect(await methods(local)).toEqual(['GET', 'GET', 'GET']);
  });
});

/** The comments on the pull request. */
async function read(local: Stage): Promise<{ id: number; body: string }[]> {
  const headers = { authorization: 'Bearer local-github-token' };
  return JSON.parse((await http(local.azure, 'GET', `${COMMENTS}?per_page=100`, { headers })).text);
}

it.each([
  ['with the marker by a person who is named like the bot', 'local-github-token-namesake', ''],
  ['that quotes the marker, by whom it is of', 'local-github-token', '> '],
])('a comment %s is left alone', async (_, token, before) => {
  await using local = await stage();
  await check(local);
  const [first] = await read(local);
  await using other = await stage();
  const headers = { authorization: `Bearer ${token}` };
  const body = { body: `${before}${first?.body}` };
  expect((await http(other.azure, 'POST', COMMENTS, { body, headers })).status).toBe(201);
  const run = await check(other, { runId: '4712' });
  expect(run.log).toContain('The comment on pull request #7: created.');
  expect((await read(other))[0]).toMatchObject(body);
});

it('the own comment is found behind a page that is shorter than was asked for', async () => {
  await using local = await stage();
  const headers = { authorization: 'Bearer local-github-token-octocat' };
  for (let count = 0; count < 100; count++)
    await http(local.azure, 'POST', COMMENTS, { body: { body: 'Talk.' }, headers });
  await check(local);
  const link = `<${local.azure.endpoint}${COMMENTS}?page=2>; rel="next"`;
  await meet(local, { status: 200, headers: { link }, body: [] }, 'GET', 1);
  const run = await check(local, { runId: '4712' });
  expect(run.log).toContain('The comment on pull request #7: unchanged.');
});

describe('a file that cannot be written', () => {
  it('is an input error before any change', async () => {
    await using local = await stage();
    const cases: [Partial<ActionOptions>, Record<string, string>, string][] = [
      [{}, { 'result-file': '/proc/nothing/result.json' }, '`result-file`'],
      [{}, { 'result-file': '/' }, '`result-file`'],
      [{ env: { GITHUB_OUTPUT: '/dev/full' } }, {}, '`GITHUB_OUTPUT`'],
      [{ env: { GITHUB_OUTPUT: '/' } }, {}, '`GITHUB_OUTPUT`'],
      [{ env: { GITHUB_STATE: '/' } }, {}, '`GITHUB_STATE`'],
      [{ env: { GITHUB_STATE: '/nowhere/state' } }, {}, '`GITHUB_STATE`'],
    ];
    for (const [options, inputs, named] of cases) {
      const run = await local.run(inputs, { mainOnly: true, ...options });
      expect(run.exitCode).toBe(1);
      expect(errorsIn(run.log)).toEqual([expect.stringContaining(`${named} cannot be written`)]);
      expect(toldIn(run.log, 'warning')).toEqual([]);
      expect(run.log).not.toMatch(/^\s+at /m);
    }
    expect(await local.control.requests()).toEqual([]);
  });

  it('does not fail the run when it is the summary', async () => {
    await using local = await stage();
    const run = await local.run(
      { 'dry-run': 'true' },
      { mainOnly: true, env: { GITHUB_STEP_SUMMARY: '/dev/full' } },
    );
    expect(run.exitCode).toBe(0);
    expect(run.outputs.state).toBe('planned');
    expect(toldIn(run.log, 'warning').at(-1)).toContain('The job summary could not be written');
  });
});

it('an event that cannot be read is told, not thrown', async () => {
  await using local = await stage();
  for (const path of ['/', '/etc/passwd']) {
    const run = await check(local, { env: { GITHUB_EVENT_PATH: path } });
    expect(run.exitCode).toBe(0);
    expect(run.outputs.state).toBe('planned');
    expect(toldIn(run.log, 'notice')).toEqual([expect.stringContaining('`GITHUB_EVENT_PATH`')]);
    expect(run.log).not.toMatch(/^\s+at /m);
  }
});

import { describe, expect, it } from 'vitest';
import { http } from '../runner/control.ts';
import type { ActionOptions } from '../runner/run-action.ts';
import { errorsIn, type Stage, setPower, stage } from './harness.ts';

const COMMENTS = '/github/repos/contoso/images/issues/7/comments';
const WRITES = 'local-github-token';
const BY_OTHERS = 'local-github-token-octocat';

const repo = (full_name: string) => ({ repo: { full_name } });

const event = (from = 'contoso/images'): NonNullable<ActionOptions['event']> => ({
  name: 'pull_request',
  payload: { pull_request: { number: 7, head: repo(from), base: repo('contoso/images') } },
});

interface Comment {
  readonly id: number;
  readonly body: string;
  readonly user: { readonly login: string };
}

const say = async (local: Stage, body: string, token = BY_OTHERS): Promise<void> => {
  const headers = { authorization: `Bearer ${token}` };
  const { status } = await http(local.azure, 'POST', COMMENTS, { body: { body }, headers });
  expect(status).toBe(201);
};

async function comments(local: Stage): Promise<Comment[]> {
  const all: Comment[] = [];
  for (let page = 1; ; page++) {
    const headers = { authorization: `Bearer ${WRITES}` };
    const path = `${COMMENTS}?per_page=100&page=${page}`;
    const found = JSON.parse((await http(local.azure, 'GET', path, { headers })).text) as Comment[];
    all.push(...found);
    if (found.length < 100) return all;
  }
}

const ours = async (local: Stage) =>
  (await comments(local)).filter(({ user }) => user.login === 'github-actions[bot]');

/** A dry run for the pull request that keeps its comment. */
const check = (
  local: Stage,
  inputs: Record<string, string> = {},
  options: Partial<ActionOptions> = {},
) =>
  local.run(
    { 'dry-run': 'true', comment: 'true', ...inputs },
    { mainOnly: true, event: event(), ...options },
  );

/** What so many requests to GitHub's REST API meet. */
const meet = (local: Stage, method: string, times: number, fate: unknown) => {
  const match = { method, path: '/github/repos/**' };
  return local.control.fault(
    Object.fromEntries([
      ['match', match],
      ['times', times],
      ['then', fate],
    ]),
  );
};

const noticesIn = (log: string): string[] =>
  log.split('\n').filter((line) => line.startsWith('::notice'));

const commentRequests = async (local: Stage): Promise<string[]> =>
  (await local.control.requests())
    .filter(({ path }) => path.startsWith('/github/repos/'))
    .map(({ method }) => method);

describe('the comment on a pull request', () => {
  it('is made red, left alone when nothing changed, and turns green in place', async () => {
    await using local = await stage();
    await setPower(local, 'stopped');
    const red = await check(local);
    expect(red.exitCode).toBe(1);
    const [first, ...none] = await ours(local);
    expect(none).toEqual([]);
    expect(first?.body).toContain('### ❌ Dry run');
    expect(first?.body).toContain('nothing proves that it was deprovisioned');
    expect(red.summary).toContain('nothing proves that it was deprovisioned');

    await local.control.forgetRequests();
    await check(local, {}, { runId: '4712' });
    expect(await commentRequests(local)).toEqual(['GET']);
    expect(await ours(local)).toEqual([first]);

    await setPower(local, 'running');
    const green = await check(local, {}, { runId: '4713' });
    expect(green.exitCode).toBe(0);
    const [second, ...more] = await ours(local);
    expect(more).toEqual([]);
    expect(second?.id).toBe(first?.id);
    expect(second?.body).toContain('### ✅ Dry run');
    expect(second?.body).toContain('| Generalize build-linux (⚠️ irreversible) | 1 s |');
    expect(second?.body).toContain('/actions/runs/4713');
    expect(await local.writes()).toEqual([]);
  });

  it('is found beyond the first page, and is not a copy by somebody else', async () => {
    await using local = await stage();
    await check(local);
    const [first] = await ours(local);
    await using other = await stage();
    await say(other, first?.body ?? '');
    for (let count = 0; count < 120; count++) await say(other, `Talk ${count}.`);
    await check(other, {}, { runId: '1' });
    const [made, ...none] = await ours(other);
    expect(none).toEqual([]);
    await setPower(other, 'stopped');
    await check(other);
    expect((await ours(other)).map(({ id }) => id)).toEqual([made?.id]);
    const all = await comments(other);
    expect(all).toHaveLength(122);
    expect(all[0]?.body).toBe(first?.body);
  });

  it('is one for each matrix leg', async () => {
    await using local = await stage();
    const legs = ['ubuntu-2404', 'ubuntu-2404-specialized'];
    for (const round of ['1', '2'])
      await Promise.all(
        legs.map((leg) => check(local, { 'image-definition': leg }, { runId: round })),
      );
    const bodies = (await ours(local)).map(({ body }) => body);
    expect(bodies).toHaveLength(2);
    for (const leg of legs)
      expect(bodies.filter((body) => body.includes(`golden/${leg}/1.0.0`))).toHaveLength(1);
  });

  it('stays one for a VM that is named after its run', async () => {
    await using local = await stage();
    for (const runId of ['8203415672', '8203417777'])
      expect((await check(local, { vm: `build-${runId}-1` }, { runId })).exitCode).toBe(0);
    expect(await ours(local)).toHaveLength(1);
    expect((await ours(local))[0]?.body).toContain('build-8203417777-1');
  });

  it('tells of a real run too, and of mistakes in inputs', async () => {
    await using local = await stage();
    await setPower(local, 'deallocated', true);
    const run = await check(local, { 'dry-run': 'false' });
    expect(run.outputs.state).toBe('succeeded');
    expect((await ours(local))[0]?.body).toContain(
      '### ✅ <code>golden/ubuntu-2404/1.0.0</code> is complete in 1 region',
    );
    const wrong = await check(local, { 'image-version': '1.2' });
    expect(wrong.outputs).toMatchObject({ state: 'failed', changed: 'false' });
    expect(errorsIn(wrong.log)).toHaveLength(1);
    expect((await ours(local)).map(({ body }) => body)).toEqual([
      expect.stringContaining('<code>image-version</code> is "1.2"'),
    ]);
  });

  it('of a promotion turns green in place, and is another than that of the build', async () => {
    await using local = await stage();
    const built = await check(local, {
      'dry-run': 'false',
      deprovision: 'never',
      'exclude-from-latest': 'true',
    });
    const promotion = {
      operation: 'promote',
      'resource-group': '',
      vm: '',
      gallery: '',
      'image-definition': '',
      'source-image-version': built.outputs['image-version-id'] ?? '',
    };
    const red = await check(local, { ...promotion, 'target-regions': 'atlantis' });
    expect(red.exitCode).toBe(1);
    const [first, second, ...none] = await ours(local);
    expect(none).toEqual([]);
    expect(second?.body).toContain('<code>region-unknown</code>');
    const green = await check(local, { ...promotion, 'target-regions': 'northeurope' });
    expect(green.exitCode).toBe(0);
    const now = await ours(local);
    expect(now.map(({ id }) => id)).toEqual([first?.id, second?.id]);
    expect(now[0]).toEqual(first);
    expect(now[1]?.body).toContain('| northeurope | – | 1 × Standard_ZRS |');
  });

  it('survives an answer that was lost, without a second one', async () => {
    await using local = await stage();
    await meet(local, 'POST', 1, { loseResponse: true });
    const run = await check(local);
    expect(noticesIn(run.log).filter((line) => line.includes('comment'))).toEqual([]);
    expect(await ours(local)).toHaveLength(1);
  });
});

describe('without a comment the summary has everything, and one notice says why', () => {
  it.each([
    [
      'a token that is only allowed to read',
      'local-github-token-read',
      /403.*pull-requests: write/,
    ],
    ['a token for other things', 'local-github-token-nothing', /403.*pull-requests: write/],
    ['a token that cannot see the repository', 'local-github-token-stranger', /404/],
    ['a token that nobody knows', 'made-up-token', /401 \(Bad credentials/],
  ])('with %s', async (_, token, said) => {
    await using local = await stage();
    const run = await check(local, { 'github-token': token, 'replica-count': '3' });
    expect(run.exitCode).toBe(0);
    expect(noticesIn(run.log)).toEqual([expect.stringMatching(said)]);
    expect(run.summary).toContain('### ✅ Dry run');
    expect(run.log).toContain(`::add-mask::${token}`);
    expect(await ours(local)).toEqual([]);
  });

  it('with no pull request in the event', async () => {
    await using local = await stage();
    const push = { name: 'push', payload: { ref: 'refs/heads/main' } };
    const run = await check(local, { 'replica-count': '3' }, { event: push });
    expect(run.exitCode).toBe(0);
    expect(noticesIn(run.log)).toEqual([expect.stringContaining('the event push')]);
    expect(await commentRequests(local)).toEqual([]);
  });

  it('with GitHub in trouble', async () => {
    await using local = await stage();
    await meet(local, '*', 9, { status: 502, body: { message: 'Oops' } });
    const run = await check(local, { 'replica-count': '3' });
    expect(run.exitCode).toBe(0);
    expect(noticesIn(run.log)).toEqual([expect.stringMatching(/answered 502.*job summary/)]);
    expect(await commentRequests(local)).toHaveLength(3);
  });
});

describe('a pull request from a fork', () => {
  const fork = {
    event: event('eve/images'),
    env: {
      ACTIONS_ID_TOKEN_REQUEST_URL: '',
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: '',
      AZURE_TENANT_ID: '',
      AZURE_CLIENT_ID: '',
    },
  };
  const withheld = { 'tenant-id': '', 'client-id': '', 'subscription-id': '' };

  it('has its inputs checked, with one notice and without a word to Azure', async () => {
    await using local = await stage();
    const run = await check(local, withheld, fork);
    expect(run.exitCode).toBe(0);
    expect(errorsIn(run.log)).toEqual([]);
    expect(noticesIn(run.log)).toEqual([expect.stringContaining('comes from a fork')]);
    expect(run.outputs).toMatchObject({ state: 'planned', changed: 'false' });
    expect(JSON.parse(run.outputs.plan ?? '')).toMatchObject({
      steps: [],
      findings: [{ rule: 'fork-pull-request', severity: 'notice' }],
    });
    expect(run.summary).toContain('Only the inputs were checked');
    expect(await local.control.requests()).toEqual([]);
  });

  it('fails by what is wrong with them', async () => {
    await using local = await stage();
    const run = await check(local, { ...withheld, 'target-regions': 'west_europe' }, fork);
    expect(run.exitCode).toBe(1);
    expect(run.outputs.state).toBe('failed');
    expect(errorsIn(run.log)).toEqual([expect.stringContaining('`target-regions`')]);
  });

  it('has the inputs of a promotion checked likewise', async () => {
    await using local = await stage();
    const inputs = {
      ...withheld,
      operation: 'promote',
      'resource-group': 'released',
      vm: '',
      gallery: 'production',
      'image-definition': 'ubuntu',
      'source-image-version': 'golden/ubuntu-2404/latest',
    };
    const right = await check(local, inputs, fork);
    expect(right.exitCode).toBe(0);
    expect(noticesIn(right.log)).toEqual([expect.stringContaining('comes from a fork')]);
    const wrong = await check(local, { ...inputs, 'region-changes': 'replace' }, fork);
    expect(wrong.exitCode).toBe(1);
    expect(errorsIn(wrong.log)).toEqual([expect.stringContaining('no meaning for a copy')]);
    expect(await local.control.requests()).toEqual([]);
  });

  it('does not excuse a real run, nor a branch whose job lacks the permission', async () => {
    await using local = await stage();
    const real = await check(local, { 'dry-run': 'false' }, fork);
    expect(real.exitCode).toBe(1);
    const branch = await check(local, {}, { ...fork, event: event() });
    expect(errorsIn(branch.log).at(-1)).toMatch(/is not given|id-token: write/);
  });
});

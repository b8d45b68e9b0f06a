import { getOctokit } from '@actions/github';
import { describe, expect, it } from 'vitest';
import { createLocalAzure } from '../src/azure.ts';
import { inProcessFetch } from '../src/in-process.ts';
import { claimsOf } from '../src/jwt.ts';

const azure = createLocalAzure();
const fetch = inProcessFetch(azure);
const repo = { owner: 'contoso', repo: 'images' };

function octokit(token: string) {
  const baseUrl = azure.env.GITHUB_API_URL ?? '';
  return getOctokit(token, { baseUrl, request: { fetch } });
}

describe('comments on a pull request', () => {
  it('are created, listed page by page, changed and deleted', async () => {
    const { issues } = octokit(azure.env.GITHUB_TOKEN ?? '').rest;
    for (const body of ['first', 'second', 'third']) {
      await issues.createComment({ ...repo, issue_number: 7, body });
    }
    const page = await issues.listComments({ ...repo, issue_number: 7, per_page: 2 });
    expect(page.data.map(({ body }) => body)).toEqual(['first', 'second']);
    expect(page.headers.link).toContain('page=2');
    const [first] = page.data;
    const comment_id = first?.id ?? 0;
    await issues.updateComment({ ...repo, comment_id, body: 'changed' });
    expect((await issues.getComment({ ...repo, comment_id })).data.body).toBe('changed');
    await issues.deleteComment({ ...repo, comment_id });
    expect(azure.github.comments.get('contoso/images#7')?.map(({ body }) => body)).toEqual([
      'second',
      'third',
    ]);
  });

  it('need the token', async () => {
    const { issues } = octokit('another').rest;
    const attempt = issues.listComments({ ...repo, issue_number: 7 });
    await expect(attempt).rejects.toMatchObject({ status: 401 });
  });

  it.each([
    ['read', true, 403],
    ['nothing', false, 403],
    ['stranger', false, 404],
  ])('by a token that may %s: reading %s, writing %d', async (token, reads, status) => {
    const { issues } = octokit(`local-github-token-${token}`).rest;
    const reading = issues.listComments({ ...repo, issue_number: 8 });
    if (reads) expect((await reading).data).toEqual([]);
    else await expect(reading).rejects.toMatchObject({ status });
    const writing = issues.createComment({ ...repo, issue_number: 8, body: 'x' });
    await expect(writing).rejects.toMatchObject({ status });
  });

  it('have the author whose token it was, which GraphQL tells of every token', async () => {
    for (const [token, login] of [
      [azure.env.GITHUB_TOKEN ?? '', 'github-actions[bot]'],
      ['local-github-token-octocat', 'octocat'],
    ] as const) {
      const client = octokit(token);
      const made = await client.rest.issues.createComment({ ...repo, issue_number: 9, body: 'x' });
      expect(made.data.user?.login).toBe(login);
      expect(await client.graphql('{ viewer { login } }')).toEqual({ viewer: { login } });
      const whole = '{ viewer { login databaseId } }';
      const id = expect.any(Number);
      expect(await client.graphql(whole)).toEqual({ viewer: { login, databaseId: id } });
    }
  });

  it('have 65,536 characters at most, and pages of a hundred', async () => {
    const { issues } = octokit(azure.env.GITHUB_TOKEN ?? '').rest;
    const create = (body: string) => issues.createComment({ ...repo, issue_number: 10, body });
    await create('x'.repeat(65_536));
    await expect(create('x'.repeat(65_537))).rejects.toMatchObject({ status: 422 });
    for (let count = 0; count < 100; count++) await create('x');
    const page = await issues.listComments({ ...repo, issue_number: 10, per_page: 200 });
    expect(page.data).toHaveLength(100);
  });
});

describe('ID tokens', () => {
  const url = azure.env.ACTIONS_ID_TOKEN_REQUEST_URL ?? '';

  it('carry the audience asked for and live five minutes', async () => {
    const authorization = `Bearer ${azure.env.ACTIONS_ID_TOKEN_REQUEST_TOKEN}`;
    const answer = await fetch(`${url}&audience=somebody`, { headers: { authorization } });
    const { value } = (await answer.json()) as { value: string };
    const claims = claimsOf(value);
    expect(claims).toMatchObject({
      aud: 'somebody',
      sub: 'repo:contoso@6844498/images@74729214:ref:refs/heads/main',
    });
    expect(Number(claims?.exp) - Number(claims?.iat)).toBe(300);
  });

  it('are for the job alone', async () => {
    expect((await fetch(`${url}&audience=somebody`)).status).toBe(401);
  });
});

/** GitHub Enterprise Server: its issuer, its subjects of names alone, its API beside GraphQL. */
import { expect, it } from 'vitest';
import { http } from '../runner/control.ts';
import { stage } from './harness.ts';

const HOST = 'https://github.contoso.example';
const ISSUER = `${HOST}/_services/token`;
const COMMENTS = '/api/v3/repos/contoso/images/issues/7/comments';

const repo = { repo: { full_name: 'contoso/images' } };
const event = {
  name: 'pull_request',
  payload: { pull_request: { number: 7, head: repo, base: repo } },
};

it('signs in, and keeps its comment, on GitHub Enterprise Server', async () => {
  await using local = await stage(480, { idTokenIssuer: ISSUER });
  const { control, azure } = local;
  const env = { GITHUB_SERVER_URL: HOST, GITHUB_API_URL: `${azure.endpoint}/api/v3` };
  const check = () =>
    local.run({ 'dry-run': 'true', comment: 'true' }, { mainOnly: true, event, env });

  const refused = await check();
  expect(refused.exitCode).toBe(1);
  expect(refused.log).toContain('AADSTS700211');
  expect(refused.log).toContain(ISSUER);

  const identity = `/subscriptions/${azure.subscriptionId}/resourceGroups/images/providers/Microsoft.ManagedIdentity/userAssignedIdentities/app`;
  const credential = {
    id: `${identity}/federatedIdentityCredentials/main`,
    properties: {
      issuer: ISSUER,
      subject: 'repo:contoso/images:ref:refs/heads/main',
      audiences: ['api://AzureADTokenExchange'],
    },
  };
  await control.setWorld([...(await control.world()), credential]);
  for (let turn = 0; turn < 2; turn++) {
    const run = await check();
    expect(run).toMatchObject({ exitCode: 0, outputs: { state: 'planned' } });
    expect(run.log).toContain(`issuer \`${ISSUER}\`, subject \`repo:contoso/images:ref:`);
  }
  const headers = { authorization: 'Bearer local-github-token' };
  const comments = JSON.parse((await http(azure, 'GET', COMMENTS, { headers })).text);
  expect(comments).toHaveLength(1);
  expect(comments[0].body).toContain(`${HOST}/contoso/images/actions/runs/`);
  const asked = (await control.requests()).map(({ path }) => path);
  expect(asked).toContain('/api/graphql');
  expect(asked.filter((path) => /^\/github\//.test(path))).toEqual([]);
});

import { expect, it } from 'vitest';
import { connectProxy } from '../runner/connect-proxy.ts';
import { stage } from './harness.ts';

it('goes through HTTPS_PROXY for ARM, sign-in and GitHub alike, unless NO_PROXY says otherwise', async () => {
  await using local = await stage();
  await using through = await connectProxy();
  const env = { HTTPS_PROXY: through.url, NO_PROXY: '', no_proxy: '' };
  const inputs = { vm: 'nobody' };
  const run = await local.run(inputs, { env, mainOnly: true });
  expect(run.log).toContain('nobody` does not exist');
  const seen = await local.control.requests();
  expect(seen.map(({ path }) => path).join('\n')).toMatch(
    /idtoken[\s\S]*oauth2[\s\S]*virtualMachines/i,
  );
  expect(through.asked.length).toBeGreaterThan(0);
  expect(new Set(through.asked)).toEqual(new Set([new URL(local.azure.endpoint).host]));

  through.asked.length = 0;
  const direct = await local.run(inputs, {
    env: { ...env, NO_PROXY: 'localhost' },
    mainOnly: true,
  });
  expect(direct.log).toContain('nobody` does not exist');
  expect(through.asked).toEqual([]);
});

it('goes through HTTPS_PROXY for the comment on a pull request', async () => {
  await using local = await stage();
  // By a name that is not loopback's: for that @actions/http-client never asks a proxy.
  const origin = 'https://api.github.com';
  await using through = await connectProxy({ [origin]: local.azure.endpoint });
  const api = `${origin}${new URL(local.azure.env.GITHUB_API_URL ?? '').pathname}`;
  const pull_request = { number: 7, head: { repo: {} }, base: { repo: {} } };
  const run = await local.run(
    { 'dry-run': 'true', comment: 'true' },
    {
      env: { HTTPS_PROXY: through.url, NO_PROXY: 'localhost', no_proxy: '', GITHUB_API_URL: api },
      event: { name: 'pull_request', payload: { pull_request } },
      mainOnly: true,
    },
  );
  expect(run.log).toContain('The comment on pull request #7: created.');
  expect(new Set(through.asked)).toEqual(new Set(['api.github.com:443']));
});

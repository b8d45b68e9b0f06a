import { expect, it } from 'vitest';
import { connectProxy } from '../runner/connect-proxy.ts';
import { stage } from './harness.ts';

it('goes through HTTPS_PROXY for ARM, sign-in and GitHub alike, unless NO_PROXY says otherwise', async () => {
  await using local = await stage();
  await using through = await connectProxy();
  const env = { HTTPS_PROXY: through.url, NO_PROXY: '', no_proxy: '' };
  const inputs = { vm: 'nobody' };
  const run = await local.run(inputs, { env, mainOnly: true });
  expect(run.log).toContain('nobody does not exist');
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
  expect(direct.log).toContain('nobody does not exist');
  expect(through.asked).toEqual([]);
});

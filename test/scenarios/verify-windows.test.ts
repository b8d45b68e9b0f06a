import { expect, it } from 'vitest';
import { capture, fakeClock, localAzure, ofWindows, verifySettings } from './harness.ts';

it.each([
  ['exit 0', 'true'],
  ['exit 3', 'false'],
])('a script in Windows: %s', async (script, verified) => {
  using _clock = fakeClock();
  const azure = localAzure();
  const verify = verifySettings(azure, { script });
  const { told, failure } = await capture(azure, {
    request: { ...ofWindows(azure), ephemeral: true, verify },
  });
  expect([told.outputs.get('verified'), failure?.message]).toEqual([
    verified,
    verified === 'true' ? undefined : expect.stringContaining('exit code 3'),
  ]);
});

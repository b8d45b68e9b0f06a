import { expect, it } from 'vitest';
import { capture, fakeClock, localAzure } from './harness.ts';

/** Emulated seconds of a capture that looks as often as this, or as it sees fit. */
async function seconds(regions: readonly string[], pollSeconds?: number): Promise<number> {
  using _clock = fakeClock();
  const azure = localAzure({ throttling: pollSeconds === undefined });
  const run = await capture(azure, {
    request: { snapshot: true, regions: regions.map((name) => ({ name })) },
    ...(pollSeconds !== undefined && { pollSeconds }),
  });
  if (run.failure) throw run.failure;
  return run.seconds;
}

it.each([[[]], [['westeurope', 'northeurope', 'eastus2']]])(
  'a capture into %j loses at most a hundredth to noticing late',
  async (regions) => {
    const atOnce = await seconds(regions, 0.25);
    expect(await seconds(regions)).toBeLessThan(1.01 * atOnce);
  },
  60_000,
);

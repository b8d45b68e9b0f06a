import { expect, it } from 'vitest';
import { capture, fakeClock, localAzure } from './harness.ts';

/** Emulated seconds and requests of a capture that looks as often as this, or as it sees fit. */
async function cost(regions: readonly string[], pollSeconds?: number) {
  using _clock = fakeClock();
  const azure = localAzure({ throttling: pollSeconds === undefined });
  const run = await capture(azure, {
    request: { snapshot: true, regions: regions.map((name) => ({ name })) },
    ...(pollSeconds !== undefined && { pollSeconds }),
  });
  if (run.failure) throw run.failure;
  return { seconds: run.seconds, requests: azure.requests.all().length };
}

it.each([
  [[], 1.0125],
  [['westeurope', 'northeurope', 'eastus2'], 1.005],
] as const)(
  'a capture into %j loses little to noticing late, with at most 100 requests',
  async (regions, factor) => {
    const atOnce = await cost(regions, 1);
    const usual = await cost(regions);
    expect(usual.seconds).toBeLessThan(factor * atOnce.seconds);
    expect(usual.requests).toBeLessThanOrEqual(100);
  },
  300_000,
);

import { describe, expect, it } from 'vitest';
import { asFailure, Failure } from '../../../src/domain/failure.ts';
import type { ImageVersion } from '../../../src/domain/gallery.ts';
import { stateOf } from '../../../src/domain/observed.ts';
import type { RegionReplication } from '../../../src/domain/replication.ts';
import { MOST_TAGS } from '../../../src/domain/tags.ts';
import { planCapture } from '../../../src/plan/capture.ts';
import { NOTHING_TRIED, nextRepair } from '../../../src/plan/region-repair.ts';
import { versionFailure } from '../../../src/run/steps/replicate.ts';
import { region, target, version } from '../worlds.ts';

const failed = (
  states: Readonly<Record<string, RegionReplication['state']>>,
  change: Partial<ImageVersion> = {},
): ImageVersion =>
  version('1.0.0', 'Failed', {
    location: 'westeurope',
    regions: Object.keys(states).map((name) => ({ name, replicas: 1 })),
    replication: Object.entries(states).map(([name, state]) => region(name, state)),
    ...change,
  });

/** What a run is told to do when nothing of what it may try has helped. */
function remedyOf(found: ImageVersion, repairRegions: boolean): string {
  const wanted = target({ repairRegions });
  const failure = new Failure({ kind: 'refused', what: 'It failed.' });
  let repair = NOTHING_TRIED;
  try {
    while (repair.tried.length < 9) ({ repair } = nextRepair(repair, failure, found, wanted));
  } catch (ending) {
    return asFailure(ending).remedy ?? '';
  }
  throw new Error('There should be an end to it');
}

describe('when nothing that may be tried has helped', () => {
  const north = { westeurope: 'Completed', northeurope: 'Failed' } as const;

  it('names the input that allows more, and the regions', () => {
    expect(remedyOf(failed(north), false)).toContain(
      '`repair-regions: true`, as below: it removes northeurope and adds it again',
    );
    expect(remedyOf(failed({ ...north, uksouth: 'Failed' }), false)).toContain(
      'it removes northeurope, uksouth and adds them again',
    );
  });

  it('does not name an input that is given, but why it is of no use', () => {
    const full = Array.from({ length: MOST_TAGS }, (_, index) => [`tag${index}`, '']);
    const remedy = remedyOf(failed(north, { tags: Object.fromEntries(full) }), true);
    expect(remedy).toContain('the version has no free tags to record it in');
    expect(remedy).not.toContain('`repair-regions: true`');
  });

  it.each([true, false])('speaks of no region when none has failed, allowed: %s', (allowed) => {
    const remedy = remedyOf(failed({ westeurope: 'Completed', uksouth: 'Replicating' }), allowed);
    expect(remedy).toMatch(/^Re-run the failed job; it resumes here.* stay\.$/);
  });

  it('says that the home region is never taken away', () => {
    const home = failed({ westeurope: 'Failed', northeurope: 'Completed' });
    expect(remedyOf(home, true)).toContain('`westeurope` is the home region');
  });

  it('claims of no region that it was removed and added again which was not', () => {
    expect(remedyOf(failed(north), true)).toMatch(/nor removing northeurope and adding it again/);
    const both = failed({ westeurope: 'Failed', northeurope: 'Failed', uksouth: 'Completed' });
    expect(remedyOf(both, true)).not.toContain('nor removing');
  });
});

it('repairs a version that is complete only where nobody waits for it', async () => {
  const regions = [region('westeurope', 'Failed')];
  const replication = [...regions, region('northeurope')];
  const found = failed({ westeurope: 'Failed' }, { replication });
  const failure = await versionFailure(found, regions, { whyFailed: async () => undefined }, true);
  expect(failure.remedy).toContain('it retries the regions that failed. Complete regions stay.');
  const { repair, says } = nextRepair(NOTHING_TRIED, failure, found, target());
  expect(repair.tried).toEqual(['again']);
  expect(says).toContain('It is complete in other regions. The request is sent once more');
  expect(planCapture(target(), stateOf(found))).toMatchObject([{ do: 'update' }, {}]);
});

import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { ImageVersion } from '../../../src/domain/gallery.ts';
import { stateOf } from '../../../src/domain/observed.ts';
import { sameRegion, type TargetRegion } from '../../../src/domain/regions.ts';
import type { RegionReplication } from '../../../src/domain/replication.ts';
import type { WaitFor } from '../../../src/domain/request.ts';
import { MOST_TAGS } from '../../../src/domain/tags.ts';
import { applied } from '../../../src/domain/version-change.ts';
import { planCapture } from '../../../src/plan/capture.ts';
import type { Step } from '../../../src/plan/plan.ts';
import { planPromote } from '../../../src/plan/promote.ts';
import {
  isStillFailed,
  type Repair,
  regionsToReAdd,
  repairing,
} from '../../../src/plan/region-repair.ts';
import { hasWaited } from '../../../src/plan/replicated.ts';
import { resolvePromote } from '../../../src/plan/resolve-promote.ts';
import { origin, region, target, version } from '../worlds.ts';
import { promoteInventory, promoteRequest } from './promote-judging.ts';

const HOME = 'westeurope';
const NAMES = [HOME, 'northeurope', 'eastus2', 'uksouth'] as const;

const targetRegion = (name: string): fc.Arbitrary<TargetRegion> =>
  fc.record(
    {
      name: fc.constant(name),
      replicas: fc.integer({ min: 1, max: 9 }),
      storageAccountType: fc.constantFrom('Standard_LRS' as const, 'Premium_LRS' as const),
      excludeFromLatest: fc.boolean(),
    },
    { requiredKeys: ['name', 'replicas'] },
  );

/** A version that failed; its home region is complete, the others are anything. */
const failed: fc.Arbitrary<ImageVersion> = fc
  .record({
    regions: fc.tuple(...NAMES.map(targetRegion)),
    states: fc.array(
      fc.constantFrom<RegionReplication['state']>('Completed', 'Failed', 'Replicating'),
      {
        minLength: 3,
        maxLength: 3,
      },
    ),
    count: fc.integer({ min: 1, max: 4 }),
    away: fc.subarray([1, 2, 3]),
  })
  .map(({ regions, states, count, away }) => {
    const all = regions.slice(0, count);
    const removed = all.filter((_, index) => away.includes(index));
    const there = all.filter((each) => !removed.includes(each));
    return version('1.0.0', 'Failed', {
      location: HOME,
      regions: there,
      replication: there.map(({ name }, index) =>
        region(name, index === 0 ? 'Completed' : states[index - 1]),
      ),
      ...(removed.length > 0 && { removed }),
    });
  });

describe('regions that may be taken away', () => {
  test('have failed, are not at home, and leave one that is complete', () => {
    fc.assert(
      fc.property(failed, (found) => {
        const goes = regionsToReAdd(found);
        for (const each of goes) {
          expect(sameRegion(each.name, found.location)).toBe(false);
          expect(found.replication).toContainEqual(region(each.name, 'Failed'));
          expect(isStillFailed(found, each)).toBe(true);
          expect(isStillFailed(found, { ...each, replicas: each.replicas + 1 })).toBe(false);
          expect(isStillFailed({ ...found, provisioningState: 'Updating' }, each)).toBe(false);
        }
        expect(goes.length).toBeLessThan(found.regions.length);
      }),
    );
  });

  const two = (states: readonly RegionReplication['state'][], tags = {}) =>
    version('1.0.0', 'Failed', {
      regions: [HOME, 'northeurope'].map((name) => ({ name, replicas: 1 })),
      replication: [region(HOME, states[0]), region('northeurope', states[1])],
      tags,
    });
  const tagged = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`t${index}`, '']));

  it.each<[string, ImageVersion, readonly string[]]>([
    ['one of two', two(['Completed', 'Failed']), ['northeurope']],
    ['none: the home region failed', two(['Failed', 'Completed']), []],
    ['none: nothing is complete', two(['Failed', 'Failed']), []],
    [
      'one, with room for a tag',
      two(['Completed', 'Failed'], tagged(MOST_TAGS - 1)),
      ['northeurope'],
    ],
    ['none: no tag has room', two(['Completed', 'Failed'], tagged(MOST_TAGS)), []],
  ])('%s', (_, found, goes) => {
    expect(regionsToReAdd(found).map(({ name }) => name)).toEqual(goes);
  });
});

const complete = (found: ImageVersion): ImageVersion => ({
  ...found,
  provisioningState: 'Succeeded',
  replication: found.regions.map(({ name }) => region(name)),
});

/** What a step that ended well leaves behind. */
function after(step: Step, seen: ImageVersion): ImageVersion {
  if (step.do === 'update')
    return { ...applied(seen, step.change), provisioningState: 'Updating' as const };
  if (step.do === 'replicate') return complete(seen);
  throw new Error(`A repair has no step ${step.do}`);
}

const namesOf = (regions: readonly TargetRegion[] = []): string[] =>
  regions.map(({ name }) => name);

const AGAIN: Repair = { tried: ['again'], isDone: false };
const RE_ADD: Repair = { tried: ['again', 're-add'], isDone: false };
type Plan = (seen: ImageVersion, repair: Repair) => readonly Step[];

const captured = (found: ImageVersion, waitFor: WaitFor): Plan => {
  const wanted = target({ regions: [{ name: 'northeurope' }], waitFor, repairRegions: true });
  const owned = { ...found, id: wanted.version, tags: wanted.tags };
  return (now, repair) =>
    repairing(repair, wanted, stateOf({ ...now, id: owned.id, tags: owned.tags }), (each) =>
      planCapture(wanted, each),
    );
};

const promoted = (found: ImageVersion, waitFor: WaitFor): Plan => {
  const wanted = resolvePromote(promoteRequest({ repairRegions: true, waitFor }), origin(), {
    ...promoteInventory({}),
    source: found,
    versions: [found],
  });
  if (!wanted) throw new Error('This inventory resolves to nothing');
  return (now, repair) =>
    repairing(repair, wanted, stateOf(now), (each) => planPromote(wanted, each));
};

describe.each([
  ['a capture', captured],
  ['a promotion where the version is', promoted],
])('%s of a version that failed', (_, planOf) => {
  const waits = fc.constantFrom<WaitFor>('replicated', 'home', 'none');
  const repairs = fc.constantFrom(AGAIN, RE_ADD);

  test('killed after any step, again and again: no region is ever forgotten, all are there in the end', () => {
    fc.assert(
      fc.property(
        failed,
        waits,
        fc.array(fc.tuple(fc.nat({ max: 6 }), repairs), { maxLength: 5 }),
        (first, waitFor, killed) => {
          const plan = planOf(first, waitFor);
          let seen = first;
          for (const [done, repair] of [...killed, [99, AGAIN], [99, AGAIN]] as const)
            for (const each of plan(seen, repair).slice(0, done)) {
              seen = after(each, seen);
              expect(namesOf(seen.regions)).toContain(HOME);
              expect([...namesOf(seen.regions), ...namesOf(seen.removed)]).toEqual(
                expect.arrayContaining([...namesOf(first.regions), ...namesOf(first.removed)]),
              );
            }
          expect(plan(complete(seen), AGAIN)).toEqual([]);
          expect(hasWaited('replicated', HOME, complete(seen))).toBe(true);
          for (const each of [...first.regions, ...(first.removed ?? [])])
            expect(seen.regions).toContainEqual(each);
        },
      ),
    );
  });

  test('takes something away in no other way than to add it again in the same plan', () => {
    fc.assert(
      fc.property(failed, waits, repairs, (found, waitFor, repair) => {
        const changes = planOf(found, waitFor)(found, repair).flatMap((each) =>
          each.do === 'update' ? [each.change] : [],
        );
        const goes = changes.flatMap(({ removeForNow = [] }) => namesOf(removeForNow));
        const returns = changes.flatMap(({ bringBack = [] }) => bringBack);
        expect(changes.flatMap(({ remove }) => remove)).toEqual([]);
        expect(returns).toEqual(expect.arrayContaining(goes));
        if (repair === AGAIN) expect(goes).toEqual([]);
      }),
    );
  });
});

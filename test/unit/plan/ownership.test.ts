import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isOurs, isProvenOurs } from '../../../src/domain/claim.ts';
import type { State } from '../../../src/domain/observed.ts';
import { claimToTemporary } from '../../../src/domain/target.ts';
import { temporariesOf } from '../../../src/domain/version-order.ts';
import type { DiskCopy } from '../../../src/domain/vm.ts';
import { isTaken, planCapture } from '../../../src/plan/capture.ts';
import { cleanUpOf, leftoversOf } from '../../../src/plan/clean-up.ts';
import type { DeleteLabel } from '../../../src/plan/labels.ts';
import type { Step } from '../../../src/plan/plan.ts';
import { definition, GROUP, OTHER_OWNER, region, target, version, vm } from '../worlds.ts';

const ANOTHER_DISK = `${GROUP}/disks/another`;
const FOREIGN = { 'golden-image-owner': OTHER_OWNER };

/** Captures that make something temporary, in all the ways there are. */
const targets = fc
  .record({
    captureFrom: fc.constantFrom('auto' as const, 'disks' as const),
    waitFor: fc.constantFrom('replicated' as const, 'home' as const, 'none' as const),
    afterCapture: fc.constantFrom('keep' as const, 'delete' as const),
  })
  .map((asked) =>
    target(asked, { definition: definition({ securityType: 'TrustedLaunchSupported' }) }),
  );

/** What was found, each thing this owner's or somebody else's. */
const situations = targets.chain((wanted) => {
  const tags = fc.constantFrom(wanted.tags, FOREIGN, {});
  const ids = wanted.source ? temporariesOf(wanted.source) : [];
  const temporary = (id: string): fc.Arbitrary<DiskCopy> =>
    fc
      .tuple(
        tags,
        fc.constantFrom(claimToTemporary(wanted, id).sources[0], undefined, ANOTHER_DISK),
      )
      .map(([each, sourceId]) => ({
        id,
        provisioningState: 'Succeeded',
        tags: each,
        ...(sourceId !== undefined && { sourceId }),
      }));
  const versions = fc
    .tuple(
      fc.constantFrom('Creating', 'Failed', 'Succeeded', 'Deleting' as const),
      fc.constantFrom('Completed', 'Replicating', 'Failed' as const),
      tags,
    )
    .map(([state, status, owner]) =>
      version('1.0.0', state, { tags: owner, replication: [region('westeurope', status)] }),
    );
  return fc.record({
    wanted: fc.constant(wanted),
    observed: fc.record<State>({
      vm: fc.option(fc.constant(vm()), { nil: undefined }),
      version: fc.option(versions, { nil: undefined }),
      snapshots: fc.constant([]),
      temporaries: fc.tuple(...ids.map(temporary)),
      attached: fc.constant([]),
      expired: fc.constant([]),
    }),
  });
});

const deletes =
  (...labels: DeleteLabel[]) =>
  (step: Step): boolean =>
    step.do === 'delete' && labels.includes(step.label);

test('no plan deletes a version that is not this owner’s: it is another run’s by then', () => {
  fc.assert(
    fc.property(situations, ({ wanted, observed }) => {
      if (isTaken(wanted, observed)) {
        expect(isOurs(wanted.claim, observed.version ?? { tags: {} })).toBe(false);
        return;
      }
      const discards = planCapture(wanted, observed).some(deletes('failed-version'));
      if (discards) expect(isOurs(wanted.claim, observed.version ?? { tags: {} })).toBe(true);
    }),
  );
});

test('a finished world is left alone, whatever of somebody else’s lies beside it', () => {
  fc.assert(
    fc.property(situations, ({ wanted, observed }) => {
      const done = version('1.0.0', 'Succeeded', {
        tags: wanted.tags,
        regions: wanted.regions,
        replication: wanted.regions.map(({ name }) => region(name)),
      });
      const temporaries = observed.temporaries.filter(
        (each) => !isProvenOurs(claimToTemporary(wanted, each.id), each),
      );
      const vmLeft = wanted.request.afterCapture === 'delete' ? undefined : observed.vm;
      expect(planCapture(wanted, { ...observed, vm: vmLeft, version: done, temporaries })).toEqual(
        [],
      );
    }),
  );
});

test('nothing is deleted before the version is complete, but a version that is usable nowhere', () => {
  fc.assert(
    fc.property(situations, ({ wanted, observed }) => {
      if (isTaken(wanted, observed)) return;
      const kinds = planCapture(wanted, observed);
      const first = kinds.findIndex(deletes('temporary-source'));
      const waited = kinds.findIndex((step) => step.do === 'replicate');
      if (first >= 0 && observed.version?.provisioningState !== 'Succeeded')
        expect(waited).toBeLessThan(first);
      expect(
        kinds.filter(deletes('failed-version', 'temporary-source')).length,
      ).toBeLessThanOrEqual(2);
    }),
  );
});

test('tidying up touches only this owner’s, and never what a version may need', () => {
  fc.assert(
    fc.property(situations, ({ wanted, observed }) => {
      const left = leftoversOf(wanted);
      if (!left) return;
      const { remove, keep, because } = cleanUpOf(left, observed);
      const own = observed.temporaries.filter((each) =>
        isProvenOurs(claimToTemporary(wanted, each.id), each),
      );
      expect([...remove, ...keep].toSorted()).toEqual(own.map(({ id }) => id).toSorted());
      expect(keep.length > 0).toBe(because !== '');
      const making = ['Creating', 'Updating'].includes(observed.version?.provisioningState ?? '');
      if (making && isOurs(wanted.claim, observed.version ?? { tags: {} }))
        expect(remove).toEqual([]);
    }),
  );
});

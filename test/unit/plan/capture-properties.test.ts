import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deprovisionMark } from '../../../src/domain/deprovision-mark.ts';
import type { ImageVersion } from '../../../src/domain/gallery.ts';
import type { State } from '../../../src/domain/observed.ts';
import { replicationOf } from '../../../src/domain/replication.ts';
import { nameOf } from '../../../src/domain/resource-id.ts';
import type { CaptureTarget } from '../../../src/domain/target.ts';
import { temporariesOf } from '../../../src/domain/version-order.ts';
import type { DiskCopy, Vm } from '../../../src/domain/vm.ts';
import { planCapture } from '../../../src/plan/capture.ts';
import type { DeleteLabel } from '../../../src/plan/labels.ts';
import type { Step } from '../../../src/plan/plan.ts';
import {
  dataDisk,
  definition,
  marked,
  OTHER_OWNER,
  region,
  target,
  VM_ID,
  version,
  vm,
} from '../worlds.ts';

const powers: readonly Vm['power'][] = [
  'running',
  'starting',
  'stopping',
  'stopped',
  'deallocating',
  'deallocated',
  'unknown',
];
const build = vm({ dataDisks: [dataDisk(0)] });

const ATTACHED = [
  VM_ID.replace('virtualMachines/build', 'disks/build-os'),
  VM_ID.replace('Compute/virtualMachines/build', 'Network/networkInterfaces/n'),
];

const targets = fc
  .record({
    deprovision: fc.constantFrom('auto' as const, 'always' as const, 'never' as const),
    snapshot: fc.boolean(),
    regions: fc.subarray([{ name: 'eastus' }, { name: 'northeurope', replicas: 2 }]),
    captureFrom: fc.constantFrom('auto' as const, 'disks' as const),
    blockDeletionBeforeEndOfLife: fc.boolean(),
    afterCapture: fc.constantFrom('keep' as const, 'delete' as const),
    osState: fc.constantFrom('Generalized' as const, 'Specialized' as const),
    securityType: fc.constantFrom('Standard', 'TrustedLaunchSupported'),
  })
  .map(({ osState, securityType, ...asked }) =>
    target(asked, {
      vm: build,
      definition: definition({ osState, securityType }),
    }),
  );

function vms(owner: string): fc.Arbitrary<Vm | undefined> {
  const tags = fc.constantFrom(
    {},
    marked('scheduled', owner),
    marked('complete', owner),
    marked('complete', OTHER_OWNER),
  );
  const seen = fc.record({ power: fc.constantFrom(...powers), generalized: fc.boolean(), tags });
  return fc.option(
    seen.map((change) => ({ ...build, ...change })),
    { nil: undefined },
  );
}

function versions({ tags, version: id, regions }: CaptureTarget) {
  const states = ['Creating', 'Updating', 'Failed', 'Succeeded', 'Deleting', 'Migrating'] as const;
  const state = fc.constantFrom('Unknown', 'Replicating', 'Completed', 'Failed' as const);
  const replication = fc.tuple(...regions.map(({ name }) => state.map((one) => region(name, one))));
  return fc.option(
    fc
      .tuple(fc.constantFrom(...states), replication)
      .map(([provisioning, status]) =>
        version(nameOf(id), provisioning, { tags, regions, replication: status }),
      ),
    { nil: undefined },
  );
}

function snapshots(wanted: CaptureTarget): fc.Arbitrary<DiskCopy[]> {
  const all = wanted.snapshots.map(({ snapshot: id }) => ({
    id,
    provisioningState: 'Succeeded',
    tags: wanted.tags,
  }));
  return fc.subarray(all);
}

const attachedThere = ({ request }: CaptureTarget) =>
  fc.subarray(request.afterCapture === 'delete' ? ATTACHED : []);

function temporaries({ source, tags }: CaptureTarget): fc.Arbitrary<DiskCopy[]> {
  const ids = source ? temporariesOf(source) : [];
  return fc.subarray(ids.map((id) => ({ id, provisioningState: 'Succeeded', tags })));
}

const situations = targets.chain((wanted) =>
  fc.record({
    wanted: fc.constant(wanted),
    observed: fc.record({
      vm: vms(wanted.owner),
      version: versions(wanted),
      snapshots: snapshots(wanted),
      temporaries: temporaries(wanted),
      attached: attachedThere(wanted),
      expired: fc.subarray(['/subscriptions/s/old-1', '/subscriptions/s/old-2']),
    }),
  }),
);

describe('in every situation', () => {
  test('steps have names of their own', () => {
    fc.assert(
      fc.property(situations, ({ wanted, observed }) => {
        const before = new Set<string>();
        for (const { id } of planCapture(wanted, observed)) {
          expect(before).not.toContain(id);
          before.add(id);
        }
      }),
    );
  });

  test('the same facts make the same plan, and facts are left alone', () => {
    fc.assert(
      fc.property(situations, ({ wanted, observed }) => {
        const kept = structuredClone(observed);
        const plan = planCapture(wanted, observed);
        expect(planCapture(structuredClone(wanted), kept)).toEqual(plan);
        expect(observed).toEqual(kept);
      }),
    );
  });

  test('only the target’s resources are touched, and the plan ends with every region complete', () => {
    fc.assert(
      fc.property(situations, ({ wanted, observed }) => {
        const own = [
          wanted.version,
          wanted.request.vm,
          ...wanted.snapshots.map((s) => s.snapshot),
          ...(wanted.source ? temporariesOf(wanted.source) : []),
          ...observed.attached,
          ...observed.expired,
        ];
        const plan = planCapture(wanted, observed);
        for (const step of plan) for (const id of step.resources) expect(own).toContain(id);
        const isDone =
          observed.version?.provisioningState === 'Succeeded' &&
          replicationOf(wanted.regions, observed.version.replication ?? []).every(
            ({ state }) => state === 'Completed',
          );
        const kinds = plan.map((step) => step.do);
        const ending = kinds.slice(kinds.indexOf('replicate') + 1);
        if (!isDone) expect(kinds).toContain('replicate');
        for (const kind of ending) expect(['update', 'replicate', 'delete']).toContain(kind);
      }),
    );
  });

  test('a snapshot is only ever of the disks before this run’s first change', () => {
    fc.assert(
      fc.property(situations, ({ wanted, observed }) => {
        const plan = planCapture(wanted, observed);
        const rollback = plan.find((step) => step.do === 'snapshot' && step.purpose === 'rollback');
        if (!rollback) return;
        expect(plan.filter((step) => step.do !== 'delete')[0]).toBe(rollback);
        expect(observed.vm?.generalized).toBe(false);
        if (wanted.request.deprovision === 'never' || wanted.osState === 'Specialized') return;
        expect(deprovisionMark(observed.vm?.tags ?? {})?.owner).not.toBe(wanted.owner);
      }),
    );
  });

  test('nothing is generalized unless its deprovision is planned, was seen, or vouched for', () => {
    fc.assert(
      fc.property(situations, ({ wanted, observed }) => {
        const plan = planCapture(wanted, observed).map((step) => step.do);
        if (!plan.includes('generalize')) return;
        const { osType, tags = {} } = observed.vm ?? {};
        const { stage, owner } = deprovisionMark(tags) ?? {};
        const seen = osType === 'Windows' && stage === 'complete' && owner === wanted.owner;
        expect(plan.includes('deprovision') || seen || wanted.request.deprovision === 'never').toBe(
          true,
        );
        expect(wanted.osState).toBe('Generalized');
      }),
    );
  });

  test('a version that is, or was, usable somewhere is never deleted', () => {
    fc.assert(
      fc.property(situations, ({ wanted, observed }) => {
        if (
          !planCapture(wanted, observed).some(discards) ||
          observed.version?.provisioningState === 'Deleting'
        )
          return;
        expect(observed.version?.provisioningState).toBe('Failed');
        expect(observed.version?.replication?.map(({ state }) => state)).not.toContain('Completed');
      }),
    );
  });
});

const discards = (step: Step): boolean => step.do === 'delete' && step.label === 'failed-version';

/** What is no longer there after a deletion. */
const DELETED: Readonly<Record<DeleteLabel, Partial<State>>> = {
  'failed-version': { version: undefined },
  'temporary-source': { temporaries: [] },
  'earlier-source': { temporaries: [] },
  'old-snapshots': { expired: [] },
  'captured-vm': { vm: undefined, attached: [] },
  'verify-vm': { throwAways: [] },
  'earlier-verify-vm': { throwAways: [] },
  'verified-version': { version: undefined },
  ...{ 'old-versions': {}, 'old-verified-versions': {}, 'generalized-vm': {}, 'old-disks': {} },
};

/** What a step that ended well leaves behind: the least that its name promises. */
function after(step: Step, seen: State, wanted: CaptureTarget): State {
  const machine = (change: Partial<Vm>) => ({ ...seen, vm: { ...build, ...seen.vm, ...change } });
  const made = (change: Partial<ImageVersion>) => ({
    ...seen,
    version: version(nameOf(wanted.version), 'Creating', {
      tags: wanted.tags,
      regions: wanted.regions,
      deletionBlocked: seen.version?.deletionBlocked ?? false,
      ...change,
    }),
  });
  switch (step.do) {
    case 'snapshot': {
      const taken = step.of.map(({ snapshot: id }) => ({
        id,
        provisioningState: 'Succeeded',
        tags: wanted.tags,
      }));
      return step.purpose === 'rollback'
        ? { ...seen, snapshots: [...seen.snapshots, ...taken] }
        : { ...seen, temporaries: [...seen.temporaries, ...taken] };
    }
    case 'start':
      return machine({ power: 'running' });
    case 'deprovision':
      return machine({ power: 'stopped', tags: marked('complete', wanted.owner) });
    case 'deallocate':
      return machine({ power: 'deallocated' });
    case 'generalize':
      return machine({ generalized: true });
    case 'image':
      return {
        ...seen,
        temporaries: [{ id: step.image, provisioningState: 'Succeeded', tags: wanted.tags }],
      };
    case 'update':
      return made({
        deletionBlocked:
          step.change.blockDeletionBeforeEndOfLife ?? seen.version?.deletionBlocked ?? false,
      });
    case 'delete':
      return { ...seen, ...DELETED[step.label] };
    case 'publish':
      return made({});
    case 'verify':
      return { ...seen, verification: { passed: true, vmSize: '', region: '' } };
    case 'replicate':
      return made({
        provisioningState: 'Succeeded',
        regions: step.regions,
        replication: step.regions.map(({ name }) => region(name)),
      });
    default:
      throw new Error(`No capture of these has a step ${step.do}`);
  }
}

test('killed after any step, again and again, a run still comes to its end', () => {
  const kills = fc.array(fc.nat({ max: 7 }), { maxLength: 6 });
  fc.assert(
    fc.property(situations, kills, ({ wanted, observed }, killed) => {
      let seen: State = observed;
      for (const stepsDone of [...killed, 99])
        for (const step of planCapture(wanted, seen).slice(0, stepsDone))
          seen = after(step, seen, wanted);
      expect(planCapture(wanted, seen)).toEqual([]);
    }),
  );
});

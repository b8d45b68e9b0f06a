import { expect, it, test } from 'vitest';
import { Failure } from '../../../src/domain/failure.ts';
import { planCapture } from '../../../src/plan/capture.ts';
import { withInFlight } from '../../../src/plan/in-flight.ts';
import { describeInFlight, describeStep } from '../../../src/plan/plan.ts';
import { repairing } from '../../../src/plan/region-repair.ts';
import { definition, region, target, version, vm } from '../worlds.ts';

const wanted = target(
  { snapshot: true, afterCapture: 'delete', blockDeletionBeforeEndOfLife: true },
  { definition: definition({ securityType: 'TrustedLaunchSupported' }) },
);
const nothing = {
  snapshots: [],
  temporaries: [],
  attached: [],
  expired: ['/subscriptions/s/snapshots/old'],
};
const failed = version('1.0.0', 'Failed', { tags: wanted.tags });
const steps = planCapture(wanted, { ...nothing, vm: vm(), version: failed });

test('every step of a capture can say what is in flight when the run ends', () => {
  expect(steps.map((step) => step.do)).toEqual([
    'delete',
    'snapshot',
    'deprovision',
    'deallocate',
    'generalize',
    'image',
    'publish',
    'replicate',
    'update',
    'replicate',
    'delete',
    'delete',
    'delete',
  ]);
  for (const step of steps) expect(describeInFlight(step)).toMatch(/[a-z] /);
});

test('one snapshot that goes is named as one', () => {
  expect(steps.map(describeStep)).toContain('Delete 1 older snapshot: old');
});

test('a run that ends while a region is away says so', () => {
  const found = version('1.0.0', 'Failed', {
    regions: [
      { name: 'westeurope', replicas: 1 },
      { name: 'eastus', replicas: 1 },
    ],
    replication: [region('westeurope'), region('eastus', 'Failed')],
    tags: wanted.tags,
  });
  const allowed = { ...wanted, request: { ...wanted.request, repairRegions: true } };
  const tried = { tried: ['again', 're-add'], isDone: false } as const;
  const away = repairing(tried, allowed, { ...nothing, vm: vm(), version: found }, (seen) =>
    planCapture(wanted, seen),
  );
  const told = away.slice(0, 2).map(describeInFlight);
  expect(away.slice(0, 3).map(describeStep)).toEqual([
    'Change image version 1.0.0: remove eastus, to add it again',
    'Replicate image version 1.0.0 to westeurope, without eastus',
    'Change image version 1.0.0: add eastus again',
  ]);
  for (const text of told) expect(text).toMatch(/without eastus, which the next run adds again$/);
});

it.each(['cancelled', 'timeout'] as const)('a run that is %s tells it, and how to wait', (kind) => {
  const failure = new Failure({ kind, what: 'Over.', why: 'Why.', remedy: 'Again.' });
  const told = withInFlight(failure, steps.at(-6), wanted.version);
  expect(told.kind).toBe(kind);
  const slow = kind === 'timeout' ? 'Replication to distant regions can take hours. ' : '';
  expect(told.why).toBe(`${slow}Why. In Azure, image version 1.0.0 is being replicated.`);
  expect(told.paste?.text).toContain(`source-image-version: ${wanted.version}`);
});

test('a run that is interrupted keeps what Azure said of its last request', () => {
  const said = { code: 'OperationPreempted', correlationId: 'c-1', status: 409 };
  const failure = new Failure({ kind: 'timeout', what: 'Over.', ...said });
  expect(withInFlight(failure, steps.at(-6), undefined)).toMatchObject(said);
});

test('a run that failed otherwise keeps its failure', () => {
  const failure = new Failure({ kind: 'refused', what: 'No.' });
  expect(withInFlight(failure, steps[0], wanted.version)).toBe(failure);
});

test('a capture that is cancelled between steps gives the step that brings its VM back', () => {
  const cancelled = new Failure({ kind: 'cancelled', what: 'The run was cancelled.' });
  const done = (...kinds: string[]) => ({
    vm: vm().id,
    steps: steps.filter((each) => kinds.includes(each.do)),
  });
  const pasteOf = (version: string | undefined, ...kinds: string[]) =>
    withInFlight(cancelled, undefined, version, done(...kinds)).paste?.text ?? '';
  expect(pasteOf(undefined, 'snapshot')).toBe('');
  expect(pasteOf(undefined, 'snapshot', 'deprovision')).toContain('operation: restore');
  expect(pasteOf(undefined, 'deprovision')).not.toContain('recreate');
  expect(pasteOf(undefined, 'deprovision', 'generalize')).toContain('recreate: true');
  expect(pasteOf(wanted.version, 'generalize')).toContain('operation: wait');
});

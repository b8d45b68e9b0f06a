import { expect, it, test } from 'vitest';
import { Failure } from '../../../src/domain/failure.ts';
import { planCapture } from '../../../src/plan/capture.ts';
import { describeGoingOn, withGoingOn } from '../../../src/plan/going-on.ts';
import { definition, target, version, vm } from '../worlds.ts';

const wanted = target(
  { snapshot: true, afterCapture: 'delete', blockDeletionBeforeEndOfLife: true },
  { definition: definition({ securityType: 'TrustedLaunchSupported' }) },
);
const nothing = {
  snapshots: [],
  temporaries: [],
  companions: [],
  expired: ['/subscriptions/s/snapshots/old'],
};
const failed = version('1.0.0', 'Failed', { tags: wanted.tags });
const steps = planCapture(wanted, { ...nothing, vm: vm(), version: failed });

test('every step of a capture can say what goes on without the run', () => {
  expect(steps.map((step) => step.do)).toEqual([
    'discard',
    'snapshot',
    'deprovision',
    'deallocate',
    'generalize',
    'image',
    'publish',
    'replicate',
    'update',
    'replicate',
    'remove',
    'prune',
    'retire',
  ]);
  for (const step of steps) expect(describeGoingOn(step)).toMatch(/[a-z] /);
});

it.each(['cancelled', 'timeout'] as const)('a run that is %s tells it, and how to wait', (kind) => {
  const failure = new Failure({ kind, what: 'Over.', why: 'Why.', remedy: 'Again.' });
  const told = withGoingOn(failure, steps.slice(-6, -5), wanted.version);
  expect(told.kind).toBe(kind);
  expect(told.why).toBe('Why. In Azure, image version 1.0.0 is being replicated.');
  expect(told.remedy).toContain(`\`source-image-version: ${wanted.version}\``);
});

test('a run that failed otherwise keeps its failure', () => {
  const failure = new Failure({ kind: 'refused', what: 'No.' });
  expect(withGoingOn(failure, steps, wanted.version)).toBe(failure);
});

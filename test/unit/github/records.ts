import { emptyRecord, type RunRecord } from '../../../src/github/record.ts';
import { planCapture } from '../../../src/plan/capture.ts';
import type { Step } from '../../../src/plan/plan.ts';
import { reportedTarget } from '../../../src/plan/reported.ts';
import { region, target, vm } from '../worlds.ts';

export const wanted = target({ snapshot: true, regions: [{ name: 'eastus2', replicas: 3 }] });

export const steps: readonly Step[] = planCapture(wanted, {
  vm: vm(),
  version: undefined,
  snapshots: [],
  temporaries: [],
  attached: [],
  expired: [],
});

/** A capture that ended well, to be varied. */
export const finished = (change: Partial<RunRecord> = {}): RunRecord => ({
  ...emptyRecord,
  target: reportedTarget(wanted),
  planned: steps,
  steps: steps.map((step) => ({ step, outcome: 'done', seconds: step.expectedSeconds })),
  versionKnown: true,
  snapshotIds: wanted.snapshots.map(({ snapshot }) => snapshot),
  replication: [region('westeurope'), region('eastus2')],
  changed: true,
  seconds: 600,
  ...change,
});

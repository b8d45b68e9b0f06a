/** What must hold of a VM that a run says it has brought back. */
import { textAt } from '../../local-azure/src/json.ts';
import type { Resource } from '../../local-azure/src/world.ts';
import { DEPROVISION_TAG } from '../../src/domain/deprovision-mark.ts';
import type { FuzzCase } from './case.ts';
import type { Violation } from './invariants.ts';
import type { Course } from './trial.ts';

/** Whether a run is to bring its VM back. */
export const isReturning = (inputs: FuzzCase['inputs']): boolean =>
  inputs.operation === 'restore' || inputs['after-capture'] === 'restore';

/** Whether a disk is one that the VM uses now. */
export const isInUse = ({ type, managedBy }: Resource): boolean =>
  /\/disks$/i.test(type) && typeof managedBy === 'string';

/** Its disks are of the snapshots, its guest is not deprovisioned, hours later. */
export function notRestored(
  { inputs, weather }: FuzzCase,
  { attempts, after, deprovisioned }: Course,
): Violation[] {
  const run = attempts.at(-1)?.run;
  const isDone = run?.exitCode === 0 && run.outputs.state !== 'planned';
  const isOther = (weather.replacements ?? []).length > 0;
  if (!run || !isReturning(inputs) || !isDone || isOther) return [];
  const vm = after.find(({ id }) =>
    id.toLowerCase().endsWith(`/virtualmachines/${inputs.vm}`.toLowerCase()),
  );
  const sources = after
    .filter(({ managedBy }) => String(managedBy).toLowerCase() === vm?.id.toLowerCase())
    .map((each) => textAt(each, 'properties', 'creationData', 'sourceResourceId')?.toLowerCase());
  const ids = JSON.parse(run.outputs['snapshot-ids'] || '[]') as string[];
  const lacking = ids.filter((id) => !sources.includes(id.toLowerCase()));
  const details = [
    ...(vm ? [] : ['the VM is not there']),
    ...(ids.length === 0 ? ['no snapshot is named'] : []),
    ...lacking.map((id) => `no disk of the VM is of ${id.split('/').at(-1)}`),
    ...(vm && textAt(vm, 'tags', DEPROVISION_TAG) ? ['its tag says that it is deprovisioned'] : []),
    ...(deprovisioned ? ['its guest is deprovisioned'] : []),
  ];
  return details.map((detail) => ({ kind: 'not restored', detail }));
}

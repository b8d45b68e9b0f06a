/* What an answer implies of a resource whose earlier history the recording leaves out. */
import { objectAt, textAt } from '../json.ts';
import { powerOf, setGeneralized, setPower } from '../vm/instance-view.ts';
import { diskEntries, managedDiskId } from '../vm/model.ts';
import { asResource, type Resource, type ResourceInput } from '../world.ts';
import type { Exchange } from './scenario.ts';
import { diskOf, isResource, sameText } from './shown.ts';

/** A VM that could be generalized, or captured, had been brought to that before the recording. */
export function implyState(machine: Resource, action: string | undefined): void {
  const verb = action?.toLowerCase();
  if (verb !== 'generalize' && verb !== 'capture') return;
  const power = powerOf(machine);
  if (power !== 'stopped' && power !== 'deallocated') setPower(machine, 'stopped', 0);
  if (verb === 'capture') setGeneralized(machine);
}

/** A disk that a VM's answer shows attached, as it was before; undefined when it does not. */
export function impliedDisk({ answer }: Exchange, id: string): ResourceInput | undefined {
  const isMachine = isResource(answer) && /\/virtualMachines\/[^/]+$/i.test(answer.id);
  if (!isMachine) return undefined;
  const machine = asResource(answer);
  const entry = diskEntries(machine).find((each) => sameText(managedDiskId(each), id));
  if (entry?.diskSizeGB === undefined) return undefined;
  const { managedBy: _, ...disk } = diskOf(answer, entry, id);
  return { ...disk, properties: { ...objectAt(disk, 'properties'), diskState: 'Unattached' } };
}

/** Marks a disk as attached to a VM, since when nothing tells. */
export function attachedTo(disk: Resource, machine: ResourceInput): void {
  disk.managedBy = machine.id;
  disk.properties.diskState = 'Attached';
  disk.properties.LastOwnershipUpdateTime = '2000-01-01T00:00:00+00:00';
}

/** The gallery elsewhere whose name a refused one has; undefined when that was not the reason. */
export function takenElsewhere({ answer, url }: Exchange): string | undefined {
  const message = textAt(answer, 'error', 'message') ?? '';
  if (!/gallery name '[^']+' is not unique within the subscription/.test(message)) return undefined;
  return url.pathname.replace(/(?<=\/resourceGroups\/)[^/]+/i, 'elsewhere');
}

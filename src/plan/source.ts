import { type Definition, disksOf, type Snapshot, type Vm } from '../domain/observed.ts';
import { byOwner, isOurs, keyInNames } from '../domain/owner.ts';
import { defined } from '../domain/plain-objects.ts';
import type { CaptureFrom } from '../domain/request.ts';
import {
  DISK,
  formatResourceId,
  IMAGE,
  nameOf,
  resourceIdOf,
  SNAPSHOT,
} from '../domain/resource-id.ts';
import { roleOf } from '../domain/restore.ts';
import {
  isConfidential,
  onlySupports,
  securityTypeOf,
  takesVmOf,
} from '../domain/security-type.ts';
import type { SnapshotTarget, Source } from '../domain/version-order.ts';

/** What a capture makes a version of. */
type CaptureSource = Exclude<Source, { from: 'version' }>;

/**
 * How this VM can become a version of this definition; `undefined` when it cannot at all, or when
 * nobody knows, for want of a security type that is known.
 *
 * A definition that only supports a security type takes no VM. A Standard VM then goes by way of a
 * managed image. A Trusted Launch VM cannot become one (packer#13189); its disks
 * are taken only when the user insists, since sources disagree whether Azure accepts them.
 */
export function sourceKind(
  definition: Definition,
  vm: Vm,
  asked: CaptureFrom,
): CaptureSource['from'] | undefined {
  if (takesVmOf(definition.securityType) === vm.securityType)
    return asked === 'disks' ? 'disks' : 'vm';
  const known = securityTypeOf(vm.securityType);
  if (!onlySupports(definition.securityType) || !known || isConfidential(vm.securityType))
    return undefined;
  if (asked === 'disks') return 'disks';
  return asked === 'auto' && !known.guestState ? 'image' : undefined;
}

/** The plainest VM that can become a version of this definition: running, with one disk. */
export function assumedVm(id: string, definition: Definition): Vm {
  const { subscriptionId, resourceGroup } = resourceIdOf(id);
  const disk = formatResourceId({
    subscriptionId,
    resourceGroup,
    type: DISK,
    names: ['<os-disk>'],
  });
  return {
    id,
    name: nameOf(id),
    location: '',
    vmId: '',
    osType: definition.osType,
    securityType: takesVmOf(definition.securityType) ?? 'Standard',
    generation: definition.generation,
    provisioningState: 'Succeeded',
    power: 'running',
    generalized: false,
    extensionsAllowed: true,
    busyExtensions: [],
    extensions: [],
    bootDiagnostics: false,
    hibernation: definition.hibernation,
    size: '',
    tags: {},
    osDisk: { id: disk, name: nameOf(disk), ephemeral: false },
    dataDisks: [],
    nics: [],
  };
}

/** The source with its names, which are the same on every attempt of an owner. */
export function sourceOf(
  kind: CaptureSource['from'],
  vm: Vm,
  owner: string,
  suffix = '',
): CaptureSource {
  switch (kind) {
    case 'vm':
      return { from: 'vm', vm: vm.id };
    case 'image':
      return { from: 'image', vm: vm.id, image: named(vm, IMAGE, `source${suffix}`, owner) };
    case 'disks':
      return { from: 'disks', of: captureSnapshots(vm, owner, suffix) };
  }
}

/** Snapshots of the disks before the change, a way back. OS disk first. */
export const rollbackSnapshots = (vm: Vm, owner: string, suffix = ''): SnapshotTarget[] =>
  snapshotsOf(vm, owner, '', suffix);

/**
 * The same among what is listed, for a VM that is gone and whose disks nobody can name any more. OS
 * disk first.
 *
 * @param vm the resource ID it had
 */
export function rollbackSnapshotsAmong(
  listed: readonly Snapshot[],
  vm: string,
  owner: string,
): SnapshotTarget[] {
  const lunOf = ({ id }: Snapshot): number | undefined => {
    const name = nameOf(id).toLowerCase();
    const os = nameFor(nameOf(vm), 'os', owner).toLowerCase();
    if (name === os) return -1;
    const lun = /-lun(\d+)-[0-9a-f]+$/.exec(name)?.[1];
    const same = lun && name === nameFor(nameOf(vm), `lun${lun}`, owner).toLowerCase();
    return same ? Number(lun) : undefined;
  };
  return listed
    .flatMap((snapshot) => {
      const lun = isOurs(byOwner(owner), snapshot) ? lunOf(snapshot) : undefined;
      return lun === undefined ? [] : [{ lun, snapshot }];
    })
    .sort((a, b) => a.lun - b.lun)
    .map(({ snapshot: { id, sourceId = '' } }) => ({ disk: sourceId, snapshot: id }));
}

/** Snapshots of the deprovisioned disks, a source. OS disk first. */
const captureSnapshots = (vm: Vm, owner: string, suffix = ''): SnapshotTarget[] =>
  snapshotsOf(vm, owner, 'source-', suffix);

/** All that a version of this VM can be made of, whatever the definition asks for. */
export const sourcesOf = (vm: Vm, owner: string, suffix = ''): string[] => [
  vm.id,
  named(vm, IMAGE, `source${suffix}`, owner),
  ...captureSnapshots(vm, owner, suffix)
    .slice(0, 1)
    .map(({ snapshot }) => snapshot),
];

function snapshotsOf(vm: Vm, owner: string, purpose: string, suffix: string): SnapshotTarget[] {
  return disksOf(vm).flatMap(({ id: disk, lun }) => {
    if (!disk) return [];
    const snapshot = named(vm, SNAPSHOT, `${purpose}${roleOf(lun)}${suffix}`, owner);
    return [defined({ disk, lun, snapshot })];
  });
}

/**
 * A name tells the machine, the role and the owner: 80 characters at most, ending in a letter or
 * digit.
 */
function named(vm: Vm, type: string, role: string, owner: string): string {
  const { subscriptionId, resourceGroup } = resourceIdOf(vm.id);
  const names = [nameFor(vm.name, role, owner)];
  return formatResourceId({ subscriptionId, resourceGroup, type, names });
}

const nameFor = (vm: string, role: string, owner: string): string =>
  `${vm.slice(0, 36)}-${role}-${keyInNames(owner)}`;

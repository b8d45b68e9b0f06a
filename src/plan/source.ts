import { type Definition, disksOf, type Snapshot, type Vm } from '../domain/observed.ts';
import { byOwner, isOurs, nameFor, roleIn, roleOf } from '../domain/owner.ts';
import { defined } from '../domain/plain-objects.ts';
import type { CaptureRequest } from '../domain/request.ts';
import { DISK, IMAGE, idBeside, nameOf, SNAPSHOT } from '../domain/resource-id.ts';
import {
  isConfidential,
  onlySupports,
  securityTypeOf,
  takesVmOf,
} from '../domain/security-type.ts';
import type { SnapshotTarget, Source } from '../domain/version-order.ts';

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
  asked: CaptureRequest['captureFrom'],
): Exclude<Source['from'], 'version'> | undefined {
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
  const disk = idBeside(id, DISK, '<os-disk>');
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

/** What a capture of this VM makes, with its names, which are the same on every attempt of an owner. */
export function captureNames(vm: Vm, owner: string, suffix = '') {
  const snapshots = (purpose: string): SnapshotTarget[] =>
    disksOf(vm).flatMap(({ id: disk, lun }) => {
      if (!disk) return [];
      const name = nameFor(vm.name, `${purpose}${roleOf(lun)}${suffix}`, owner);
      return [defined({ disk, lun, snapshot: idBeside(vm.id, SNAPSHOT, name) })];
    });
  const image = idBeside(vm.id, IMAGE, nameFor(vm.name, `source${suffix}`, owner));
  return {
    /** Snapshots of the disks before the change, a way back. OS disk first. */
    rollback: snapshots(''),
    /** What a version can be made of; the snapshots are of the deprovisioned disks. */
    sources: {
      vm: { from: 'vm', vm: vm.id },
      image: { from: 'image', vm: vm.id, image },
      disks: { from: 'disks', of: snapshots('source-') },
    },
  } as const;
}

/**
 * The snapshots of before the change among what is listed, for a VM that is gone and whose disks nobody can name any more. OS
 * disk first.
 *
 * @param vm the resource ID it had
 */
export function rollbackSnapshotsAmong(
  listed: readonly Snapshot[],
  vm: string,
  owner: string,
): SnapshotTarget[] {
  return listed
    .flatMap((snapshot) => {
      const role = isOurs(byOwner(owner), snapshot) ? roleIn(snapshot.id, vm, owner) : undefined;
      const [found, lun = -1] = /^(?:os|lun(\d+))$/.exec(role ?? '') ?? [];
      return found ? [{ lun: Number(lun), snapshot }] : [];
    })
    .sort((a, b) => a.lun - b.lun)
    .map(({ snapshot: { id, sourceId = '' } }) => ({ disk: sourceId, snapshot: id }));
}

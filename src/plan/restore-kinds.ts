import { nameOf } from '../domain/resource-id.ts';
import type { RestoredDisk } from '../domain/restore.ts';
import type { Tags } from '../domain/tags.ts';
import { EXPECTED } from './durations.ts';
import { kind, never, type OnVm } from './kind.ts';

/** A disk to be made of a snapshot, otherwise like another disk. */
export interface DiskOrder {
  readonly id: string;
  readonly snapshot: string;
  /** Resource ID of the disk that it is like: SKU, size, zones, encryption, network access, tags. */
  readonly like: string;
  readonly tags: Tags;
}

/** The kinds of step that bring a VM back. */
export const RESTORE_KINDS = {
  disks: kind<
    OnVm & {
      readonly of: readonly DiskOrder[];
    }
  >({
    describe: ({ vm, of }) =>
      `Make ${of.length === 1 ? 'a new disk' : `${of.length} new disks`} of the snapshots of ${nameOf(vm)}`,
    inFlight: ({ of }) => `the disks ${of.map(({ id }) => nameOf(id)).join(', ')} are being made`,
    seconds: () => EXPECTED.disk,
    effect: 'changes',
    irreversible: never,
    resources: ({ of }) => of.map(({ id }) => id),
  }),

  exchange: kind<OnVm & { readonly of: readonly RestoredDisk[] }>({
    describe: ({ vm, of }) =>
      `Give ${nameOf(vm)} the new ${of.length === 1 ? 'disk' : 'disks'} ${of.map(({ disk }) => nameOf(disk)).join(', ')}`,
    inFlight: ({ vm }) => `${nameOf(vm)} is being given its new disks`,
    seconds: ({ of }) => EXPECTED.changeVm * (of.length > 1 ? 2 : 1),
    effect: 'changes',
    irreversible: never,
    resources: ({ vm }) => [vm],
  }),

  detach: kind<OnVm>({
    describe: ({ vm }) => `Set that disks and network interfaces outlive ${nameOf(vm)}`,
    inFlight: ({ vm }) => `${nameOf(vm)} is possibly being changed`,
    seconds: () => EXPECTED.changeVm,
    effect: 'changes',
    irreversible: never,
    resources: ({ vm }) => [vm],
  }),

  dismiss: kind<OnVm & { readonly nonce: string }>({
    describe: ({ vm }) => `Delete what the deprovision of ${nameOf(vm)} left`,
    inFlight: ({ vm }) => `a run command of ${nameOf(vm)} is possibly being deleted`,
    seconds: () => EXPECTED.remove,
    effect: 'changes',
    irreversible: never,
    resources: ({ vm }) => [vm],
  }),

  settle: kind<OnVm & { readonly disk: string }>({
    describe: ({ disk }) => `Note on ${nameOf(disk)} that the restore is complete`,
    inFlight: ({ disk }) => `the tags of ${nameOf(disk)} are possibly being changed`,
    seconds: () => EXPECTED.tagVm,
    effect: 'changes',
    irreversible: never,
    resources: ({ disk }) => [disk],
  }),

  create: kind<OnVm & { readonly model: string; readonly of: readonly RestoredDisk[] }>({
    describe: ({ vm }) => `Create ${nameOf(vm)} again of the new disks`,
    inFlight: ({ vm }) => `${nameOf(vm)} is being created`,
    seconds: () => EXPECTED.createVm,
    effect: 'changes',
    irreversible: never,
    resources: ({ vm }) => [vm],
  }),
} as const;

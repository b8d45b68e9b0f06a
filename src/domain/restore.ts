import { DEPROVISION_TAG } from './deprovision-mark.ts';
import { diskNameFor, ownDiskNameParts } from './owner.ts';
import { DISK, idBeside } from './resource-id.ts';
import {
  LONGEST_TAG_VALUE,
  MOST_TAGS,
  OUR_PREFIX,
  type Tags,
  tagParts,
  tagsWhere,
  tagValue,
} from './tags.ts';
import type { Disk, Snapshot } from './vm.ts';

/*
 * A restore gives a VM new disks, made of snapshots. The new disks carry what the next attempt needs to
 * know: their place, what they replace, whether the VM ran, and, before a VM is deleted, what it was.
 */

/** On a snapshot of the state before a change: the VM's power state then. */
export const POWER_TAG = `${OUR_PREFIX}power`;
/** On a new disk: its place in the VM, see `placeIn`. */
export const PLACE_TAG = `${OUR_PREFIX}place`;
/** On a new disk: resource ID of the disk that it replaces. */
export const REPLACES_TAG = `${OUR_PREFIX}replaces`;
/** On a new OS disk, numbered: the VM as it was, compressed. */
const VM_TAG = `${OUR_PREFIX}vm-`;

/** A disk of the VM and what it comes from. */
export interface Root {
  /** Absent for the OS disk. */
  readonly lun?: number;
  /** Itself first, then what it was made of by way of snapshots; Azure alone writes these facts. */
  readonly ancestors: readonly Pick<Disk, 'id' | 'uniqueId'>[];
}

/** Looked at once, to resolve a restore. */
export interface RestoreFacts {
  readonly roots: readonly Root[];
  /** Those of the snapshots that the request names that exist. */
  readonly named: readonly Snapshot[];
  /** The VM, compressed, as it can be created again; absent when it is gone. */
  readonly model?: string;
  /** Whether versions could be looked for in every gallery of the subscription. */
  readonly versionsSeen: boolean;
}

/** A disk that comes back. */
export interface RestoredDisk {
  /** Absent for the OS disk. */
  readonly lun?: number;
  readonly snapshot: string;
  /** The snapshot's `uniqueId`, as it was looked at; absent when it is not taken yet, or gone. */
  readonly snapshotUniqueId?: string;
  /** Resource ID of the new disk. */
  readonly disk: string;
  /** Resource ID of the disk it replaces; absent when nobody knows it any more. */
  readonly replaces?: string;
  readonly caching?: string;
  readonly goesWithVm?: true;
}

/** A disk to be made of a snapshot, otherwise like another disk. */
export interface DiskOrder extends Pick<RestoredDisk, 'snapshot' | 'snapshotUniqueId'> {
  readonly id: string;
  /** Resource ID of the disk that it is like: SKU, size, zones, encryption, network access, tags. */
  readonly like: string;
  readonly tags: Tags;
}

/** The ID of a new disk, whose name is another than that of the snapshots that a capture takes. */
export const restoredDiskId = (vm: string, lun: number | undefined, owner: string): string =>
  idBeside(vm, DISK, diskNameFor(vm, { purpose: 'restored-', lun }, owner));

/**
 * Those of the disks that an attempt of this owner has made for the VM, by LUN; that of the OS disk is
 * `undefined`. Their names tell.
 */
export const madeFor = (disks: readonly Disk[], vm: string, owner: string) =>
  new Map(
    disks.flatMap((disk) => {
      const { purpose, lun } = ownDiskNameParts(disk.id, vm, owner) ?? {};
      return purpose === 'restored-' ? [[lun, disk] as const] : [];
    }),
  );

/** Where a disk was in its VM, and whether the VM ran; what cannot be read is as if nothing were known. */
export function placeIn(tags: Tags | undefined) {
  const found = /^(running|stopped) (None|ReadOnly|ReadWrite|-) (Delete|Detach)$/.exec(
    tagValue(tags, PLACE_TAG) ?? '',
  );
  if (!found) return undefined;
  const [, power, caching = '-', option] = found;
  return {
    running: power === 'running',
    ...(caching !== '-' && { caching }),
    ...(option === 'Delete' && { goesWithVm: true as const }),
  };
}

/** Tags of a new disk. */
export function restoredTags(
  { replaces, caching, goesWithVm }: RestoredDisk,
  running: boolean,
  tags: Tags,
): Tags {
  const place = [running ? 'running' : 'stopped', caching || '-', goesWithVm ? 'Delete' : 'Detach'];
  const fits = replaces !== undefined && replaces.length <= LONGEST_TAG_VALUE;
  return {
    ...tags,
    [PLACE_TAG]: place.join(' '),
    ...(fits && { [REPLACES_TAG]: replaces }),
  };
}

/** Tags that hold what a VM was; `undefined` when it does not fit beside these. */
export function vmTags(model: string, beside: number): Tags | undefined {
  const parts = tagParts(model);
  if (parts.length + beside > MOST_TAGS) return undefined;
  return Object.fromEntries(parts.map((part, index) => [`${VM_TAG}${index + 1}`, part]));
}

/** What such tags hold; `undefined` when there are none. */
export function vmInTags(tags: Tags | undefined): string | undefined {
  const parts: string[] = [];
  for (let part = 1; part <= MOST_TAGS; part++) {
    const text = tagValue(tags, `${VM_TAG}${part}`);
    if (text === undefined) break;
    parts.push(text);
  }
  return parts.length > 0 ? parts.join('') : undefined;
}

/** The tags of a new disk once its VM is as it was: without what only an unfinished restore needs. */
export const settledTags = (tags: Tags = {}): Tags =>
  tagsWhere(tags, (name) => {
    const lower = name.toLowerCase();
    return ![PLACE_TAG, DEPROVISION_TAG].includes(lower) && !lower.startsWith(VM_TAG);
  });

/** Whether a new disk still says that its restore is not finished. */
export const isUnsettled = (tags: Tags = {}): boolean =>
  Object.keys(settledTags(tags)).length < Object.keys(tags).length;

/** A disk's own tags: those that do not speak of one disk of ours. */
export const carriedTags = (tags: Tags = {}): Tags =>
  tagsWhere(tags, (name) => !name.toLowerCase().startsWith(OUR_PREFIX));

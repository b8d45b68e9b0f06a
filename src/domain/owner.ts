import { caselessDigest } from './digest.ts';
import { nameOf } from './resource-id.ts';
import { OUR_PREFIX, type Tags, tagValue } from './tags.ts';
import { EPHEMERAL_FROM, type VersionNumber } from './version-number.ts';

export const OWNER_TAG = `${OUR_PREFIX}owner`;
export const RUN_TAG = `${OUR_PREFIX}run`;
export const JOB_TAG = `${OUR_PREFIX}job`;
export const SOURCE_TAG = `${OUR_PREFIX}source`;

/**
 * What makes work this run's own, as one tag value, `<what is asked>.<which machine>`: the same owner
 * takes it up, no other ever does. A digest, because the parts together are longer than the 256
 * characters of a tag; the machine stands apart so that work can be recognised after the VM is gone.
 */
export function ownerKey(owner: {
  /** `owner/name` on GitHub. */
  readonly repository: string;
  /** The workflow run's ID; the same for every attempt. */
  readonly runId: string;
  readonly operation: string;
  /** The build VM's resource ID. */
  readonly source: string;
  /** The build VM's `vmId`: another one is another machine, even under the same name. */
  readonly sourceInstance: string;
  readonly definition: string;
  /** As the user wrote it: `auto`, `1.2.3`. */
  readonly requestedVersion: string;
}): string {
  const { repository, runId, operation, source, definition, requestedVersion } = owner;
  const asked = caselessDigest([
    repository,
    runId,
    operation,
    source,
    definition,
    requestedVersion,
  ]);
  return `${asked}.${caselessDigest([owner.sourceInstance])}`;
}

/** The number of a run's ephemeral version of a definition: `0.0.N`, N from 2^30 on. */
export function ephemeralNumber(runId: string, definition: string): VersionNumber {
  const patch =
    Number.parseInt(caselessDigest([runId, definition]).slice(0, 8), 16) % EPHEMERAL_FROM;
  return { major: 0, minor: 0, patch: EPHEMERAL_FROM + patch };
}

/** The owner key that a resource's tag tells; `undefined` without one. */
export const ownerOf = (tags: Tags | undefined): string | undefined => tagValue(tags, OWNER_TAG);

/** Whether a resource was made of the same machine as this owner's source, in whichever run. */
export const sameMachine = (key: string, tags: Tags): boolean =>
  ownerOf(tags)?.split('.')[1] === key.split('.')[1];

/** The workflow run that made a resource, in whichever of its attempts. */
const runOf = (tags: Tags): string | undefined =>
  tagValue(tags, RUN_TAG)?.replace(/\/attempts\/\d+$/, '');

/**
 * Whether another job made a resource: one of another run, or of the same attempt. The jobs of an
 * earlier attempt have ended when the next one begins. Without the tags it is nobody's.
 */
export function isOfOtherJob(tags: Tags, own: Tags): boolean {
  const run = runOf(tags);
  if (run === undefined || run !== runOf(own)) return run !== undefined;
  const job = tagValue(tags, JOB_TAG);
  const isSameAttempt = tagValue(tags, RUN_TAG) === tagValue(own, RUN_TAG);
  return isSameAttempt && job !== undefined && job !== tagValue(own, JOB_TAG);
}

/** Whose a resource is, in words for a message. */
export function describeOwner(tags: Tags): string {
  const run = tagValue(tags, RUN_TAG);
  if (run) return `the workflow run ${run}`;
  return ownerOf(tags)
    ? 'another run of this action'
    : 'an unknown run (no tag of this action is on it, or none any more)';
}

/** The part of an owner key that names of temporary sources end in. */
export const keyInNames = (owner: string): string => owner.replace('.', '').slice(0, 24);

/** Whether the name of a resource ends in this owner's key. */
export const holdsKey = (owner: string, id: string | undefined): boolean =>
  id !== undefined &&
  owner !== '' &&
  nameOf(id)
    .toLowerCase()
    .endsWith(`-${keyInNames(owner)}`);

/** How a disk is called in names: `os`, or `lun3`. */
export const roleOf = (lun: number | undefined): string => (lun === undefined ? 'os' : `lun${lun}`);

const beginOf = (vm: string): string => `${nameOf(vm).slice(0, 36)}-`;

/**
 * The name of what a run makes of a VM: it tells the machine, the role and the owner, has 80 characters
 * at most and ends in a letter or digit. It is the same in each attempt of a run.
 */
export const nameFor = (vm: string, role: string, owner: string): string =>
  `${beginOf(vm)}${role}-${keyInNames(owner)}`;

/** Put into names: each when something else stands under those before it. */
export const SUFFIXES = ['', '-b', '-c'];

/** What a run makes of one disk of a VM. */
interface DiskRole {
  /** Nothing for a snapshot of before the change, `source-` for one to capture from, `restored-` for a new disk. */
  readonly purpose?: '' | 'source-' | 'restored-';
  /** Absent for the OS disk. */
  readonly lun?: number | undefined;
  /** One of `SUFFIXES`. */
  readonly suffix?: string;
}

/** The name of what a run makes of a disk of a VM. */
export const diskNameFor = (
  vm: string,
  { purpose = '', lun, suffix = '' }: DiskRole,
  owner: string,
): string => nameFor(vm, `${purpose}${roleOf(lun)}${suffix}`, owner);

/**
 * Reads such a name, whichever run made it; `undefined` for any other. `key` stands for the run.
 *
 * @param vm not given: a VM of any name, such as one that had the disk before
 */
export function diskNameParts(id: string, vm?: string) {
  const begin = vm === undefined ? '.+?-' : RegExp.escape(beginOf(vm));
  const form = `^${begin}(source-|restored-)?(?:os|lun(\\d{1,2}))(-[bc])?-([0-9a-f]{24})$`;
  const [found, purpose = '', lun, suffix = '', key = ''] =
    new RegExp(form, 'i').exec(nameOf(id).toLowerCase()) ?? [];
  if (!found) return undefined;
  return { purpose, lun: lun === undefined ? undefined : Number(lun), suffix, key };
}

/** The same of what this owner has made. */
export function ownDiskNameParts(id: string, vm: string, owner: string) {
  const parts = diskNameParts(id, vm);
  return parts?.key === keyInNames(owner) ? parts : undefined;
}

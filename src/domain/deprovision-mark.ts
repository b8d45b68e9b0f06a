import { caselessDigest } from './digest.ts';
import { OUR_PREFIX, type Tags, tagValue } from './tags.ts';
import type { Disk, Vm } from './vm.ts';

/** On the build VM: how far its deprovision has come. */
export const DEPROVISION_TAG = `${OUR_PREFIX}deprovision`;

/** What the build VM's tag says of its deprovision. */
export interface DeprovisionMark {
  /**
   * How far it has come. `asked`: the guest may be spoken to, nothing in it is changed. `scheduled`: the
   * order may be in the guest, so there is no second one. `complete`: the guest told that it is done.
   */
  readonly stage: 'asked' | 'scheduled' | 'complete';
  readonly owner: string;
  /** Tells this deprovision's words on the serial console from those of another run. */
  readonly nonce: string;
  /** Tells the snapshots of before the change from others of the same name, see `snapshotsDigest`. */
  readonly snapshots?: string;
  /** Tells the OS disk whose guest had the order, see `osDiskDigest`. */
  readonly os?: string;
  /** By Azure's clock, of a guest that tells nothing once it is off: when it was complete. */
  readonly completed?: Date;
  /** The same: when this run had deallocated the VM. */
  readonly off?: Date;
}

/** The same in every attempt of an owner, so that a stale read of the tag leads to no second one. */
export function deprovisionNonce(owner: string): string {
  const text = caselessDigest(['deprovision', owner]);
  return `${text.slice(0, 8)}-${text.slice(8, 12)}`;
}

/** The mark as a tag value. */
export const formatDeprovisionMark = ({
  stage,
  owner,
  nonce,
  snapshots,
  os,
  ...times
}: DeprovisionMark): string =>
  [
    ...[stage, owner, nonce, ...(snapshots ? [snapshots] : []), ...(os ? [`os=${os}`] : [])],
    ...TIMES.flatMap((name) => {
      const time = times[name];
      return time ? [`${name}=${time.toISOString().slice(0, 19)}Z`] : [];
    }),
  ].join(' ');

const TIMES = ['completed', 'off'] as const;

/**
 * Tells snapshots from others of the same names, by the second in which Azure made them, in whichever
 * order; `undefined` if it hides that.
 */
export function snapshotsDigest(
  taken: readonly { readonly id: string; readonly published?: Date }[],
): string | undefined {
  const made = taken.map(
    ({ id, published }) =>
      published && `${id} ${published.toISOString().slice(0, 19)}`.toLowerCase(),
  );
  const shown = made.filter((each) => each !== undefined);
  return shown.length > 0 && shown.length === made.length
    ? caselessDigest(shown.toSorted())
    : undefined;
}

/** Tells the OS disk of a VM from another that it is given. */
export const osDiskDigest = ({ osDisk: { id } }: Pick<Vm, 'osDisk'>): string | undefined =>
  id && caselessDigest([id]);

/** Reads the build VM's deprovision tag; `undefined` when there is none or it is not ours to read. */
export function deprovisionMark(tags: Tags | undefined): DeprovisionMark | undefined {
  const [stage, owner, nonce, ...more] = tagValue(tags, DEPROVISION_TAG)?.split(' ') ?? [];
  if (!isStage(stage) || !owner || !nonce) return undefined;
  const snapshots = more.find((each) => !each.includes('='));
  const named = (name: string) =>
    more.find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1);
  const os = named('os');
  const times = TIMES.flatMap((name) => {
    const time = new Date(named(name) ?? '');
    return Number.isNaN(time.getTime()) ? [] : [[name, time]];
  });
  return {
    ...{ stage, owner, nonce },
    ...(snapshots && { snapshots }),
    ...(os && { os }),
    ...Object.fromEntries(times),
  };
}

const isStage = (text: string | undefined): text is DeprovisionMark['stage'] =>
  text === 'asked' || text === 'scheduled' || text === 'complete';

/** The owner that may have begun to change the guest: it was ordered to deprovision itself. */
export function deprovisionedBy(tags: Tags): string | undefined {
  const { stage = 'asked', owner } = deprovisionMark(tags) ?? {};
  return stage === 'asked' ? undefined : owner;
}

/** Seconds that the clocks of Azure's services may differ. Invented; a start and a stop take longer. */
const CLOCK_SECONDS = 30;

/**
 * Whether the VM was started after its guest was known to be deprovisioned, as its OS disk shows: that
 * tells when the VM was last deallocated or started (`LastOwnershipUpdateTime` of disks since API
 * 2023-04-02; "Disks - Get" in Azure's REST reference). Where Azure or the mark does not show it, nothing
 * is known: an attempt that ended during the deallocation has not written when that was.
 */
export function hasStartedSince(
  { power, tags }: Pick<Vm, 'power' | 'tags'>,
  osDisk: Pick<Disk, 'ownedSince'> | undefined,
): boolean {
  const { completed, off } = deprovisionMark(tags) ?? {};
  const isGoing = power === 'deallocating' || power === 'deallocated';
  const known = off ?? (isGoing ? undefined : completed);
  const since = osDisk?.ownedSince;
  return !!known && !!since && since.getTime() > known.getTime() + CLOCK_SECONDS * 1000;
}

import type { TargetRegion } from '../domain/regions.ts';
import type { WaitFor } from '../domain/request.ts';
import { nameOf } from '../domain/resource-id.ts';
import type { DiskOrder, RestoredDisk } from '../domain/restore.ts';
import type { Tags } from '../domain/tags.ts';
import type { ThrowAwayVm } from '../domain/throw-away.ts';
import type { VersionChange } from '../domain/version-change.ts';
import type { SnapshotTarget, VersionOrder } from '../domain/version-order.ts';
import type { OsType } from '../domain/vm.ts';
import { EXPECTED } from './durations.ts';
import {
  DELETIONS,
  type DeleteLabel,
  describeUpdate,
  firstNames,
  type UpdateLabel,
  type WaitLabel,
} from './labels.ts';

/** What there is to know of a kind of step; `D` is the data that one step of it has. */
export interface Kind<D> {
  /** What a person reads: in the log's groups, the plan table, the dry run. */
  describe(data: D): string;
  /** What Azure, or the guest, still does when the run ends during the step. */
  inFlight(data: D): string;
  /** Seconds that it usually takes. */
  seconds(data: D): number;
  /** What it does to its resources: it changes them where this is left out; `waits` changes nothing. */
  readonly effect?: 'deletes' | 'waits';
  /** Whether no later run can take it back; left out where one can. */
  irreversible?(data: D): boolean;
  /** Resource IDs that it has this effect on. */
  resources(data: D): readonly string[];
  /** Unique in a plan; the kind where this is left out, of which a plan then has one step. */
  id?(data: D): string;
}

const kind = <D>(row: Kind<D>): Kind<D> => row;

/** A kind of step that has its effect on the VM itself. */
const onVm = <D>(row: Omit<Kind<D & { readonly vm: string }>, 'resources'>) =>
  kind<D & { readonly vm: string }>({
    ...row,
    resources: ({ vm }) => [vm],
  });

/** The kinds of step there are, one row for each; `run/steps/perform.ts` carries each out. */
export const KINDS = {
  snapshot: kind<{
    readonly of: readonly SnapshotTarget[];
    /** With those that an earlier attempt took, OS disk first. */
    readonly all: readonly SnapshotTarget[];
    readonly purpose: 'rollback' | 'source';
    /** What each carries beside the tags of everything that is made. */
    readonly tags?: Tags;
  }>({
    describe: ({ of, purpose }) =>
      `Snapshot ${of.length === 1 ? 'the disk' : `${of.length} disks`} of the build VM${purpose === 'source' ? ' to capture from' : ''}`,
    inFlight: ({ of }) =>
      `the snapshots ${of.map(({ snapshot }) => nameOf(snapshot)).join(', ')} are being taken`,
    seconds: () => EXPECTED.snapshot,
    id: ({ purpose }) => (purpose === 'source' ? 'source-snapshot' : 'snapshot'),
    resources: ({ of }) => of.map(({ snapshot }) => snapshot),
  }),

  start: onVm<{
    /** Nothing is to be run in the guest: its agent need not report. */
    readonly withoutAgent?: true;
  }>({
    describe: ({ vm }) => `Start ${nameOf(vm)}`,
    inFlight: ({ vm }) => `${nameOf(vm)} is being started`,
    seconds: ({ withoutAgent }) => EXPECTED.start + (withoutAgent ? 0 : EXPECTED.agent),
  }),

  deprovision: onVm<{
    readonly osType: OsType;
    /** The user's own, run in the guest first. */
    readonly script?: string;
    /** Its disks can come back from snapshots, and Azure then repeats the order to a Linux guest. */
    readonly canComeBack?: boolean;
    readonly timeoutSeconds: number;
  }>({
    describe: ({ vm }) => `Deprovision ${nameOf(vm)}`,
    inFlight: ({ vm }) =>
      `the guest of ${nameOf(vm)} continues its deprovision if it was scheduled, and then powers off`,
    seconds: ({ osType }) =>
      2 * EXPECTED.tagVm +
      (osType === 'Windows'
        ? EXPECTED.command + EXPECTED.sysprep + EXPECTED.remove
        : EXPECTED.runCommand + EXPECTED.deprovision),
    irreversible: () => true,
  }),

  deallocate: onVm<{
    /** Its guest tells nothing once it is off: what shows later that it stayed so is kept. */
    readonly isSilent?: true;
  }>({
    describe: ({ vm }) => `Deallocate ${nameOf(vm)}`,
    inFlight: ({ vm }) => `${nameOf(vm)} is being deallocated`,
    seconds: () => EXPECTED.deallocate,
  }),

  generalize: onVm<{
    /** The user asserts that it is deprovisioned. */
    readonly vouched: boolean;
  }>({
    describe: ({ vm }) => `Generalize ${nameOf(vm)}`,
    inFlight: ({ vm }) => `${nameOf(vm)} is possibly marked generalized`,
    seconds: () => EXPECTED.generalize,
    irreversible: () => true,
  }),

  disks: kind<{ readonly vm: string; readonly of: readonly DiskOrder[] }>({
    describe: ({ vm, of }) =>
      `Make ${of.length === 1 ? 'a new disk' : `${of.length} new disks`} of the snapshots of ${nameOf(vm)}`,
    inFlight: ({ of }) => `the disks ${of.map(({ id }) => nameOf(id)).join(', ')} are being made`,
    seconds: () => EXPECTED.disk,
    resources: ({ of }) => of.map(({ id }) => id),
  }),

  exchange: onVm<{ readonly of: readonly RestoredDisk[] }>({
    describe: ({ vm, of }) =>
      `Give ${nameOf(vm)} the new ${of.length === 1 ? 'disk' : 'disks'} ${of.map(({ disk }) => nameOf(disk)).join(', ')}`,
    inFlight: ({ vm }) => `${nameOf(vm)} is being given its new disks`,
    seconds: ({ of }) => EXPECTED.changeVm * (of.length > 1 ? 2 : 1),
  }),

  detach: onVm({
    describe: ({ vm }) => `Set that disks and network interfaces outlive ${nameOf(vm)}`,
    inFlight: ({ vm }) => `${nameOf(vm)} is possibly being changed`,
    seconds: () => EXPECTED.changeVm,
  }),

  dismiss: onVm<{ readonly nonce: string }>({
    describe: ({ vm }) => `Delete what the deprovision of ${nameOf(vm)} left`,
    inFlight: ({ vm }) => `a run command of ${nameOf(vm)} is possibly being deleted`,
    seconds: () => EXPECTED.remove,
  }),

  settle: kind<{ readonly vm: string; readonly disk: string }>({
    describe: ({ disk }) => `Note on ${nameOf(disk)} that the restore is complete`,
    inFlight: ({ disk }) => `the tags of ${nameOf(disk)} are possibly being changed`,
    seconds: () => EXPECTED.tagVm,
    resources: ({ disk }) => [disk],
  }),

  create: onVm<{ readonly model: string; readonly of: readonly RestoredDisk[] }>({
    describe: ({ vm }) => `Create ${nameOf(vm)} again of the new disks`,
    inFlight: ({ vm }) => `${nameOf(vm)} is being created`,
    seconds: () => EXPECTED.createVm,
  }),

  image: kind<{ readonly vm: string; readonly image: string }>({
    describe: ({ image }) => `Create the temporary managed image ${nameOf(image)}`,
    inFlight: ({ image }) => `the temporary managed image ${nameOf(image)} is being created`,
    seconds: () => EXPECTED.image,
    resources: ({ image }) => [image],
  }),

  publish: kind<{ readonly order: VersionOrder }>({
    describe: ({ order }) => `Create image version ${nameOf(order.id)}`,
    inFlight: ({ order }) => `image version ${nameOf(order.id)} is possibly being created`,
    seconds: () => EXPECTED.acceptVersion,
    resources: ({ order }) => [order.id],
  }),

  update: kind<{
    readonly label: UpdateLabel;
    readonly version: string;
    readonly change: VersionChange;
  }>({
    describe: ({ label, version, change }) => describeUpdate(label, nameOf(version), change),
    inFlight: ({ version, change }) =>
      `image version ${nameOf(version)} is possibly being changed${isWithout(change.removeForNow)}`,
    seconds: () => EXPECTED.acceptVersion,
    id: ({ label }) => (label === 'verify-vm' ? 'tag' : label),
    irreversible: ({ change }) => change.remove.length > 0,
    resources: ({ version }) => [version],
  }),

  verify: kind<{
    readonly vm: ThrowAwayVm;
    readonly script?: string;
    readonly timeoutSeconds: number;
  }>({
    describe: ({ vm, script }) =>
      `Verify image version ${nameOf(vm.version)}: boot a throw-away ${vm.size || 'VM'}${script === undefined ? '' : ' and run `verify-script` in it'}`,
    inFlight: ({ vm }) =>
      `the throw-away VM ${nameOf(vm.id)} possibly runs; the next run deletes it`,
    seconds: ({ script }) =>
      EXPECTED.bootVm + EXPECTED.firstAgent + (script === undefined ? 0 : EXPECTED.runCommand),
    resources: ({ vm }) => [vm.id],
  }),

  replicate: kind<{
    readonly label: WaitLabel;
    readonly version: string;
    readonly regions: readonly TargetRegion[];
    readonly until: WaitFor;
    readonly home: string;
    readonly shallow?: boolean;
    /** Whether a region that keeps failing is removed and added again. */
    readonly reAdds?: boolean;
    /** Regions that a repair removed, and that are not waited for in this step. */
    readonly without?: readonly TargetRegion[];
  }>({
    describe: ({ label, home, version, regions, without = [], reAdds }) =>
      label === 'home'
        ? `Wait until ${home || 'the region of the build VM'} has image version ${nameOf(version)}`
        : `Replicate image version ${nameOf(version)} to ${namesOf(regions) || 'the region of the build VM'}${without.length > 0 ? `, without ${namesOf(without)}` : reAdds ? '; a region that fails twice is removed and added again' : ''}`,
    inFlight: ({ version, without }) =>
      `image version ${nameOf(version)} is being replicated${isWithout(without)}`,
    seconds: ({ label, shallow }) =>
      ['removal', 'removed', 'last-change'].includes(label)
        ? EXPECTED.updateVersion
        : shallow
          ? EXPECTED.replicateShallow
          : EXPECTED.replicate,
    effect: 'waits',
    id: ({ label }) => label,
    resources: ({ version }) => [version],
  }),

  delete: kind<{ readonly label: DeleteLabel; readonly of: readonly string[] }>({
    describe: ({ label, of }) => DELETIONS[label].reads(of),
    inFlight: ({ label, of }) =>
      label === 'failed-version'
        ? `the failed image version ${of.map(nameOf).join(', ')} is being deleted`
        : `${of.length > 1 ? 'what is left of ' : ''}${firstNames(of)} is possibly being deleted`,
    seconds: ({ label, of }) => DELETIONS[label].seconds(of),
    effect: 'deletes',
    id: ({ label }) => `delete-${label}`,
    irreversible: () => true,
    resources: ({ of }) => of,
  }),
} as const;

const namesOf = (regions: readonly TargetRegion[]): string =>
  regions.map(({ name }) => name).join(', ');

const isWithout = (regions: readonly TargetRegion[] = []): string =>
  regions.length > 0 ? ` without ${namesOf(regions)}, which the next run adds again` : '';

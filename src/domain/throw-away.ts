import { caselessDigest } from './digest.ts';
import type { ImageVersion } from './gallery.ts';
import { formatResourceId, nameOf, resourceIdOf, sameId, VIRTUAL_MACHINE } from './resource-id.ts';
import { OUR_PREFIX, type Tags, tagValue } from './tags.ts';
import type { OsType, PurchasePlan, Vm } from './vm.ts';

/** A throw-away VM to be made. */
export interface ThrowAwayVm {
  /** Resource ID. */
  readonly id: string;
  /** Resource ID of the image version. */
  readonly version: string;
  readonly location: string;
  readonly size: string;
  /** Resource ID. */
  readonly subnet: string;
  readonly osType: OsType;
  readonly osState: 'Generalized' | 'Specialized';
  /** `Standard` is Azure's default; see `SECURITY_TYPES`. */
  readonly securityType: string;
  /** `SCSI` or `NVMe`; absent: Azure chooses. */
  readonly diskController?: string;
  readonly plan?: PurchasePlan;
  /**
   * LUNs of the data disks that the version brings. While it is being made it does not tell them: they are
   * those of the VM that it is made of.
   */
  readonly dataDisks?: readonly number[];
  readonly tags: Tags;
}

/** On a version: where its throw-away VM stands, or stood; on that VM: which version it is made of. */
const VERIFY_VM_TAG = `${OUR_PREFIX}verify-vm`;

/** The name of a version's throw-away VM: the same in every attempt, so that there is one. */
export const throwAwayName = (version: string): string =>
  `verify-${caselessDigest([version]).slice(0, 16)}`;

/** Its resource ID, in the group that it is made in. */
export function throwAwayId(version: string, group: string): string {
  const [, , subscriptionId = '', , resourceGroup = ''] = group.split('/');
  const names = [throwAwayName(version)];
  return formatResourceId({ subscriptionId, resourceGroup, type: VIRTUAL_MACHINE, names });
}

/** The tag of a version that says where its throw-away VM is; shorter than an ID, to fit into a tag. */
export function whereTag(vm: string): Tags {
  const { subscriptionId, resourceGroup } = resourceIdOf(vm);
  return { [VERIFY_VM_TAG]: `${subscriptionId}/${resourceGroup}/${nameOf(vm)}` };
}

/** Where a version's tags say that its throw-away VM is; its resource ID. */
export function taggedThrowAway({ tags }: Pick<ImageVersion, 'tags'>): string | undefined {
  const [, subscriptionId = '', resourceGroup = '', name = ''] =
    /^([0-9a-f-]{36})\/([^/]{1,90})\/(verify-[0-9a-f]{16})$/i.exec(
      tagValue(tags, VERIFY_VM_TAG) ?? '',
    ) ?? [];
  if (!name) return undefined;
  return formatResourceId({ subscriptionId, resourceGroup, type: VIRTUAL_MACHINE, names: [name] });
}

/** The tag of a throw-away VM. */
export const madeOfTag = (version: string): Tags => ({
  [VERIFY_VM_TAG]: caselessDigest([version]),
});

/**
 * Whether a VM is the throw-away VM of this version, to be deleted: Azure says that it was made of it,
 * its name is derived from it, and no tag names another version, unless this attempt made it. A tag that
 * names none was rewritten: a policy can do that.
 */
export function isThrowAwayOf(version: string, vm: Vm): boolean {
  const tag = tagValue(vm.tags, VERIFY_VM_TAG);
  const isOfAnother = /^[0-9a-f]{20}$/.test(tag ?? '') && tag !== caselessDigest([version]);
  return (
    sameId(vm.image, version) &&
    vm.name.toLowerCase() === throwAwayName(version) &&
    (!isOfAnother || vm.createdHere === true)
  );
}

/** Hours after which no verification is at work any more: `verify-timeout-minutes` allows no more. */
const LONGEST_HOURS = 24;

/** Whether the verification that a throw-away VM was made for has ended, however it did. */
export const isForgotten = ({ created }: Vm, now: Date): boolean =>
  created !== undefined && now.getTime() - created.getTime() > LONGEST_HOURS * 3600 * 1000;

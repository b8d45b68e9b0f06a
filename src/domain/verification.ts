import { createHash } from 'node:crypto';
import type { ImageVersion } from './gallery.ts';
import { formatResourceId, nameOf, resourceIdOf, sameId, VIRTUAL_MACHINE } from './resource-id.ts';
import { OUR_PREFIX, type Tags, tagValue } from './tags.ts';
import type { ThrowAwayVm, Vm } from './vm.ts';

/*
 * Verification: a throw-away VM is made of exactly one image version, boots, its agent reports, and a
 * script of the user's passes in it. What came of it is a record in the version's tags.
 */

/** How an image is to be verified. */
export interface VerifySettings {
  /** Runs as root or SYSTEM in the throw-away VM; not given: booting is enough. */
  readonly script?: string;
  /** Resource ID of the subnet that the VM is put into. */
  readonly subnet: string;
  /** Resource ID of the group that the VM is made in: `/subscriptions/…/resourceGroups/…`. */
  readonly group: string;
  /** Such as `Standard_D2s_v5`; not given: that of the build VM. */
  readonly size?: string;
  /** Boot and script together. */
  readonly timeoutSeconds: number;
  /** What becomes of a version that this run made and that failed. */
  readonly onFailure: 'keep' | 'delete';
}

/** How one version is verified, every name chosen. */
export interface VerifyPlan
  extends Pick<VerifySettings, 'script' | 'timeoutSeconds' | 'onFailure'> {
  readonly vm: ThrowAwayVm;
}

/** What came of a verification. Times in seconds. */
export interface Verification {
  readonly passed: boolean;
  /** From the request for the VM until it was provisioned; absent when that never came. */
  readonly boot?: number;
  /** From then until its agent reported. */
  readonly agent?: number;
  readonly script?: number;
  /** Of the script; absent when there was none, or it did not end. */
  readonly exitCode?: number;
  readonly vmSize: string;
  readonly region: string;
}

/** On a version: what came of its verification, see `recordTags`. */
export const VERIFICATION_TAG = `${OUR_PREFIX}verification`;
/** On a version: where its throw-away VM stands, or stood; on that VM: which version it is made of. */
const VERIFY_VM_TAG = `${OUR_PREFIX}verify-vm`;

const digest = (...parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 20);

/** The name of a version's throw-away VM: the same in every attempt, so that there is one. */
export const throwAwayName = (version: string): string =>
  `verify-${digest(version.toLowerCase()).slice(0, 16)}`;

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
  [VERIFY_VM_TAG]: digest(version.toLowerCase()),
});

/**
 * Whether a VM is the throw-away VM of this version, to be deleted: Azure says that it was made of it,
 * its name is derived from it, and no tag says otherwise, unless this attempt made it.
 */
export function isThrowAwayOf(version: string, vm: Vm): boolean {
  const tag = tagValue(vm.tags, VERIFY_VM_TAG);
  const fits = digest(version.toLowerCase());
  return (
    sameId(vm.image, version) &&
    vm.name.toLowerCase() === throwAwayName(version) &&
    (tag === undefined || tag === fits || vm.createdHere === true)
  );
}

/** Hours after which no verification is at work any more: `verify-timeout-minutes` allows no more. */
const LONGEST_HOURS = 24;

/** Whether the verification that a throw-away VM was made for has ended, however it did. */
export const isForgotten = ({ created }: Vm, now: Date): boolean =>
  created !== undefined && now.getTime() - created.getTime() > LONGEST_HOURS * 3600 * 1000;

/** Whether a version's record was written by itself, and `latest` left as it was. */
export const isRecordAlone = ({ tags }: Pick<ImageVersion, 'tags'>): boolean =>
  tagValue(tags, VERIFICATION_TAG)?.endsWith(` ${ALONE}`) ?? false;

/** What tells a version from another one under the same number. */
export type Bound = Pick<ImageVersion, 'id' | 'sourceId' | 'published'>;

/** Whether a version is another one than that; what Azure does not show tells nothing. */
export function isAnother(one: Bound, other: Bound): boolean {
  const [second, otherSecond] = [one, other].map(({ published }) =>
    published?.toISOString().slice(0, 19),
  );
  const differ = <T>(known: T | undefined, now: T | undefined, same: boolean) =>
    known !== undefined && now !== undefined && !same;
  return (
    differ(second, otherSecond, second === otherSecond) ||
    differ(one.sourceId, other.sourceId, sameId(one.sourceId, other.sourceId))
  );
}

/** What a record holds for: this version as it was made then, of that source. */
const boundTo = ({ id, sourceId = '', published }: Bound): string =>
  digest(id.toLowerCase(), sourceId.toLowerCase(), published?.toISOString() ?? '');

const scriptKey = (script: string | undefined): string =>
  script === undefined ? '-' : digest(script).slice(0, 8);

/** In a record: the write that made it left `latest` as it was, so that a capture goes on from there. */
const ALONE = 'latest=unchanged';
/** In a record: an earlier one came with the version into `latest`, and others decide on that since. */
const ENTERED = 'latest=entered';

/**
 * The record of a verification as a tag of its version.
 *
 * @param alone nothing but the record is written
 */
export function recordTags(
  version: Bound & Partial<Pick<ImageVersion, 'tags'>>,
  script: string | undefined,
  came: Verification,
  alone = false,
): Tags {
  const { passed, vmSize, region } = came;
  const numbers = (['boot', 'agent', 'script', 'exitCode'] as const).flatMap((name) =>
    came[name] === undefined ? [] : [`${name}=${Math.round(came[name])}`],
  );
  const latest = hasEntered(version) ? ENTERED : alone && ALONE;
  const text = [
    passed ? 'passed' : 'failed',
    boundTo(version),
    scriptKey(script),
    ...numbers,
    `size=${vmSize}`,
    `region=${region}`,
    ...(latest ? [latest] : []),
  ].join(' ');
  return { [VERIFICATION_TAG]: text };
}

/** What a version's tags say of its verification; nothing when the record is of another version. */
export function recordOf(
  version: Bound & Pick<ImageVersion, 'tags'>,
): (Verification & { readonly script8: string }) | undefined {
  const [result, bound, script8 = '-', ...rest] =
    tagValue(version.tags, VERIFICATION_TAG)?.split(' ') ?? [];
  if ((result !== 'passed' && result !== 'failed') || bound !== boundTo(version)) return undefined;
  const said = new Map(rest.map((part) => part.split('=') as [string, string]));
  const number = (name: string) =>
    /^-?\d{1,9}$/.test(said.get(name) ?? '') ? { [name]: Number(said.get(name)) } : {};
  // Whoever writes tags can write anything there.
  const name = (key: string) => /^[A-Za-z][\w-]{0,63}$/.exec(said.get(key) ?? '')?.[0] ?? '';
  return {
    passed: result === 'passed',
    ...number('boot'),
    ...number('agent'),
    ...number('script'),
    ...number('exitCode'),
    vmSize: name('size'),
    region: name('region'),
    script8,
  };
}

/** Whether a version has passed on its way into `latest` once, whatever came of it since. */
export function hasEntered({ tags = {}, ...bound }: Parameters<typeof recordTags>[0]): boolean {
  const record = recordOf({ ...bound, tags });
  const isMarked = tagValue(tags, VERIFICATION_TAG)?.endsWith(` ${ENTERED}`);
  return record !== undefined && (isMarked || (record.passed && !isRecordAlone({ tags })));
}

/**
 * The verification that a version has passed and that answers what is asked: with this script, or
 * with any where none is given.
 */
export function passedVerification(
  version: ImageVersion,
  script?: string,
): Verification | undefined {
  const record = recordOf(version);
  if (!record?.passed) return undefined;
  const { script8, ...verification } = record;
  return script === undefined || script8 === scriptKey(script) ? verification : undefined;
}

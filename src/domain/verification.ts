import { digest } from './digest.ts';
import type { ImageVersion, VersionIdentity } from './gallery.ts';
import { isOutOfLatest } from './latest.ts';
import { OUR_PREFIX, type Tags, tagValue } from './tags.ts';
import type { ThrowAwayVm } from './throw-away.ts';

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
  /** Boot and script in total. */
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
  version: VersionIdentity & Partial<Pick<ImageVersion, 'tags'>>,
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
  version: VersionIdentity & Pick<ImageVersion, 'tags'>,
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

/** Whether a version has passed on its way into `latest` once, whatever came of it since. */
export function hasEntered({ tags = {}, ...bound }: Parameters<typeof recordTags>[0]): boolean {
  const record = recordOf({ ...bound, tags });
  const isMarked = tagValue(tags, VERIFICATION_TAG)?.endsWith(` ${ENTERED}`);
  return record !== undefined && (isMarked || (record.passed && !isRecordAlone({ tags })));
}

/** Whether it passed once, or is in `latest`: people use it, so that no later failure deletes it. */
export const isReleased = (version: ImageVersion): boolean =>
  hasEntered(version) || !isOutOfLatest(version);

/** Whether a version's record was written by itself, and `latest` left as it was. */
export const isRecordAlone = ({ tags }: Pick<ImageVersion, 'tags'>): boolean =>
  tagValue(tags, VERIFICATION_TAG)?.endsWith(` ${ALONE}`) ?? false;

/** What a record holds for: this version as it was made then, of that source. */
const boundTo = ({ id, sourceId = '', published }: VersionIdentity): string =>
  digest([id.toLowerCase(), sourceId.toLowerCase(), published?.toISOString() ?? '']);

const scriptKey = (script: string | undefined): string =>
  script === undefined ? '-' : digest([script]).slice(0, 8);

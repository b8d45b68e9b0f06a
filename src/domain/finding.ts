import { asked } from './closest.ts';
import { nameOf } from './resource-id.ts';

export type Severity = 'error' | 'warning' | 'notice';

/** Something a check before the first change found. */
export interface Finding {
  /** The rule's id, such as `definition-os-type`: stable, so that it can be searched for. */
  readonly rule: string;
  readonly severity: Severity;
  /** When the rule speaks, in a few words. */
  readonly title?: string;
  /** What is the case, and why it matters. */
  readonly message: string;
  /** What to do about it. */
  readonly remedy: string;
  /** Of a VM that does not fit its image definition: what differs; reports show several in one table. */
  readonly mismatch?: {
    /** As the portal names it, such as `OS type`. */
    readonly property: string;
    readonly definition: string;
    readonly vm: string;
  };
}

/**
 * What a rule cannot judge without, and why Azure does not show it: the rule is then listed as not
 * checked instead of being silently passed.
 */
export const NEEDS = {
  vm: { what: 'the VM', lacking: 'the VM does not exist' },
  disks: {
    what: 'the disks in its resource group',
    lacking: 'no permission to list the disks in the resource group of the VM',
  },
  source: { what: 'the source version', lacking: 'the version to promote was not found' },
  definition: { what: 'the definition', lacking: 'no permission to read the image definition' },
  regions: {
    what: 'the regions of the subscription',
    lacking: 'the regions of the subscription are not known',
  },
  locks: { what: 'the locks', lacking: 'no permission to read the locks' },
  rights: { what: 'the permissions', lacking: 'the rights of this identity are not known' },
  versions: {
    what: 'the versions in the galleries of the subscription',
    lacking: 'Azure does not show the galleries of the subscription and their versions',
  },
  group: {
    what: 'the permissions on the resource group of the throw-away VM',
    lacking: 'the rights of this identity in the group of the throw-away VM are not known',
  },
  network: {
    what: 'the virtual network',
    lacking: 'no permission to read the virtual network of `verify-subnet`',
  },
  sizes: {
    what: 'the sizes that the region offers',
    lacking: 'the sizes of VMs that the region offers are not known',
  },
  quotas: {
    what: 'the quotas of the region',
    lacking: 'no permission to read the quotas of the region',
  },
} as const;

export type Need = keyof typeof NEEDS;

/** A rule that could not be judged. */
export interface Unchecked {
  readonly rule: string;
  readonly lacks: Need;
}

/** Whether these findings forbid starting. */
export const forbids = (findings: readonly Finding[]): boolean =>
  findings.some((finding) => finding.severity === 'error');

/* Why there is no version to begin with, for operations that take one as it is. */

/** What to do then, by the rule that says so. */
export const SOURCE_REMEDIES = {
  'source-no-latest': 'Give the number of a version.',
  'source-missing':
    'Check `source-image-version`, and that the identity has `Microsoft.Compute/galleries/images/versions/read` there.',
} as const;

/** `latest` was asked for, and there is none. */
export const noLatest = (definition: string, near?: string): Finding => ({
  rule: 'source-no-latest',
  severity: 'error',
  message: `The image definition \`${nameOf(definition)}\` has no latest version: it has none at all, or each one is excluded from \`latest\` or not Succeeded.${asked(near)}`,
  remedy: SOURCE_REMEDIES['source-no-latest'],
});

/** The version that was named is not there. */
export const noSource = (id: string, near?: string): Finding => ({
  rule: 'source-missing',
  severity: 'error',
  message: `The image version \`${id}\` does not exist, or this identity lacks permission to read it.${asked(near)}`,
  remedy: SOURCE_REMEDIES['source-missing'],
});

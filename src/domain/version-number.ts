/** A gallery image version's number. Azure compares the parts as numbers, never as text. */
export interface VersionNumber {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** Each part is a signed 32-bit integer (azure-rest-api-specs#10707). */
export const LARGEST_PART = 2 ** 31 - 1;

export type VersionChoice =
  | { readonly choose: 'exactly'; readonly number: VersionNumber }
  | { readonly choose: 'next'; readonly part: 'major' | 'minor' | 'patch' }
  | { readonly choose: 'date' }
  /** For a version that is deleted again: this number, or the next free one. */
  | { readonly choose: 'ephemeral'; readonly number: VersionNumber };

/** Of `0.0.N`, the smallest N of ephemeral versions: nobody chooses such a number. */
export const EPHEMERAL_FROM = 2 ** 30;

/** Whether a version was made for a verdict only, by its number: it counts for nothing else. */
export const isEphemeral = ({ major, minor, patch }: VersionNumber): boolean =>
  major === 0 && minor === 0 && patch >= EPHEMERAL_FROM;

/** Reads `1.2.3` or `v1.2.3`; tells what a text that is no version number has wrong. */
export function parseVersion(text: string): VersionNumber | 'form' | 'too-large' | 'leading-zero' {
  const match = /^v?(\d+)\.(\d+)\.(\d+)$/i.exec(text.trim());
  if (!match) return 'form';
  const parts = match.slice(1);
  if (parts.some((part) => part.length > 1 && part.startsWith('0'))) return 'leading-zero';
  const [major = 0, minor = 0, patch = 0] = parts.map(Number);
  if (Math.max(major, minor, patch) > LARGEST_PART) return 'too-large';
  return { major, minor, patch };
}

/** The number that a version's name is; `undefined` for a name that is none. */
export function versionNumber(name: string | undefined): VersionNumber | undefined {
  const number = parseVersion(name ?? '');
  return typeof number === 'object' ? number : undefined;
}

/** As Azure writes it: `1.2.3`. */
export const formatVersion = ({ major, minor, patch }: VersionNumber): string =>
  `${major}.${minor}.${patch}`;

/** Negative when `a` is the lower one; for `Array.sort`. */
export const compareVersions = (a: VersionNumber, b: VersionNumber): number =>
  a.major - b.major || a.minor - b.minor || a.patch - b.patch;

/** The versions from the highest number to the lowest; what has no number comes last. */
export const highestFirst = <V extends { readonly name: string }>(versions: readonly V[]): V[] =>
  versions
    .map((version) => ({ version, number: versionNumber(version.name) ?? BELOW_ALL }))
    .sort((a, b) => compareVersions(b.number, a.number))
    .map(({ version }) => version);

const BELOW_ALL: VersionNumber = { major: -1, minor: 0, patch: 0 };

/**
 * The number a choice means.
 *
 * @param taken every number there is, excluded, failed and soft-deleted ones included
 * @param now for `date`; read as UTC
 * @returns `undefined` when the next number would not fit into 32 bits
 */
export function pickVersion(
  choice: VersionChoice,
  taken: readonly VersionNumber[],
  now: Date,
): VersionNumber | undefined {
  switch (choice.choose) {
    case 'exactly':
      return choice.number;
    case 'date':
      return firstFree(versionOfDate(now), taken);
    case 'next':
      return nextVersion(
        choice.part,
        taken.filter((number) => !isEphemeral(number)),
      );
    case 'ephemeral':
      return firstFree(choice.number, taken);
  }
}

function nextVersion(
  part: 'major' | 'minor' | 'patch',
  taken: readonly VersionNumber[],
): VersionNumber | undefined {
  const highest = taken.toSorted(compareVersions).at(-1);
  if (!highest) return { major: 1, minor: 0, patch: 0 };
  const { major, minor, patch } = highest;
  const next = {
    major: { major: major + 1, minor: 0, patch: 0 },
    minor: { major, minor: minor + 1, patch: 0 },
    patch: { major, minor, patch: patch + 1 },
  }[part];
  return Math.max(next.major, next.minor, next.patch) > LARGEST_PART ? undefined : next;
}

/** Two runs may begin in the same second. */
function firstFree(wanted: VersionNumber, taken: readonly VersionNumber[]): VersionNumber {
  const inTheWay = taken.some((number) => compareVersions(number, wanted) === 0);
  return inTheWay ? firstFree({ ...wanted, patch: wanted.patch + 1 }, taken) : wanted;
}

/** 2026-11-22 09:30:05 UTC is `2026.1122.93005`: numbers cannot have leading zeros. */
function versionOfDate(now: Date): VersionNumber {
  return {
    major: now.getUTCFullYear(),
    minor: (now.getUTCMonth() + 1) * 100 + now.getUTCDate(),
    patch: now.getUTCHours() * 10_000 + now.getUTCMinutes() * 100 + now.getUTCSeconds(),
  };
}

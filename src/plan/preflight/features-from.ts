import { fitting } from '../../domain/features.ts';
import {
  compareVersions,
  formatVersion,
  parseVersion,
  type VersionChoice,
} from '../../domain/image-version.ts';
import type { Definition } from '../../domain/observed.ts';
import { type Answer, foundIn } from './rule.ts';

/** The version that is to be made of a definition. */
interface Wanted {
  readonly definition: Definition;
  /** Its number; absent when it has none yet. */
  readonly version: string | undefined;
  /** What the request says of it. */
  readonly choice: VersionChoice | undefined;
}

/**
 * What a check finds in the features that the definition has for this version. Where other versions
 * have features that fit, the remedy is another number.
 */
export function onFeatures(
  { definition, version, choice }: Wanted,
  check: (definition: Definition) => Answer,
): Answer {
  const found = check(definition);
  if (!found) return undefined;
  const other = fitting(definition, version, (stage) => !check(stage));
  if (!other) return found;
  const { from, below } = other;
  const these = `The definition has these features for version \`${version}\`. It has features that fit`;
  const remedy = from
    ? `${these} from ${formatVersion(from)} on: ${inputFor(version, from, choice)}.`
    : `${these} below ${below && formatVersion(below)}: give \`image-version\` a lower number.`;
  return { ...foundIn(found), remedy };
}

/** How a request comes to a number that is at least this one. */
function inputFor(
  version: string | undefined,
  from: ReturnType<typeof numberOf>,
  choice: VersionChoice | undefined,
): string {
  const { major, minor } = numberOf(version);
  const next = {
    minor: { major, minor: minor + 1, patch: 0 },
    major: { major: major + 1, minor: 0, patch: 0 },
  } as const;
  const parts = choice?.choose === 'next' ? (['minor', 'major'] as const) : [];
  const part = parts.find((each) => compareVersions(next[each], from) >= 0);
  return part
    ? `\`image-version: ${part}\``
    : `\`image-version: ${formatVersion(from)}\` or a higher number`;
}

function numberOf(version = '') {
  const number = parseVersion(version);
  return typeof number === 'object' ? number : { major: 0, minor: 0, patch: 0 };
}

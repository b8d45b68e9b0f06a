import { IMAGE_DEFINITION, IMAGE_VERSION, parseResourceId } from '../../../domain/resource-id.ts';
import { laterBy, parseSpan } from '../../../domain/span.ts';
import { MOST_TAGS, type Tags, tagProblem } from '../../../domain/tags.ts';
import { formatVersion, parseVersion, type VersionChoice } from '../../../domain/version-number.ts';
import { FLAG, Problem, partsOf, type Rows, shorten } from '../row.ts';

/** A version that exists: its definition by ID, or its gallery's name and its own; and its number, or `latest`. */
function parseSourceVersion(text: string) {
  if (!text.startsWith('/')) return sourceByName(text);
  const id = parseResourceId(text);
  const [gallery = '', definition = '', last = ''] = id?.names ?? [];
  const version = versionIn(last);
  return id?.type.toLowerCase() === IMAGE_VERSION.toLowerCase() && version
    ? { definition: { ...id, type: IMAGE_DEFINITION, names: [gallery, definition] }, version }
    : new Problem('which is not the resource ID of an image version');
}

function sourceByName(text: string) {
  const [gallery = '', definition = '', last = '', ...more] = text.split('/');
  const version = versionIn(last);
  return more.length === 0 && gallery && definition && version
    ? { definition: [gallery, definition], version }
    : new Problem(
        'which is neither a resource ID nor gallery/definition/version such as golden/ubuntu-2404/1.2.3 or golden/ubuntu-2404/latest',
      );
}

function versionIn(text: string): string | undefined {
  if (text.toLowerCase() === 'latest') return 'latest';
  const number = parseVersion(text);
  return typeof number === 'object' ? formatVersion(number) : undefined;
}

function parseVersionChoice(text: string): VersionChoice | Problem {
  const lower = text.toLowerCase();
  if (lower === 'auto') return { choose: 'next', part: 'patch' };
  if (lower === 'patch' || lower === 'minor' || lower === 'major')
    return { choose: 'next', part: lower };
  if (lower === 'date') return { choose: 'date' };
  const number = parseVersion(text);
  switch (number) {
    case 'form':
      return new Problem(
        'which is not a version: give major.minor.patch such as 1.2.3, or auto, minor, major, date',
      );
    case 'leading-zero':
      return new Problem(
        'which has a part with a leading zero: Azure counts the parts as numbers, so leave it out',
      );
    case 'too-large':
      return new Problem(
        'which has a part above 2147483647: Azure keeps each part in 32 bits, so a long date or a run ID does not fit; date makes one that does',
      );
    default:
      return { choose: 'exactly', number };
  }
}

/**
 * A second `name=value` on the line, after a comma or a space, as YAML's `>` joins lines. A value that
 * holds an equals sign before it is one value, such as a query.
 */
const SEVERAL_TAGS = /^[^=]+=[^=]*(?:,\s*|\s)\p{L}[^\s,=<>%&?/\\]*=/u;

/** Tags left to the user: Azure's limit less those the action sets itself. */
export const TAGS_LEFT = MOST_TAGS - 16;

/** One `name=value` a line; the value may hold more equals signs and commas. */
function parseTags(text: string): Tags | Problem {
  const lines = partsOf(text, /\r?\n/);
  const problems: string[] = [];
  const tags = new Map<string, readonly [string, string]>();
  for (const line of lines) {
    const at = line.indexOf('=');
    const name = line.slice(0, at).trim();
    const content = line.slice(at + 1).trim();
    const wrong = at < 1 ? 'is not name=value' : tagProblem(name, content);
    if (SEVERAL_TAGS.test(line))
      problems.push(
        `whose line "${shorten(line)}" looks like several tags: begin with \`tags: |\` and write one name=value a line`,
      );
    else if (wrong) problems.push(`whose line "${shorten(line)}" cannot be a tag: ${wrong}`);
    else if (tags.has(name.toLowerCase())) problems.push(`which sets the tag ${name} twice`);
    tags.set(name.toLowerCase(), [name, content]);
  }
  if (tags.size > TAGS_LEFT)
    problems.push(
      `which has ${tags.size} tags: Azure allows ${MOST_TAGS} on a resource, ${MOST_TAGS - TAGS_LEFT} of them are kept for the action`,
    );
  return problems.length > 0 ? new Problem(problems.join('; ')) : Object.fromEntries(tags.values());
}

/** A run may take hours before it sends the version, and cannot go back by then. */
const SOONEST_END_MS = 24 * 3600 * 1000;

/** A date (`2027-06-30`), a time with zone (`2027-06-30T12:00:00Z`), or a time from now (`90d`). */
function parseEndOfLife(text: string, now: Date): Date | Problem {
  const span = parseSpan(text);
  const date = span ? laterBy(span, now) : absolute(text);
  if (!date || Number.isNaN(date.getTime()))
    return new Problem(
      'which is not a date: give 2027-06-30, 2027-06-30T12:00:00Z, or a time from now such as 90d, 12w, 6mo, 2y',
    );
  if (date <= now) return new Problem('which is in the past: Azure takes future dates only');
  if (date.getTime() < now.getTime() + SOONEST_END_MS)
    return new Problem(
      'which is less than a day away: Azure refuses a version whose end has come by the time it is sent',
    );
  if (date.getUTCFullYear() > 9999) return new Problem('which is after the year 9999');
  return date;
}

function absolute(text: string): Date | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/i.exec(text);
  if (!match) return undefined;
  const day = new Date(`${match[1]}-${match[2]}-${match[3]}T00:00:00Z`);
  if (day.getUTCDate() !== Number(match[3])) return undefined;
  return match[4] ? new Date(text) : day;
}

export const VERSION = {
  'image-version': {
    operations: ['capture', 'promote'],
    parse: parseVersionChoice,
    about:
      'The number of the new version. `1.2.3` or `v1.2.3` is used as given. `auto` (or `patch`), `minor` and `major` count up from the highest number that exists; the first version is `1.0.0`. `date` is the time in UTC, such as `2026.1122.93005`. Each part is at most 2147483647.',
    otherwise: '`auto`, and for a copy the number of the source',
    example: '`github.ref_name` of a release',
    default: 'auto',
    checks: [
      ({ operation, has }) =>
        operation === 'promote' &&
        !has('gallery') &&
        !has('image-definition') &&
        '`image-version` is the number of a copy; without `gallery` and `image-definition` the version is changed where it is, and keeps its number. Remove it, or say where to copy to.',
    ],
  },
  'source-image-version': {
    operations: ['promote', 'verify', 'wait'],
    parse: parseSourceVersion,
    about:
      'The version to promote, to verify or to wait for. Give its resource ID, or `gallery/definition/version`, where the last part can be `latest`.',
    required: 'for `promote`, `verify` and `wait`',
    example: 'golden/ubuntu-2404/latest',
    give: 'the resource ID of an image version, or gallery/definition/version, the last part possibly latest',
  },
} satisfies Rows;

/** What the version is to its users. */
export const LATEST = {
  'exclude-from-latest': {
    operations: ['capture', 'promote'],
    ...FLAG,
    about: 'Whether deployments that ask for the latest version skip this one: `true` or `false`.',
  },
  'allow-no-latest': {
    operations: ['promote'],
    ...FLAG,
    about:
      'Whether `operation: promote` is allowed to leave a region without any version for `latest`: `true` or `false`.',
  },
  'end-of-life': {
    operations: ['capture', 'promote'],
    parse: parseEndOfLife,
    about:
      'When the version ends its life, as information for its users. Give a date (`2027-06-30`), a time (`2027-06-30T12:00:00Z`), or a time from now (`90d`, `12w`, `6mo`, `2y`).',
    otherwise: 'none',
    example: '6mo',
  },
  'block-deletion-before-end-of-life': {
    operations: ['capture', 'promote'],
    ...FLAG,
    about:
      'Whether Azure refuses to delete the version before its `end-of-life`: `true` or `false`. It is set last, so that a version that failed can still be deleted.',
    checks: [
      ({ operation, has, value }) =>
        operation === 'capture' &&
        value('block-deletion-before-end-of-life') === true &&
        !has('end-of-life') &&
        '`block-deletion-before-end-of-life` is true, but there is no `end-of-life`. Give one.',
      ({ operation, value }) =>
        operation === 'capture' &&
        value('block-deletion-before-end-of-life') === true &&
        value('wait-for') !== 'replicated' &&
        `\`block-deletion-before-end-of-life\` is set last, once every region is complete; with \`wait-for: ${value('wait-for')}\` the run has ended by then.`,
    ],
  },
  tags: {
    operations: ['capture', 'promote'],
    parse: parseTags,
    about:
      'Tags for everything that is created, one `name=value` a line (`tags: |`). Tags for repository, run and commit are added.',
    otherwise: 'none',
    example: 'cost-center=4711',
  },
} satisfies Rows;

import { parseEndOfLife, parseFlag, parseTags, parseVersionChoice } from '../parse.ts';
import { parseSourceVersion } from '../parse-names.ts';
import type { Check, Rows } from '../row.ts';

const OF_IMAGES = ['capture', 'promote'] as const;

const onlyForCopies: Check = ({ operation, has }) =>
  operation === 'promote' &&
  has('image-version') &&
  !has('gallery') &&
  !has('image-definition') &&
  '`image-version` is the number of a copy; without `gallery` and `image-definition` the version is changed where it is, and keeps its number. Remove it, or say where to copy to.';

/** Which version. */
export const VERSION = {
  'image-version': {
    operations: OF_IMAGES,
    parse: parseVersionChoice,
    about:
      'The number of the new version. `1.2.3` or `v1.2.3` is used as given. `auto` (or `patch`), `minor` and `major` count up from the highest number that exists; the first version is `1.0.0`. `date` is the time in UTC, such as `2026.1122.93005`. Each part is at most 2147483647.',
    otherwise: '`auto`, and for a copy the number of the source',
    example: '`github.ref_name` of a release',
    default: 'auto',
    checks: [onlyForCopies],
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
    operations: OF_IMAGES,
    parse: parseFlag,
    about:
      'Whether deployments that ask for the latest version pass over this one: `true` or `false`.',
    default: 'false',
  },
  'allow-no-latest': {
    operations: ['promote'],
    parse: parseFlag,
    about:
      'Whether `operation: promote` is allowed to leave a region without any version for `latest`: `true` or `false`.',
    default: 'false',
  },
  'end-of-life': {
    operations: OF_IMAGES,
    parse: parseEndOfLife,
    about:
      'When the version ends its life, as information for its users. Give a date (`2027-06-30`), a time (`2027-06-30T12:00:00Z`), or a time from now (`90d`, `12w`, `6mo`, `2y`).',
    otherwise: 'none',
    example: '6mo',
  },
  'block-deletion-before-end-of-life': {
    operations: OF_IMAGES,
    parse: parseFlag,
    about:
      'Whether Azure refuses to delete the version before its `end-of-life`: `true` or `false`. It is set last, so that a version that failed can still be deleted.',
    default: 'false',
    checks: [
      ({ operation, has, value }) =>
        operation === 'capture' &&
        value('block-deletion-before-end-of-life') === true &&
        !has('end-of-life') &&
        '`block-deletion-before-end-of-life` is true, but there is no `end-of-life` to block it until. Give one.',
      ({ operation, value }) =>
        operation === 'capture' &&
        value('block-deletion-before-end-of-life') === true &&
        value('wait-for') !== 'replicated' &&
        `\`block-deletion-before-end-of-life\` is set last, once every region is complete; with \`wait-for: ${value('wait-for')}\` the run has ended by then.`,
    ],
  },
  tags: {
    operations: OF_IMAGES,
    parse: parseTags,
    about:
      'Tags for everything that is created, one `name=value` a line (`tags: |`). Tags for repository, run and commit are added.',
    otherwise: 'none',
    example: 'cost-center=4711',
  },
} satisfies Rows;

import { closest } from '../../domain/closest.ts';
import { parseVersion, type VersionChoice } from '../../domain/image-version.ts';
import { jsonIn } from '../../domain/is-record.ts';
import { parseReplicas, STORAGE_ACCOUNT_TYPES } from '../../domain/regions.ts';
import { parseResourceId, SNAPSHOT } from '../../domain/resource-id.ts';
import { CLOUD_NAMES, type SignIn } from '../../domain/sign-in.ts';
import { laterBy, parseSpan } from '../../domain/span.ts';
import { MOST_TAGS, type Tags, tagProblem } from '../../domain/tags.ts';
import { DEPROVISION_SCRIPT_LIMIT_BYTES } from '../../run/guest/order.ts';

/**
 * Parsers of single inputs. Each takes the input's text, trimmed and not empty, and gives its
 * value, or what is wrong with it: a text that completes "`input` is "…", …".
 */
export type Parsed<T> = { readonly value: T } | { readonly problem: string };

export const value = <T>(parsed: T): Parsed<T> => ({ value: parsed });
export const problem = (text: string): { readonly problem: string } => ({ problem: text });

/** Tags left to the user: Azure's limit less those the action sets itself. */
export const TAGS_LEFT = MOST_TAGS - 16;

/** A text that any reader takes. */
export const parseAnything = (text: string): Parsed<string> => value(text);

export function parseFlag(text: string): Parsed<boolean> {
  if (/^true$/i.test(text)) return value(true);
  if (/^false$/i.test(text)) return value(false);
  return problem('which is neither true nor false');
}

export const parseChoice =
  <T extends string>(...choices: readonly T[]) =>
  (text: string): Parsed<T> => {
    const found = choices.find((choice) => choice.toLowerCase() === text.toLowerCase());
    return found
      ? value(found)
      : problem(`which is not one of ${choices.join(', ')}${didYouMean(text, choices)}`);
  };

function didYouMean(text: string, choices: readonly string[]): string {
  const near = closest(text, choices);
  return near === undefined ? '' : `; did you mean \`${near}\`?`;
}

/** One of Azure's clouds by its name, or another by the URL of its endpoint. */
export function parseEnvironment(text: string): Parsed<SignIn['environment']> {
  const name = parseChoice(...CLOUD_NAMES)(text);
  if ('value' in name) return name;
  if (/^https:\/\//i.test(text) && URL.canParse(text)) return value(new URL(text));
  return problem(
    `which is neither ${CLOUD_NAMES.join(', ')} nor the https URL of an Azure Resource Manager endpoint${didYouMean(text, CLOUD_NAMES)}`,
  );
}

/** A script for the guest, as far as a Run Command has room for it. */
export function parseScript(text: string): Parsed<string> {
  const bytes = Buffer.byteLength(text);
  return bytes <= DEPROVISION_SCRIPT_LIMIT_BYTES
    ? value(text)
    : problem(
        `which has ${bytes} bytes, more than the ${DEPROVISION_SCRIPT_LIMIT_BYTES} that fit into a Run Command: put it into the image in the build, and call it here`,
      );
}

export function parseReplicaCount(text: string): Parsed<number> {
  const count = parseReplicas(text);
  return count ? value(count) : problem('which is not a whole number from 1 to 100');
}

export const parseStorage = parseChoice(...STORAGE_ACCOUNT_TYPES);

/** A positive number, fractions allowed, in seconds; `scale` is the seconds in its unit. */
export const parseDuration =
  (scale: number, most: number) =>
  (text: string): Parsed<number> => {
    const amount = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
    if (!(amount > 0)) return problem('which is not a positive number');
    return amount <= most ? value(amount * scale) : problem(`which is more than ${most}`);
  };

export function parseVersionChoice(text: string): Parsed<VersionChoice> {
  const lower = text.toLowerCase();
  if (lower === 'auto') return value({ choose: 'next', part: 'patch' });
  if (lower === 'patch' || lower === 'minor' || lower === 'major')
    return value({ choose: 'next', part: lower });
  if (lower === 'date') return value({ choose: 'date' });
  const number = parseVersion(text);
  switch (number) {
    case 'form':
      return problem(
        'which is not a version: give major.minor.patch such as 1.2.3, or auto, minor, major, date',
      );
    case 'leading-zero':
      return problem(
        'which has a part with a leading zero: Azure counts the parts as numbers, so leave it out',
      );
    case 'too-large':
      return problem(
        'which has a part above 2147483647: Azure keeps each part in 32 bits, so a long date or a run ID does not fit; date makes one that does',
      );
    default:
      return value({ choose: 'exactly', number });
  }
}

/**
 * A second `name=value` on the line, after a comma or a space, as YAML's `>` joins lines. A value that
 * holds an equals sign before it is one value, such as a query.
 */
const SEVERAL_TAGS = /^[^=]+=[^=]*(?:,\s*|\s)\p{L}[^\s,=<>%&?/\\]*=/u;

/** One `name=value` a line; the value may hold more equals signs and commas. */
export function parseTags(text: string): Parsed<Tags> {
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
  return problems.length > 0
    ? problem(problems.join('; '))
    : value(Object.fromEntries(tags.values()));
}

/** A run may take hours before it sends the version, and cannot go back by then. */
const SOONEST_END_MS = 24 * 3600 * 1000;

/** A date (`2027-06-30`), a time with zone (`2027-06-30T12:00:00Z`), or a time from now (`90d`). */
export function parseEndOfLife(text: string, now: Date): Parsed<Date> {
  const span = parseSpan(text);
  const date = span ? laterBy(span, now) : absolute(text);
  if (!date || Number.isNaN(date.getTime()))
    return problem(
      'which is not a date: give 2027-06-30, 2027-06-30T12:00:00Z, or a time from now such as 90d, 12w, 6mo, 2y',
    );
  if (date <= now) return problem('which is in the past: Azure takes future dates only');
  if (date.getTime() < now.getTime() + SOONEST_END_MS)
    return problem(
      'which is less than a day away: Azure refuses a version whose end has come by the time it is sent',
    );
  if (date.getUTCFullYear() > 9999) return problem('which is after the year 9999');
  return value(date);
}

function absolute(text: string): Date | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/i.exec(text);
  if (!match) return undefined;
  const day = new Date(`${match[1]}-${match[2]}-${match[3]}T00:00:00Z`);
  if (day.getUTCDate() !== Number(match[3])) return undefined;
  return match[4] ? new Date(text) : day;
}

/** An input as a message quotes it: short, and on one line. */
export function shorten(text: string): string {
  const lines = text.slice(0, 1000).split(/[\r\n]+/);
  const line = lines.map((each) => each.trim()).join('⏎');
  return line.length > 80 ? `${line.slice(0, 77)}…` : line;
}

/** The parts of a list, without the space around them; empty ones are none. */
export const partsOf = (text: string, between: RegExp): string[] =>
  text
    .split(between)
    .map((part) => part.trim())
    .filter(Boolean);

/** As many disks as a VM can have. */
const MOST_SNAPSHOTS = 65;

/** Resource IDs of snapshots: a JSON array, or with white space or commas between them. */
export function parseSnapshotIds(text: string): Parsed<readonly string[]> {
  const entries = text.startsWith('[') ? textsIn(text) : partsOf(text, /[\s,]+/);
  if (!entries) return problem('which is no JSON array of resource IDs');
  if (entries.length > MOST_SNAPSHOTS)
    return problem(`which has ${entries.length} entries: a VM has ${MOST_SNAPSHOTS} disks at most`);
  const wrong = entries.find(
    (entry) => parseResourceId(entry)?.type.toLowerCase() !== SNAPSHOT.toLowerCase(),
  );
  if (wrong !== undefined)
    return problem(`in which "${shorten(wrong)}" is no resource ID of a snapshot`);
  return value([...new Map(entries.map((id) => [id.toLowerCase(), id])).values()]);
}

function textsIn(text: string): string[] | undefined {
  const found = jsonIn(text);
  return Array.isArray(found) && found.every((each) => typeof each === 'string')
    ? found
    : undefined;
}

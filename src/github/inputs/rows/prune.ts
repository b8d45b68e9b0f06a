import type { PruneRequest } from '../../../domain/request.ts';
import { parseSpan, type Span } from '../../../domain/span.ts';
import { Problem, parseCount, parseGuid, partsOf, type Rows, shorten } from '../row.ts';

const MOST_VERSIONS = 1000;
const MOST_SUBSCRIPTIONS = 1000;

/** `90d`, `12w`, `6mo` or `2y`. */
function parseAge(text: string): Span | Problem {
  const span = parseSpan(text);
  return span && span.amount > 0
    ? span
    : new Problem('which is not an age: give days, weeks or months such as 90d, 12w, 6mo');
}

/** Subscription IDs with lines, commas or spaces between them, in lower case; `none` for no subscription. */
function parseSubscriptions(text: string): readonly string[] | Problem {
  if (/^none$/i.test(text)) return [];
  const all = partsOf(text, /[\s,]+/);
  const wrong = all.find((each) => parseGuid(each) instanceof Problem);
  if (wrong !== undefined || all.length === 0)
    return new Problem(
      `in which "${shorten(wrong ?? '')}" is not the ID of a subscription: give GUIDs, or \`none\` alone`,
    );
  if (all.length > MOST_SUBSCRIPTIONS)
    return new Problem(`which has ${all.length} subscriptions: ${MOST_SUBSCRIPTIONS} are allowed`);
  return [...new Set(all.map((each) => each.toLowerCase()))];
}

/** Marks of YAML or JSON, of a list in one line, or of a pattern; Azure takes some of these in no name. */
const NO_NAME = /^[-#]\s|[,*"'`{}[\]<>%&\\?]|:(?:\s|$)/;
const NO_VALUE = /^\*$|^(["'`]).*\1$|,\s*[^,\s]+=/;

/** One `name=value` or `name` a line. What was probably meant otherwise would protect nothing. */
function parseKeptTags(text: string): PruneRequest['keepTags'] | Problem {
  const lines = partsOf(text, /\r?\n/);
  const nameless = lines.find((line) => line.startsWith('='));
  if (nameless !== undefined)
    return new Problem(`whose line "${shorten(nameless)}" has no name before the equals sign`);
  const tags = lines.map((line) => {
    const at = line.indexOf('=');
    return at < 0
      ? { name: line }
      : { name: line.slice(0, at).trim(), value: line.slice(at + 1).trim() };
  });
  const wrong = tags.findIndex(
    ({ name, value = '' }) => NO_NAME.test(name) || NO_VALUE.test(value),
  );
  return wrong < 0
    ? tags
    : new Problem(
        `whose line "${shorten(lines[wrong] ?? '')}" reads like YAML, JSON, a list in one line or a pattern: give one \`name=value\` or \`name\` a line, without quotes and commas`,
      );
}

/** What a prune deletes, and what stays. */
export const PRUNE = {
  'keep-versions': {
    operations: ['prune'],
    parse: parseCount(MOST_VERSIONS),
    about:
      'How many of the newest versions stay, whatever their age, 1 to 1000. Only versions count that succeeded, are not excluded from `latest`, and are not `0.0.N`.',
    default: '3',
  },
  'older-than': {
    operations: ['prune'],
    parse: parseAge,
    about:
      'The age from which a version is deleted, by its published date: `90d`, `12w` or `6mo`. Younger versions stay.',
    required: 'for `prune`',
    example: '90d',
    give: 'the age from which a version is deleted, such as `90d`',
  },
  'usage-subscriptions': {
    operations: ['prune'],
    parse: parseSubscriptions,
    about:
      'The subscriptions in which VMs and scale sets are looked for that use the image; what is in use stays. Give IDs with lines, commas or spaces between them, or the word `none`. A subscription that cannot be read is an error.',
    required: 'for `prune`',
    example: 'vars.AZURE_SUBSCRIPTION_ID',
    give: 'the IDs of the subscriptions in which the image is used, or the word `none`',
  },
  'max-deletions': {
    operations: ['prune'],
    parse: parseCount(MOST_VERSIONS),
    about: 'How many versions one run deletes at most, 1 to 1000.',
    default: '50',
  },
  'keep-tags': {
    operations: ['prune'],
    parse: parseKeptTags,
    about:
      'Tags that keep a version, one `name=value` or `name` a line. Upper and lower case do not matter.',
    otherwise: 'none',
    example: 'keep=true',
  },
} satisfies Rows;

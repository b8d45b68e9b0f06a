import type { KeptTag } from '../../domain/request.ts';
import { parseSpan, type Span } from '../../domain/span.ts';
import { type Parsed, partsOf, problem, shorten, value } from './parse.ts';
import { parseGuid } from './parse-names.ts';

/** Parsers of what a prune is asked for. */

const MOST_COUNT = 1000;
const MOST_SUBSCRIPTIONS = 1000;

/** A whole number from 1 to 1000. */
export function parseCount(text: string): Parsed<number> {
  const count = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  return count >= 1 && count <= MOST_COUNT
    ? value(count)
    : problem(`which is not a whole number from 1 to ${MOST_COUNT}`);
}

/** `90d`, `12w`, `6mo` or `2y`. */
export function parseAge(text: string): Parsed<Span> {
  const span = parseSpan(text);
  return span && span.amount > 0
    ? value(span)
    : problem('which is not an age: give days, weeks or months such as 90d, 12w, 6mo');
}

/** Subscription IDs with lines, commas or spaces between them, in lower case; `none` for no subscription. */
export function parseSubscriptions(text: string): Parsed<readonly string[]> {
  if (/^none$/i.test(text)) return value([]);
  const all = partsOf(text, /[\s,]+/);
  const wrong = all.find((each) => 'problem' in parseGuid(each));
  if (wrong !== undefined || all.length === 0)
    return problem(
      `in which "${shorten(wrong ?? '')}" is not the ID of a subscription: give GUIDs, or \`none\` alone`,
    );
  if (all.length > MOST_SUBSCRIPTIONS)
    return problem(`which has ${all.length} subscriptions: ${MOST_SUBSCRIPTIONS} are allowed`);
  return value([...new Set(all.map((each) => each.toLowerCase()))]);
}

/** One `name=value` or `name` a line. */
export function parseKeptTags(text: string): Parsed<readonly KeptTag[]> {
  const lines = partsOf(text, /\r?\n/);
  const nameless = lines.find((line) => line.startsWith('='));
  if (nameless !== undefined)
    return problem(`whose line "${shorten(nameless)}" has no name before the equals sign`);
  return value(
    lines.map((line) => {
      const at = line.indexOf('=');
      return at < 0
        ? { name: line }
        : { name: line.slice(0, at).trim(), value: line.slice(at + 1).trim() };
    }),
  );
}

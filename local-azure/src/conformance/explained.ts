import type { Difference } from './compare.ts';
import { explanations } from './explanations.ts';
import type { Target } from './resource-path.ts';
import type { Exchange } from './scenario.ts';

/** The written reason for a difference, or undefined when there is none. */
export function explanationOf(
  difference: Difference,
  { subject, exchange }: { readonly subject: Target; readonly exchange: Exchange },
): string | undefined {
  return explanations.find(
    (entry) =>
      entry.kinds.includes(difference.kind) &&
      isOfType(entry.type, subject.type.toLowerCase()) &&
      (entry.method === undefined || entry.method.test(exchange.method)) &&
      (entry.action === undefined || entry.action.test(subject.action ?? '')) &&
      (entry.until ?? '9') >= (exchange.url.searchParams.get('api-version') ?? '') &&
      entry.where.test(difference.where) &&
      (entry.recorded === undefined || entry.recorded.test(difference.recorded)) &&
      (entry.answer === undefined || entry.answer(exchange.answer)),
  )?.reason;
}

function isOfType(wanted: string | RegExp | undefined, type: string): boolean {
  if (wanted === undefined) return true;
  return typeof wanted === 'string' ? wanted === type : wanted.test(type);
}

import type { Difference, DifferenceKind } from './compare.ts';
import type { Target } from './resource-path.ts';
import type { Exchange } from './scenario.ts';

/** A kind of difference that is known, and why it is right to leave it. */
interface Explanation {
  readonly kinds: readonly DifferenceKind[];
  /** Resource type the exchange is about, in lower case; absent: any. */
  readonly type?: string;
  readonly where: RegExp;
  readonly recorded?: RegExp;
  readonly reason: string;
}

const explanations: readonly Explanation[] = [];

/** The written reason for a difference, or undefined when there is none. */
export function explanationOf(
  difference: Difference,
  { subject }: { readonly subject: Target; readonly exchange: Exchange },
): string | undefined {
  return explanations.find(
    (entry) =>
      entry.kinds.includes(difference.kind) &&
      (entry.type === undefined || entry.type === subject.type.toLowerCase()) &&
      entry.where.test(difference.where) &&
      (entry.recorded === undefined || entry.recorded.test(difference.recorded)),
  )?.reason;
}

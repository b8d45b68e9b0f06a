import { type Definition, definitionAt } from '../../domain/gallery.ts';
import {
  compareVersions,
  formatVersion,
  type VersionNumber,
  versionNumber,
} from '../../domain/version-number.ts';
import { chooseNumber } from '../choose-number.ts';
import type { RuleContext } from './context.ts';
import { type Answer, foundIn } from './rule.ts';

/**
 * A check of the features that the definition has for this version. Where other versions have
 * features that fit, the remedy is another number.
 */
export function byVersion<
  S extends { readonly definition: Definition },
  O extends 'capture' | 'promote',
>(check: (thing: S, context: RuleContext<O>) => Answer) {
  return (thing: S, context: RuleContext<O>): Answer => {
    const { definition } = thing;
    const found = check(thing, context);
    const number = versionNumber(context.version);
    if (!found || !number) return found;
    const { stages = [] } = definition;
    const fits = (from: VersionNumber) =>
      !check({ ...thing, definition: definitionAt(definition, formatVersion(from)) }, context);
    const isLater = (from: VersionNumber) => compareVersions(from, number) > 0;
    const remedied = (remedy: string) => ({
      ...foundIn(found),
      remedy: `The definition has these features for version \`${context.version}\`. It has features that fit ${remedy}.`,
    });
    const later = stages.find(({ from }) => isLater(from) && fits(from));
    if (later)
      return remedied(`from ${formatVersion(later.from)} on: ${inputFor(later.from, context)}`);
    const earlier = stages.findLastIndex(({ from }) => !isLater(from) && fits(from));
    const next = stages[earlier + 1];
    return earlier < 0 || !next
      ? found
      : remedied(`below ${formatVersion(next.from)}: give \`image-version\` a lower number`);
  };
}

/** How a request comes to a number that is at least this one. */
function inputFor(
  from: VersionNumber,
  { request: { version }, inventory }: RuleContext<'capture' | 'promote'>,
): string {
  const parts = version?.choose === 'next' ? (['minor', 'major'] as const) : [];
  const part = parts.find((next) => {
    const number = versionNumber(
      chooseNumber({ version: { choose: 'next', part: next } }, inventory),
    );
    return number && compareVersions(number, from) >= 0;
  });
  return part
    ? `\`image-version: ${part}\``
    : `\`image-version: ${formatVersion(from)}\` or a higher number`;
}

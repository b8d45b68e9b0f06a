import {
  compareVersions,
  formatVersion,
  type VersionNumber,
  versionNumber,
} from '../../domain/image-version.ts';
import { type Definition, definitionAt, type FeatureStage } from '../../domain/observed.ts';
import { chooseNumber } from '../resolve.ts';
import type { RuleContext } from './context.ts';
import { type Answer, foundIn } from './rule.ts';

/**
 * A check of the features that the definition has for this version. Where other versions have
 * features that fit, the remedy is another number.
 */
export const byVersion =
  <S extends { readonly definition: Definition }, O extends 'capture' | 'promote'>(
    check: (subject: S, context: RuleContext<O>) => Answer,
  ) =>
  (subject: S, context: RuleContext<O>): Answer => {
    const { definition } = subject;
    const { version } = context;
    const found = check(subject, context);
    const number = versionNumber(version);
    if (!found || !number) return found;
    const { stages = [] } = definition;
    const fits = ({ from }: FeatureStage) =>
      !check({ ...subject, definition: definitionAt(definition, formatVersion(from)) }, context);
    const isLater = ({ from }: FeatureStage) => compareVersions(from, number) > 0;
    const these = `The definition has these features for version \`${version}\`. It has features that fit`;
    const later = stages.find((stage) => isLater(stage) && fits(stage));
    if (later)
      return {
        ...foundIn(found),
        remedy: `${these} from ${formatVersion(later.from)} on: ${inputFor(later.from, context)}.`,
      };
    const earlier = stages.findLastIndex((stage) => !isLater(stage) && fits(stage));
    const next = stages[earlier + 1];
    if (earlier < 0 || !next) return found;
    return {
      ...foundIn(found),
      remedy: `${these} below ${formatVersion(next.from)}: give \`image-version\` a lower number.`,
    };
  };

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

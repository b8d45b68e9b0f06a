import { LARGEST_PART } from '../../domain/image-version.ts';
import { type CommonFacts, unlessMade } from './common-facts.ts';
import type { Rule } from './rule.ts';

/**
 * Rules on the number of a version that is to be made (azure.md §1, "Version name").
 *
 * @param wantedOf the number, where the request leaves no choice
 * @param isExhausted whether there is none that the request could mean
 */
export const numberRules = <F extends CommonFacts>(
  wantedOf: (facts: F) => string | undefined,
  isExhausted: (facts: F) => boolean,
): readonly Rule<F>[] => [
  {
    id: 'version-soft-deleted',
    severity: 'error',
    when: "the number asked for is in the gallery's recycle bin",
    azure: {
      accepts:
        'Not documented: a request for such a number can bring the deleted version back instead of making one.',
    },
    looksAt: ['gallery `softDeletePolicy`', 'deleted versions', '`image-version`'],
    remedy: 'Give another `image-version`, or `auto`.',
    check: unlessMade((facts: F) => {
      const wanted = wantedOf(facts);
      return wanted !== undefined && facts.survey.softDeleted.includes(wanted)
        ? {
            message: `Image version ${wanted} was deleted, but the gallery keeps it in its recycle bin (soft delete), and its number is not free until then.`,
          }
        : undefined;
    }),
  },
  {
    id: 'version-exhausted',
    severity: 'error',
    when: 'the next number would not fit into 32 bits',
    azure: {
      says: 'The image version name is invalid. The image version name should follow Major(int).Minor(int).Patch(int) format',
    },
    looksAt: ['versions', 'deleted versions', '`image-version`'],
    remedy: 'Count up another part (`minor` or `major`), or give a number.',
    check: unlessMade((facts: F) =>
      isExhausted(facts)
        ? {
            message: `There is no next version number: a part of the highest one is ${LARGEST_PART}, the largest Azure takes.`,
          }
        : undefined,
    ),
  },
];

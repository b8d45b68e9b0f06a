import { encryptionSetsOf } from '../../domain/encryption.ts';
import { sameRegion } from '../../domain/regions.ts';
import { nameOf, sameId, sameSubscription } from '../../domain/resource-id.ts';
import { type CaptureFacts, type CaptureRule, unlessMade } from './capture-facts.ts';

/** Rules on the disk encryption sets that regions name (azure.md §1, "CMK"). */
export const encryptionSetRules: readonly CaptureRule[] = [
  {
    id: 'encryption-set-subscription',
    severity: 'error',
    when: 'a disk encryption set is in another subscription than the gallery',
    azure: {
      says: "The disk encryption set '…' must be in the same subscription '…' as the gallery resource",
    },
    looksAt: ['`target-regions`', '`gallery-subscription-id`'],
    remedy: 'Create a set with a key of the same vault in the subscription of the gallery.',
    check: onSets((facts, { id }) =>
      sameSubscription(id, facts.request.definition)
        ? undefined
        : 'is in another subscription than the gallery',
    ),
  },
  {
    id: 'encryption-set-missing',
    severity: 'error',
    needs: ['encryption-sets'],
    when: 'a disk encryption set does not exist',
    azure: { says: 'The disk encryption set … was not found' },
    looksAt: ['disk encryption sets named in `target-regions`'],
    remedy:
      'Check the ID, and that the identity has Microsoft.Compute/diskEncryptionSets/read on it.',
    check: onSets((facts, { id }) =>
      facts.survey.encryptionSets?.some((set) => sameId(set.id, id))
        ? undefined
        : 'does not exist, or may not be read',
    ),
  },
  {
    id: 'encryption-set-region',
    severity: 'error',
    needs: ['encryption-sets'],
    when: 'a disk encryption set is in another region than the one it is for',
    azure: {
      refuses:
        'Sets "can be used only in the same subscription and region in which they were created" (troubleshooting-shared-images.md).',
    },
    looksAt: ['disk encryption sets named in `target-regions`'],
    remedy: 'Give each region a set of its own, with a key of a vault in that region.',
    check: onSets(({ survey }, { id, region }) => {
      const set = survey.encryptionSets?.find((one) => sameId(one.id, id));
      return set && !sameRegion(set.location, region)
        ? `is in ${set.location}, but is to encrypt in ${region}`
        : undefined;
    }),
  },
];

/** Judges each disk encryption set that a region names. */
function onSets(
  judgeOne: (
    facts: CaptureFacts,
    set: { readonly id: string; readonly region: string },
  ) => string | undefined,
): CaptureRule['check'] {
  return unlessMade((facts) => {
    const wrong = facts.regions.flatMap(({ name: region, encryption = {} }) =>
      encryptionSetsOf(encryption).flatMap((id) => {
        const what = judgeOne(facts, { id, region });
        return what ? [`${nameOf(id)} ${what}`] : [];
      }),
    );
    return wrong.length > 0
      ? { message: `Disk encryption set ${[...new Set(wrong)].join('; ')}.` }
      : undefined;
  });
}

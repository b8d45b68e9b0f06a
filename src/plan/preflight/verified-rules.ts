import { nameOf } from '../../domain/resource-id.ts';
import { passedVerification, recordOf } from '../../domain/verification.ts';
import { onSource } from './promote-context.ts';
import type { Rule } from './rule.ts';

/** Rules on a version that is made to be verified alone. */
export const ephemeralRules: readonly Rule<'capture'>[] = [
  {
    id: 'ephemeral-soft-delete',
    severity: 'warning',
    when: 'an ephemeral version is made in a gallery with soft delete',
    azure: { accepts: 'The gallery keeps what is deleted in its recycle bin for days.' },
    looksAt: ['gallery `softDeletePolicy`', '`ephemeral`'],
    remedy: 'Use a gallery without soft delete for the versions of pull requests.',
    check: ({ request, inventory: { gallery } }) =>
      request.ephemeral &&
      gallery?.softDelete &&
      `The gallery \`${nameOf(gallery.id)}\` has soft delete: the ephemeral version stays in its recycle bin, and is billed there, until the retention ends.`,
  },
];

/** Rules on the proof that an image works. */
export const verifiedRules: readonly Rule<'promote'>[] = [
  onSource({
    id: 'source-not-verified',
    severity: 'error',
    when: 'a verified version is required, and the source has no record of a passed verification',
    azure: { accepts: 'Azure knows nothing of verifications.' },
    looksAt: ['source version, its tags, source and time of publication', '`require-verified`'],
    remedy:
      'Verify it first: `operation: verify` with the same `source-image-version`, which records the result.',
    check: (source, { request }) => {
      if (!request.requireVerified || passedVerification(source)) return undefined;
      const failed = recordOf(source) !== undefined;
      return failed
        ? `Image version \`${nameOf(source.id)}\` failed its verification, and \`require-verified\` is true.`
        : `Image version \`${nameOf(source.id)}\` has no record of a passed verification, and \`require-verified\` is true. A record of another version, or of one that had the same number before, does not count.`;
    },
  }),
];

import { encryptionSetsOf } from '../../domain/encryption.ts';
import { noLatest, noSource } from '../../domain/finding.ts';
import { childId, nameOf } from '../../domain/resource-id.ts';
import { passedVerification, recordOf } from '../../domain/verification.ts';
import { about, type Rule } from './rule.ts';

/** Rules on the version that is promoted. */
export const sourceRules: readonly Rule<'promote'>[] = [
  {
    id: 'source-missing',
    severity: 'error',
    when: 'the version to promote does not exist, or the identity lacks permission to read it',
    azure: { says: 'Source was not found: …. Please make sure the source exists' },
    looksAt: ['source version', '`source-image-version`'],
    remedy:
      'Check `source-image-version`, and that the identity has `Microsoft.Compute/galleries/images/versions/read` there.',
    check: ({ request: { source }, inventory }) =>
      inventory.source || source.version === 'latest'
        ? undefined
        : noSource(
            childId(source.definition, 'versions', source.version),
            inventory.nearest?.source,
          ),
  },
  {
    id: 'source-no-latest',
    severity: 'error',
    when: 'the latest version is to be promoted, and there is none',
    azure: { accepts: 'Azure makes versions of a number only: `latest` is looked up beforehand.' },
    looksAt: ['versions of the source’s definition', '`source-image-version`'],
    remedy: 'Give the number of a version.',
    check: ({ request: { source }, inventory }) =>
      !inventory.source && source.version === 'latest'
        ? noLatest(source.definition, inventory.nearest?.source)
        : undefined,
  },
  about('source', {
    id: 'source-deleting',
    severity: 'error',
    when: 'the version to promote is being deleted',
    azure: {
      says: 'since it is marked for deletion. You can only retry the Delete operation (or wait for an ongoing one to complete)',
    },
    looksAt: ['source version `provisioningState`'],
    remedy: 'Promote another version. The activity log of the gallery shows who deletes this one.',
    check: (source) =>
      source.provisioningState === 'Deleting' &&
      `Image version \`${source.name}\` is being deleted.`,
  }),
  about('copiedSource', {
    id: 'source-not-ready',
    severity: 'error',
    when: 'a version is to be copied that is not Succeeded',
    azure: {
      refuses:
        'A version is copied from a complete replica (image-version.md); whether Azure copies one that failed elsewhere is not known.',
    },
    looksAt: ['source version `provisioningState`'],
    remedy: 'Wait for it (`operation: wait`), or repair it first.',
    check: ({ name, provisioningState: state }) =>
      ['Succeeded', 'Updating', 'Deleting'].includes(state)
        ? undefined
        : `Image version \`${name}\` is ${state}, and only one that is Succeeded can be copied.`,
  }),
  about('copiedSource', {
    id: 'source-customer-key',
    severity: 'error',
    when: 'a version is to be copied that is encrypted with a customer-managed key',
    azure: {
      refuses:
        'Images with customer-managed keys can be neither copied nor shared (image-version-encryption.md).',
    },
    looksAt: ['source version `targetRegions[].encryption`'],
    remedy:
      'Capture the VM into the other definition as well, with the disk encryption sets of its regions.',
    check: (source) =>
      source.regions.some(({ encryption }) => encryptionSetsOf(encryption).length > 0) &&
      `Image version \`${source.name}\` is encrypted with a customer-managed key; Azure takes no such version as the source of another.`,
  }),
  about('source', {
    id: 'source-shallow',
    severity: 'error',
    when: 'a shallow version is to be copied, or to get regions or replicas',
    azure: { refuses: 'A shallow version cannot leave its source (packer-plugin-azure#383).' },
    looksAt: ['source version `replicationMode`', '`target-regions`', '`replica-count`'],
    remedy: 'Capture the image again with `replication-mode: Full`.',
    check: (source, { request, added, regions }) =>
      source.replicationMode === 'Shallow' &&
      (request.destination || added.length > 0 || regions.some(({ replicas }) => replicas > 1)) &&
      `Image version \`${source.name}\` is shallow: it never left its source, so it can neither be copied nor get more regions or replicas.`,
  }),
  about('source', {
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

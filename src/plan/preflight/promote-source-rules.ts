import { encryptionSetsOf } from '../../domain/encryption.ts';
import { noLatest, noSource, SOURCE_REMEDIES } from '../../domain/finding.ts';
import type { Definition } from '../../domain/gallery.ts';
import { nameOf, versionId } from '../../domain/resource-id.ts';
import { takesVersionOf } from '../../domain/security-type.ts';
import { passedVerification, recordOf } from '../../domain/verification.ts';
import { canBegin } from '../resolve-promote.ts';
import { byVersion } from './by-version.ts';
import { planText, samePlan } from './definition-rules.ts';
import { definitionMissing, galleryMissing } from './gallery-rules.ts';
import { about, type Rules } from './rule.ts';
import { numberRules } from './version-rules.ts';

/** Rules on the version that is promoted. */
export const sourceRules: Rules<'promote'> = {
  'source-missing': {
    severity: 'error',
    when: 'the version to promote does not exist, or the identity lacks permission to read it',
    azure: { says: 'Source was not found: …. Please make sure the source exists' },
    looksAt: ['source version', '`source-image-version`'],
    remedy: SOURCE_REMEDIES['source-missing'],
    check: ({ request: { source }, inventory }) =>
      inventory.source || source.version === 'latest'
        ? undefined
        : noSource(versionId(source.definition, source.version), inventory.nearest?.source),
  },
  'source-no-latest': {
    severity: 'error',
    when: 'the latest version is to be promoted, and there is none',
    azure: {
      accepts: 'Azure takes a number as the source; the action looks up `latest` beforehand.',
    },
    looksAt: ['versions of the source’s definition', '`source-image-version`'],
    remedy: SOURCE_REMEDIES['source-no-latest'],
    check: ({ request: { source }, inventory }) =>
      !inventory.source && source.version === 'latest'
        ? noLatest(source.definition, inventory.nearest?.source)
        : undefined,
  },
  'source-deleting': about('source', {
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
  'source-not-ready': about('copiedSource', {
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
  'source-customer-key': about('copiedSource', {
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
  'source-shallow': about('source', {
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
  'source-not-verified': about('source', {
    severity: 'error',
    when: 'a verified version is required, and the source has no record of a passed verification',
    azure: { accepts: 'Azure knows nothing of verifications.' },
    looksAt: ['source version, its tags, source and time of publication', '`require-verified`'],
    remedy:
      'Verify it first: `operation: verify` with the same `source-image-version`, which records the result.',
    check: (source, { request }) => {
      if (!request.requireVerified || passedVerification(source)) return undefined;
      return recordOf(source)
        ? `Image version \`${nameOf(source.id)}\` failed its verification, and \`require-verified\` is true.`
        : `Image version \`${nameOf(source.id)}\` has no record of a passed verification, and \`require-verified\` is true. A record of another version, or of one that had the same number before, does not count.`;
    },
  }),
};

/** Rules on the copy of a version into another definition. */
export const promoteCopyRules: Rules<'promote'> = {
  'copy-gallery-missing': about('copy', {
    ...galleryMissing,
    when: 'the gallery to copy to does not exist, or the identity lacks permission to read it',
  }),
  'copy-definition-missing': about('copy', {
    ...definitionMissing,
    when: 'the gallery to copy to has no such image definition',
    remedy:
      'Check `image-definition`, or create it like the source’s: its OS type and state, generation, architecture and security type must be the same.',
  }),
  'copy-definition-differs': about('definitions', {
    severity: 'error',
    when: 'the definition to copy to differs from that of the source in what an image cannot change',
    azure: { says: '… has a different … than the parent gallery image …' },
    looksAt: ['definitions `osType`, `osState`, `hyperVGeneration`, `architecture`'],
    remedy: 'Name, or create, a definition with the same values: none of them can ever be changed.',
    check: ({ definition, source }) => {
      const different = differing(definition, source);
      return (
        different.length > 0 &&
        `The image definition \`${nameOf(definition.id)}\` does not fit the source's: ${different.join(', ')}.`
      );
    },
  }),
  'copy-security-type': about('definitions', {
    severity: 'error',
    when: 'the definition to copy to takes no image of the source’s security type',
    azure: { says: "The security type '…' is not supported for the source id '…'." },
    looksAt: ['definitions feature `SecurityType`, by its `startsAtVersion`'],
    remedy:
      'Name, or create, a definition with the same `SecurityType` for this version. Images of Trusted Launch and confidential VMs carry guest state, which others cannot have.',
    check: byVersion(({ definition, source }) =>
      takesVersionOf(definition.securityType, source.securityType) !== false
        ? undefined
        : `The image definition \`${nameOf(definition.id)}\` has the security type \`${definition.securityType}\`, and takes no image of a definition that has \`${source.securityType}\`.`,
    ),
  }),
  'copy-plan': about('definitions', {
    severity: 'error',
    when: 'the definition to copy to has another purchase plan than that of the source',
    azure: {
      says: 'The resource with id … has a different plan […] than the parent gallery image plan […]',
    },
    looksAt: ['definitions `purchasePlan`'],
    remedy:
      'Name a definition with the same plan, or create one with `--plan-name`, `--plan-product` and `--plan-publisher`: the plan of a definition can never be changed.',
    check: ({ definition, source }) =>
      samePlan(definition.plan, source.plan)
        ? undefined
        : `The image definition \`${nameOf(definition.id)}\` has ${planText(definition.plan)}, but that of the source ${planText(source.plan)}: VMs could not be made of the copy.`,
  }),
  'copy-features': about('definitions', {
    severity: 'warning',
    when: 'the definition to copy to promises what that of the source does not',
    azure: {
      accepts:
        'Features are information for those who create VMs of the image; Azure does not look at the version.',
    },
    looksAt: [
      'definitions features `DiskControllerTypes`, `IsAcceleratedNetworkSupported`, `IsHibernateSupported`',
    ],
    remedy:
      'Give the definition of the source the feature too, once it is proved that the image has it, or name a definition without it.',
    check: byVersion(({ definition, source }) => {
      const promised = promisedBeyond(definition, source);
      return (
        promised.length > 0 &&
        `The image definition \`${nameOf(definition.id)}\` promises ${promised.join(', ')}, which that of the source does not.`
      );
    }),
  }),
  'copy-home-region': about('copiedSource', {
    severity: 'error',
    when: 'no target region of the copy holds a complete replica of the source',
    azure: {
      says: 'Source … is not found. Please check source exists, and is in the same region as gallery image version being created',
    },
    looksAt: ['source version `targetRegions`, `replicationStatus`', '`target-regions`'],
    remedy: 'Add a region to `target-regions` where the source is complete.',
    check: (source, { request }) =>
      canBegin(request, source)
        ? undefined
        : {
            message: `No target region holds a complete replica of image version \`${source.name}\`, and Azure copies a version only within a region where it is.`,
            remedy: `Add \`${source.location}\` to \`target-regions\`, or another region where the source is complete.`,
          },
  }),
  ...numberRules,
};

function differing(definition: Definition, source: Definition): string[] {
  const properties = {
    osType: 'OS type',
    osState: 'OS state',
    generation: 'Hyper-V generation',
    architecture: 'architecture',
  } as const;
  return (Object.keys(properties) as (keyof typeof properties)[])
    .filter((name) => definition[name] !== source[name])
    .map((name) => `${properties[name]} ${definition[name]} instead of ${source[name]}`);
}

function promisedBeyond(definition: Definition, source: Definition): string[] {
  const controllers = definition.diskControllers.filter(
    (each) => !source.diskControllers.some((other) => other.toLowerCase() === each.toLowerCase()),
  );
  return [
    ...controllers.map((each) => `disks attached by ${each}`),
    ...(definition.acceleratedNetwork && !source.acceleratedNetwork
      ? ['accelerated networking']
      : []),
    ...(definition.hibernation && !source.hibernation ? ['hibernation'] : []),
  ];
}

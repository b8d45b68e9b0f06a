import { encryptionSetsOf } from '../../domain/encryption.ts';
import type { Definition } from '../../domain/observed.ts';
import { describeOwner, owns } from '../../domain/owner.ts';
import { nameOf, parentId, sameId } from '../../domain/resource-id.ts';
import type { PromoteFacts, PromoteRule } from './promote-facts.ts';
import type { Found } from './rule.ts';

const NO_PARENT =
  'Can not perform requested operation on nested resource. Parent resource … not found.';

/** Rules on the copy of a version into another definition (azure.md §1, §7). */
export const promoteCopyRules: readonly PromoteRule[] = [
  {
    id: 'source-not-ready',
    severity: 'error',
    when: 'a version is to be copied that is not Succeeded',
    azure: { refuses: 'What is not complete cannot be read from.' },
    looksAt: ['source version `provisioningState`'],
    remedy: 'Wait for it (`operation: wait`), or repair it first.',
    check: onCopy(({ survey: { source } }) =>
      source.provisioningState === 'Succeeded' || source.provisioningState === 'Updating'
        ? undefined
        : {
            message: `Image version ${source.name} is ${source.provisioningState}, and only one that is Succeeded can be copied.`,
          },
    ),
  },
  {
    id: 'source-customer-key',
    severity: 'error',
    when: 'a version is to be copied that is encrypted with a customer-managed key',
    azure: { refuses: 'Such a version cannot be the source of another (azure.md §1, "CMK").' },
    looksAt: ['source version `targetRegions[].encryption`'],
    remedy:
      'Capture the VM into the other definition as well, with the disk encryption sets of its regions.',
    check: onCopy(({ survey: { source } }) =>
      source.regions.some(({ encryption }) => encryption && encryptionSetsOf(encryption).length > 0)
        ? {
            message: `Image version ${source.name} is encrypted with a customer-managed key; Azure takes no such version as the source of another.`,
          }
        : undefined,
    ),
  },
  {
    id: 'copy-gallery-missing',
    severity: 'error',
    when: 'the gallery to copy to does not exist, or may not be read',
    azure: { says: NO_PARENT },
    looksAt: ['gallery'],
    remedy:
      'Check `gallery`, `gallery-resource-group` and `gallery-subscription-id`, and that the identity has Microsoft.Compute/galleries/read there.',
    check: onCopy(({ request, survey }) =>
      survey.gallery
        ? undefined
        : {
            message: `The gallery ${parentId(request.destination ?? '')} does not exist, or this identity may not read it.`,
          },
    ),
  },
  {
    id: 'copy-definition-missing',
    severity: 'error',
    when: 'the gallery to copy to has no such image definition',
    azure: { says: NO_PARENT },
    looksAt: ['gallery', 'definition'],
    remedy:
      'Check `image-definition`, or create it like the source’s: its OS type and state, generation, architecture and security type must be the same.',
    check: onCopy(({ request, survey }) =>
      survey.definition || !survey.gallery
        ? undefined
        : {
            message: `The gallery ${nameOf(survey.gallery.id)} has no image definition ${nameOf(request.destination ?? '')}.`,
          },
    ),
  },
  {
    id: 'copy-definition-differs',
    severity: 'error',
    when: 'the definition to copy to differs from that of the source in what cannot change',
    azure: { says: '… has a different … than the parent gallery image …' },
    looksAt: [
      'definitions `osType`, `osState`, `hyperVGeneration`, `architecture`',
      'definitions feature `SecurityType`',
    ],
    remedy: 'Name, or create, a definition with the same values: none of them can ever be changed.',
    check: onCopy(({ survey: { definition, sourceDefinition } }) => {
      const different =
        definition && sourceDefinition ? differing(definition, sourceDefinition) : [];
      return different.length > 0
        ? {
            message: `The image definition ${nameOf(definition?.id ?? '')} does not fit the source's: ${different.join(', ')}.`,
          }
        : undefined;
    }),
  },
  {
    id: 'copy-home-region',
    severity: 'error',
    when: 'no target region of the copy holds a complete replica of the source',
    azure: {
      says: 'Source … is not found. Please check source exists, and is in the same region as gallery image version being created',
    },
    looksAt: ['source version `targetRegions`, `replicationStatus`', '`target-regions`'],
    remedy: 'Add a region to `target-regions` where the source is complete.',
    check: onCopy(({ survey: { source, definition }, target }) =>
      target || !definition
        ? undefined
        : {
            message: `No target region holds a complete replica of image version ${source.name}, and Azure copies a version only within a region where it is.`,
            remedy: `Add ${source.location} to \`target-regions\`, or another region where the source is complete.`,
          },
    ),
  },
  {
    id: 'version-taken',
    severity: 'error',
    when: 'a version of that number exists and is no copy of the source',
    azure: {
      says: "Changing property 'galleryImageVersion.properties.storageProfile.source.…' is not allowed.",
    },
    looksAt: ['versions, their source and tags', '`image-version`'],
    remedy: 'Give another `image-version`. A version is never overwritten.',
    check: onCopy(({ survey: { source, versions }, target }) => {
      const there = target && versions.find((version) => sameId(version.id, target.version));
      if (!there || owns(target.owner, there.tags)) return undefined;
      const failed = there.provisioningState === 'Failed';
      if (sameId(there.sourceId, source.id) && !failed) return undefined;
      return {
        message: `Image version ${there.name} exists already (${there.provisioningState}) and is no copy of ${source.id}; it was made by ${describeOwner(there.tags)}.`,
        ...(failed && { remedy: 'Delete the failed version, or give another `image-version`.' }),
      };
    }),
  },
  {
    id: 'version-soft-deleted',
    severity: 'error',
    when: "the number of the copy is in the gallery's recycle bin",
    azure: {
      accepts:
        'Not documented: a request for such a number can bring the deleted version back instead of making one.',
    },
    looksAt: ['gallery `softDeletePolicy`', 'deleted versions', '`image-version`'],
    remedy: 'Give another `image-version`.',
    check: onCopy(({ survey: { softDeleted, versions }, target }) => {
      const name = target && nameOf(target.version);
      return name && softDeleted.includes(name) && !versions.some((each) => each.name === name)
        ? {
            message: `Image version ${name} was deleted, but the gallery keeps it in its recycle bin (soft delete), and its number is not free until then.`,
          }
        : undefined;
    }),
  },
];

/** A check that does not arise where the version is changed in its own place. */
function onCopy(check: (facts: PromoteFacts) => Found | undefined): PromoteRule['check'] {
  return (facts) => (facts.request.destination ? check(facts) : undefined);
}

function differing(definition: Definition, source: Definition): string[] {
  const properties = {
    osType: 'OS type',
    osState: 'OS state',
    generation: 'Hyper-V generation',
    architecture: 'architecture',
    securityType: 'security type',
  } as const;
  return (Object.keys(properties) as (keyof typeof properties)[])
    .filter((name) => definition[name] !== source[name])
    .map((name) => `${properties[name]} ${definition[name]} instead of ${source[name]}`);
}

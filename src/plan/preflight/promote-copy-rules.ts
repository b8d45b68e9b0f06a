import type { Definition } from '../../domain/observed.ts';
import { nameOf } from '../../domain/resource-id.ts';
import { takesVersionOf } from '../../domain/security-type.ts';
import { canBegin } from '../resolve-promote.ts';
import { planText, samePlan } from './definition-rules.ts';
import { byVersion } from './feature-checks.ts';
import { definitionMissing, galleryMissing } from './gallery-rules.ts';
import { numberRules } from './number-rules.ts';
import { about, type Rule } from './rule.ts';

/** Rules on the copy of a version into another definition. */
export const promoteCopyRules: readonly Rule<'promote'>[] = [
  about('copy', {
    ...galleryMissing,
    id: 'copy-gallery-missing',
    when: 'the gallery to copy to does not exist, or the identity lacks permission to read it',
  }),
  about('copy', {
    ...definitionMissing,
    id: 'copy-definition-missing',
    when: 'the gallery to copy to has no such image definition',
    remedy:
      'Check `image-definition`, or create it like the source’s: its OS type and state, generation, architecture and security type must be the same.',
  }),
  about('definitions', {
    id: 'copy-definition-differs',
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
  about('definitions', {
    id: 'copy-security-type',
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
  about('definitions', {
    id: 'copy-plan',
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
  about('definitions', {
    id: 'copy-features',
    severity: 'warning',
    when: 'the definition to copy to promises what that of the source does not',
    azure: { accepts: 'Features tell who creates a VM of the image; a version is not looked at.' },
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
  about('copiedSource', {
    id: 'copy-home-region',
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
];

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

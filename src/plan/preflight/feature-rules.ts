import type { Definition } from '../../domain/observed.ts';
import { nameOf } from '../../domain/resource-id.ts';
import {
  isTrustedLaunch,
  onlySupports,
  securityTypeOf,
  takesVmOf,
} from '../../domain/security-type.ts';
import { sourceKind } from '../source.ts';
import { mismatch } from './definition-rules.ts';
import { byVersion } from './feature-checks.ts';
import { about, type Rule } from './rule.ts';

/** Where Azure's documentation says what a definition demands of a source by its features. */
const FEATURES = 'shared-image-galleries.md, "Features"';

/** How a definition comes to other features (azure-cli#33172, Update-AzGalleryImageDefinition). */
const ALLOW =
  'or change this one from a version on, by an update of its `features` with `startsAtVersion` and `allowUpdateImage`';

/**
 * Rules on how the VM fits the features that the image definition has for the version. A feature
 * holds for versions from its `startsAtVersion` on.
 */
export const featureRules: readonly Rule<'capture'>[] = [
  about('vmAndDefinition', {
    id: 'definition-security-type',
    severity: 'error',
    when: 'the definition takes no VM of this security type as a source',
    azure: { says: "The security type '…' is not supported for the source id '…'." },
    looksAt: ['definition feature `SecurityType`', 'VM `securityType`', '`capture-from`'],
    remedy: `Name a definition for such VMs, create one, ${ALLOW}.`,
    check: byVersion(({ vm, definition }, context) => {
      if (sourceKind(definition, vm, context.request.captureFrom)) return undefined;
      return {
        ...securityMismatch(definition, vm.name, vm.securityType),
        mismatch: {
          property: 'Security type',
          definition: definition.securityType,
          vm: vm.securityType,
        },
      };
    }),
  }),
  about('vmAndDefinition', {
    id: 'definition-disk-controller',
    severity: 'error',
    when: 'the VM attaches its disks by NVMe and the definition does not list NVMe',
    azure: {
      refuses: `NVMe VMs and disks can only be captured in definitions that support NVMe (${FEATURES}).`,
    },
    looksAt: ['definition feature `DiskControllerTypes`', 'VM `diskControllerType`'],
    remedy: `Name a definition with \`--features DiskControllerTypes=SCSI,NVMe\`, create one, ${ALLOW}.`,
    check: byVersion(({ vm, osDisk, definition }) => {
      const only = osDisk?.controllers?.length === 1 ? osDisk.controllers[0] : undefined;
      const controller = vm.diskController ?? only ?? 'SCSI';
      return has(definition.diskControllers, controller) || !has(['NVMe'], controller)
        ? undefined
        : mismatch(
            definition,
            vm,
            'Disk controller',
            definition.diskControllers.join(' or '),
            controller,
          );
    }),
  }),
  about('vmAndDefinition', {
    id: 'definition-accelerated-network',
    severity: 'error',
    when: 'the definition demands accelerated networking and the OS disk says that it supports none',
    azure: {
      refuses: `With the feature set to True, "capturing VMs that don't support accelerated networking is not supported" (${FEATURES}).`,
    },
    looksAt: [
      'definition feature `IsAcceleratedNetworkSupported`',
      'disk `supportedCapabilities.acceleratedNetwork`',
    ],
    remedy:
      'Build from an image that supports accelerated networking, or name a definition without `IsAcceleratedNetworkSupported`.',
    check: byVersion(
      ({ vm, osDisk, definition }) =>
        definition.acceleratedNetwork &&
        osDisk?.acceleratedNetwork === false &&
        `The image definition \`${nameOf(definition.id)}\` promises accelerated networking, but the OS disk of \`${vm.name}\` does not support it.`,
    ),
  }),
  about('vmAndDefinition', {
    id: 'definition-hibernation',
    severity: 'warning',
    when: 'the definition promises hibernation, but the VM was built without it',
    azure: {
      accepts: 'The feature tells who creates a VM of the image; the source is not looked at.',
    },
    looksAt: ['definition feature `IsHibernateSupported`', 'VM `hibernationEnabled`'],
    remedy:
      'Build the VM with hibernation enabled, so that the guest is prepared for it, or name a definition without the feature.',
    check: byVersion(
      ({ vm, definition }) =>
        definition.hibernation &&
        !vm.hibernation &&
        `The image definition \`${nameOf(definition.id)}\` promises hibernation, but \`${vm.name}\` was built without it, so its guest is possibly not prepared for it.`,
    ),
  }),
];

/** Says which definition such a VM needs, and how to make one. */
function securityMismatch(
  { id, securityType: takes }: Definition,
  vm: string,
  securityType: string,
) {
  const name = nameOf(id);
  const unknown = [takes, securityType].find((each) => !securityTypeOf(each));
  if (unknown)
    return {
      message: `The security type \`${unknown}\` of ${unknown === takes ? `the image definition \`${name}\`` : `\`${vm}\``} is not known to this action, so the action cannot tell how a version is made of it.`,
      remedy:
        'Use a newer version of this action, or a definition and a VM of a security type that it knows.',
    };
  return {
    message: takesVmOf(takes)
      ? `Security type: the image definition \`${name}\` has ${takes}, but \`${vm}\` has ${securityType}.`
      : `The image definition \`${name}\` has the security type \`${takes}\`, for which Azure accepts no \`${securityType}\` VM as the source of a version, and \`${vm}\` is one.`,
    remedy: `Name a definition for such VMs, create one with \`az sig image-definition create … --features SecurityType=${securityType}\`, ${ALLOW}.${onlySupports(takes) && isTrustedLaunch(securityType) ? ' `capture-from: disks` tries with snapshots of its disks, which Azure possibly refuses.' : ''}`,
  };
}

const has = (list: readonly string[], wanted: string): boolean =>
  list.some((entry) => entry.toLowerCase() === wanted.toLowerCase());

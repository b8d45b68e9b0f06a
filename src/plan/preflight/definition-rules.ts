import type { Definition } from '../../domain/gallery.ts';
import { nameOf } from '../../domain/resource-id.ts';
import {
  isTrustedLaunch,
  onlySupports,
  securityTypeOf,
  takesVmOf,
} from '../../domain/security-type.ts';
import type { PurchasePlan, Vm } from '../../domain/vm.ts';
import { sourceKind } from '../resolve-capture.ts';
import { byVersion } from './by-version.ts';
import { type Answer, about, type Rules } from './rule.ts';

/** Microsoft's page on what Azure demands of a source by the definition's features. */
const FEATURES = 'shared-image-galleries.md, "Features"';

const FIT =
  'Name a definition that fits the VM, or create one: this property of a definition can never be changed.';

/** How a definition comes to other features (azure-cli#33172, Update-AzGalleryImageDefinition). */
const ALLOW =
  'or change this one from a version on, by an update of its `features` with `startsAtVersion` and `allowUpdateImage`';

/**
 * Rules on how the VM fits into the image definition, and the features that this has for the version. A
 * feature holds for versions from its `startsAtVersion` on.
 */
export const definitionRules: Rules<'capture'> = {
  'definition-os-type': about('vmAndDefinition', {
    severity: 'error',
    when: 'the definition is for the other operating system',
    azure: {
      says: "The resource with id '…' has a different OS type ['…'] than the parent gallery image OS type generation ['…']",
    },
    looksAt: ['definition `osType`', 'VM `osType`'],
    remedy: FIT,
    check: ({ vm, definition }) =>
      mismatch(definition, vm, 'OS type', definition.osType, vm.osType),
  }),
  'definition-os-state': about('vmAndDefinition', {
    severity: 'error',
    when: 'the VM is generalized, but the definition holds specialized images',
    azure: {
      says: "The resource with id '…' has a different OS state ['…'] than the parent gallery image OS state ['…'].",
    },
    looksAt: ['definition `osState`', 'VM `OSState`'],
    remedy: 'Capture it into a definition with OS state Generalized.',
    check: ({ vm, definition }) =>
      definition.osState === 'Specialized' && vm.generalized
        ? {
            message: `The image definition \`${nameOf(definition.id)}\` is for specialized images, but \`${vm.name}\` is generalized.`,
            mismatch: { property: 'OS state', definition: 'Specialized', vm: 'Generalized' },
          }
        : undefined,
  }),
  'definition-generation': about('vmAndDefinition', {
    severity: 'error',
    when: 'the definition is for the other Hyper-V generation',
    azure: {
      says: "The resource with id '…' has a different Hypervisor generation ['…'] than the parent gallery image Hypervisor generation ['…'].",
    },
    looksAt: ['definition `hyperVGeneration`', 'disk `hyperVGeneration`, else that of the VM'],
    remedy: FIT,
    check: ({ vm, osDisk, definition }) =>
      mismatch(
        definition,
        vm,
        'Generation',
        definition.generation,
        osDisk?.generation ?? vm.generation,
      ),
  }),
  'definition-architecture': about('vmAndDefinition', {
    severity: 'error',
    when: 'the definition is for the other processor architecture',
    azure: { refuses: `A definition says which architecture its versions have (${FEATURES}).` },
    looksAt: ['definition `architecture`', 'disk `supportedCapabilities.architecture`'],
    remedy: FIT,
    check: ({ vm, osDisk, definition }) =>
      mismatch(definition, vm, 'Architecture', definition.architecture, osDisk?.architecture),
  }),
  'definition-plan': about('vmAndDefinition', {
    severity: 'error',
    when: 'the purchase plan of the VM is not that of the definition',
    azure: {
      says: 'The resource with id … has a different plan […] than the parent gallery image plan […]',
    },
    looksAt: ['definition `purchasePlan`', 'VM `plan`, else that of the OS disk'],
    remedy:
      'Name a definition with the same plan, or create one with `--plan-name`, `--plan-product` and `--plan-publisher`: the plan of a definition can never be changed.',
    check: ({ vm, osDisk, definition }) => {
      const plan = vm.plan ?? osDisk?.plan;
      return samePlan(plan, definition.plan)
        ? undefined
        : {
            message: `\`${vm.name}\` has ${planText(plan)}, but the image definition \`${nameOf(definition.id)}\` has ${planText(definition.plan)}.`,
            mismatch: {
              property: 'Purchase plan',
              definition: planName(definition.plan),
              vm: planName(plan),
            },
          };
    },
  }),
  'definition-security-type': about('vmAndDefinition', {
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
  'definition-disk-controller': about('vmAndDefinition', {
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
  'definition-accelerated-network': about('vmAndDefinition', {
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
  'definition-hibernation': about('vmAndDefinition', {
    severity: 'warning',
    when: 'the definition promises hibernation, but the VM was built without it',
    azure: {
      accepts:
        'The feature is information for those who create VMs of the image; Azure does not look at the source.',
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
};

/** What there is to say where a definition and a VM, as far as it is known, differ in a property. */
const mismatch = (
  { id }: Definition,
  { name }: Vm,
  property: string,
  definition: string,
  vm: string | undefined,
): Answer =>
  vm !== undefined &&
  vm !== definition && {
    message: `${property}: the image definition \`${nameOf(id)}\` has ${definition}, but \`${name}\` has ${vm}.`,
    mismatch: { property, definition, vm },
  };

/** Whether both are the same plan, or none. */
export const samePlan = (a: PurchasePlan | undefined, b: PurchasePlan | undefined): boolean =>
  planText(a).toLowerCase() === planText(b).toLowerCase();

/** A purchase plan as a clause without a verb. */
export const planText = (plan: PurchasePlan | undefined): string =>
  plan ? `the purchase plan ${planName(plan)}` : 'no purchase plan';

const planName = (plan: PurchasePlan | undefined): string =>
  plan ? `${plan.publisher}/${plan.product}/${plan.name}` : 'none';

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

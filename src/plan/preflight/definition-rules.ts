import type { Definition, PurchasePlan } from '../../domain/observed.ts';
import { nameOf } from '../../domain/resource-id.ts';
import {
  isTrustedLaunch,
  onlySupports,
  securityTypeOf,
  takesVmOf,
} from '../../domain/security-type.ts';
import { sourceKind } from '../source.ts';
import { onPair } from './capture-context.ts';
import type { Rule } from './rule.ts';

/** Where azure.md found what Azure demands of a source by the definition's features. */
const FEATURES = 'shared-image-galleries.md, "Features"';

const FIT =
  'Name a definition that fits the VM, or create one: this property of a definition can never be changed.';

/** Rules on how the VM fits into the image definition (azure.md §2). */
export const definitionRules: readonly Rule<'capture'>[] = [
  {
    id: 'definition-os-type',
    severity: 'error',
    needs: ['vm'],
    when: 'the definition is for the other operating system',
    azure: {
      says: "The resource with id '…' has a different OS type ['…'] than the parent gallery image OS type generation ['…']",
    },
    looksAt: ['definition `osType`', 'VM `osType`'],
    remedy: FIT,
    check: onPair(({ vm, definition }) =>
      vm.osType === definition.osType
        ? undefined
        : mismatch(definition, 'is for', definition.osType, `${vm.name} runs ${vm.osType}`),
    ),
  },
  {
    id: 'definition-os-state',
    severity: 'error',
    needs: ['vm'],
    when: 'the VM is generalized, but the definition holds specialized images',
    azure: {
      says: "The resource with id '…' has a different OS state ['…'] than the parent gallery image OS state ['…'].",
    },
    looksAt: ['definition `osState`', 'VM `OSState`'],
    remedy: 'Capture it into a definition with OS state Generalized.',
    check: onPair(({ vm, definition }) =>
      definition.osState === 'Specialized' && vm.generalized
        ? {
            message: `The image definition ${nameOf(definition.id)} holds specialized images, but ${vm.name} is generalized.`,
          }
        : undefined,
    ),
  },
  {
    id: 'definition-generation',
    severity: 'error',
    needs: ['vm'],
    when: 'the definition is for the other Hyper-V generation',
    azure: {
      says: "The resource with id '…' has a different Hypervisor generation ['…'] than the parent gallery image Hypervisor generation ['…'].",
    },
    looksAt: ['definition `hyperVGeneration`', 'disk `hyperVGeneration`, else that of the VM'],
    remedy: FIT,
    check: onPair(({ vm, osDisk, definition }) => {
      const generation = osDisk?.generation ?? vm.generation;
      return generation === undefined || generation === definition.generation
        ? undefined
        : mismatch(
            definition,
            'is for Hyper-V generation',
            definition.generation,
            `${vm.name} is ${generation}`,
          );
    }),
  },
  {
    id: 'definition-architecture',
    severity: 'error',
    needs: ['vm'],
    when: 'the definition is for the other processor architecture',
    azure: { refuses: `A definition says which architecture its versions have (${FEATURES}).` },
    looksAt: ['definition `architecture`', 'disk `supportedCapabilities.architecture`'],
    remedy: FIT,
    check: onPair(({ vm, osDisk, definition }) =>
      osDisk === undefined || osDisk.architecture === definition.architecture
        ? undefined
        : mismatch(
            definition,
            'is for',
            definition.architecture,
            `${vm.name} is ${osDisk.architecture}`,
          ),
    ),
  },
  {
    id: 'definition-security-type',
    severity: 'error',
    needs: ['vm'],
    when: 'the definition takes no VM of this security type as a source',
    azure: { says: "The security type '…' is not supported for the source id '…'." },
    looksAt: ['definition feature `SecurityType`', 'VM `securityType`', '`capture-from`'],
    remedy:
      'Name a definition for such VMs, or create one: the security type of a definition can never be changed.',
    check: onPair(({ vm, definition, context }) => {
      if (sourceKind(definition, vm, context.request.captureFrom)) return undefined;
      return securityMismatch(definition, vm.name, vm.securityType);
    }),
  },
  {
    id: 'definition-disk-controller',
    severity: 'error',
    needs: ['vm'],
    when: 'the VM attaches its disks by NVMe and the definition does not list NVMe',
    azure: {
      refuses: `NVMe VMs and disks can only be captured in definitions that support NVMe (${FEATURES}).`,
    },
    looksAt: ['definition feature `DiskControllerTypes`', 'VM `diskControllerType`'],
    remedy:
      'Name a definition with `--features DiskControllerTypes=SCSI,NVMe`, or create one. A definition takes changed features only with `allowUpdateImage`.',
    check: onPair(({ vm, osDisk, definition }) => {
      const only = osDisk?.controllers?.length === 1 ? osDisk.controllers[0] : undefined;
      const controller = vm.diskController ?? only ?? 'SCSI';
      return has(definition.diskControllers, controller) || !has(['NVMe'], controller)
        ? undefined
        : mismatch(
            definition,
            'takes disks attached by',
            definition.diskControllers.join(' or '),
            `those of ${vm.name} are attached by ${controller}`,
          );
    }),
  },
  {
    id: 'definition-accelerated-network',
    severity: 'error',
    needs: ['vm'],
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
    check: onPair(({ vm, osDisk, definition }) =>
      definition.acceleratedNetwork && osDisk?.acceleratedNetwork === false
        ? {
            message: `The image definition ${nameOf(definition.id)} promises accelerated networking, but the OS disk of ${vm.name} does not support it.`,
          }
        : undefined,
    ),
  },
  {
    id: 'definition-plan',
    severity: 'error',
    needs: ['vm'],
    when: 'the purchase plan of the VM is not that of the definition',
    azure: {
      says: 'The resource with id … has a different plan […] than the parent gallery image plan […]',
    },
    looksAt: ['definition `purchasePlan`', 'VM `plan`, else that of the OS disk'],
    remedy:
      'Name a definition with the same plan, or create one with `--plan-name`, `--plan-product` and `--plan-publisher`: the plan of a definition can never be changed.',
    check: onPair(({ vm, osDisk, definition }) => {
      const plan = vm.plan ?? osDisk?.plan;
      return samePlan(plan, definition.plan)
        ? undefined
        : {
            message: `${vm.name} has ${planText(plan)}, but the image definition ${nameOf(definition.id)} has ${planText(definition.plan)}.`,
          };
    }),
  },
  {
    id: 'definition-hibernation',
    severity: 'warning',
    needs: ['vm'],
    when: 'the definition promises hibernation, but the VM was built without it',
    azure: {
      accepts: 'The feature tells who creates a VM of the image; the source is not looked at.',
    },
    looksAt: ['definition feature `IsHibernateSupported`', 'VM `hibernationEnabled`'],
    remedy:
      'Build the VM with hibernation enabled, so that the guest is prepared for it, or name a definition without the feature.',
    check: onPair(({ vm, definition }) =>
      definition.hibernation && !vm.hibernation
        ? {
            message: `The image definition ${nameOf(definition.id)} promises hibernation, but ${vm.name} was built without it, so its guest may not be prepared.`,
          }
        : undefined,
    ),
  },
];

function mismatch(definition: Definition, is: string, wanted: string, fact: string) {
  return {
    message: `The image definition ${nameOf(definition.id)} ${is} ${wanted}, but ${fact}.`,
  };
}

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
      message: `The security type ${unknown} of ${unknown === takes ? `the image definition ${name}` : vm} is not known to this action, which so cannot tell how a version is made of ${vm}.`,
      remedy:
        'Use a newer version of this action, or a definition and a VM of a security type that it knows.',
    };
  return {
    message: takesVmOf(takes)
      ? `The image definition ${name} takes VMs of security type ${takes}, but ${vm} is ${securityType}.`
      : `The image definition ${name} has the security type ${takes}, for which Azure accepts no ${securityType} VM as the source of a version, and ${vm} is one.`,
    remedy: `Name a definition for such VMs, or create one with \`az sig image-definition create … --features SecurityType=${securityType}\`: the security type of a definition can never be changed.${onlySupports(takes) && isTrustedLaunch(securityType) ? ' `capture-from: disks` tries with snapshots of its disks, which Azure may refuse.' : ''}`,
  };
}

const has = (list: readonly string[], wanted: string): boolean =>
  list.some((entry) => entry.toLowerCase() === wanted.toLowerCase());

/** Whether both are the same plan, or none. */
export const samePlan = (a: PurchasePlan | undefined, b: PurchasePlan | undefined): boolean =>
  planText(a).toLowerCase() === planText(b).toLowerCase();

/** A purchase plan as a clause without a verb. */
export const planText = (plan: PurchasePlan | undefined): string =>
  plan ? `the purchase plan ${plan.publisher}/${plan.product}/${plan.name}` : 'no purchase plan';

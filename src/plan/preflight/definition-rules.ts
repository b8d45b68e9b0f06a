import type { Definition, PurchasePlan, Vm } from '../../domain/observed.ts';
import { nameOf } from '../../domain/resource-id.ts';
import { type Answer, about, type Rule } from './rule.ts';

/** Microsoft's page on what Azure demands of a source by the definition's features. */
const FEATURES = 'shared-image-galleries.md, "Features"';

const FIT =
  'Name a definition that fits the VM, or create one: this property of a definition can never be changed.';

/** Rules on how the VM fits into the image definition. */
export const definitionRules: readonly Rule<'capture'>[] = [
  about('vmAndDefinition', {
    id: 'definition-os-type',
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
  about('vmAndDefinition', {
    id: 'definition-os-state',
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
  about('vmAndDefinition', {
    id: 'definition-generation',
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
  about('vmAndDefinition', {
    id: 'definition-architecture',
    severity: 'error',
    when: 'the definition is for the other processor architecture',
    azure: { refuses: `A definition says which architecture its versions have (${FEATURES}).` },
    looksAt: ['definition `architecture`', 'disk `supportedCapabilities.architecture`'],
    remedy: FIT,
    check: ({ vm, osDisk, definition }) =>
      mismatch(definition, vm, 'Architecture', definition.architecture, osDisk?.architecture),
  }),
  about('vmAndDefinition', {
    id: 'definition-plan',
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
];

/** What there is to say where a definition and a VM, as far as it is known, differ in a property. */
export const mismatch = (
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

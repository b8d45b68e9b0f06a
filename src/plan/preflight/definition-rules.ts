import type { Definition, Disk, Vm } from '../../domain/observed.ts';
import { nameOf, parentId } from '../../domain/resource-id.ts';
import { sourceKind } from '../source.ts';
import type { CaptureFacts, Rule } from './rule.ts';

/** Rules on the gallery, the image definition, and the VM's fit into it (azure.md §2). */
export const definitionRules: readonly Rule[] = [
  {
    id: 'gallery-missing',
    severity: 'error',
    check: ({ request, survey }) =>
      survey.gallery
        ? undefined
        : {
            message: `The gallery ${parentId(request.definition)} does not exist, or this identity may not read it.`,
            remedy:
              'Check `gallery`, `gallery-resource-group` and `gallery-subscription-id`, and that the identity has Microsoft.Compute/galleries/read there.',
          },
  },
  {
    id: 'definition-missing',
    severity: 'error',
    check: ({ request, survey }) =>
      survey.definition || !survey.gallery
        ? undefined
        : {
            message: `The gallery ${nameOf(survey.gallery.id)} has no image definition ${nameOf(request.definition)}.`,
            remedy:
              'Check `image-definition`, or create it with `az sig image-definition create`. It is not created here, because its generation, architecture and security type can never be changed.',
          },
  },
  {
    id: 'definition-os-type',
    severity: 'error',
    check: onPair(({ vm, definition }) =>
      vm.osType === definition.osType
        ? undefined
        : mismatch(definition, 'is for', definition.osType, `${vm.name} runs ${vm.osType}`),
    ),
  },
  {
    id: 'definition-os-state',
    severity: 'error',
    check: onPair(({ vm, definition }) =>
      definition.osState === 'Specialized' && vm.generalized
        ? {
            message: `The image definition ${nameOf(definition.id)} holds specialized images, but ${vm.name} is generalized.`,
            remedy: 'Capture it into a definition with OS state Generalized.',
          }
        : undefined,
    ),
  },
  {
    id: 'definition-deprovision',
    severity: 'error',
    check: ({ request, survey, mine }) => {
      const { deprovision, deprovisionScript } = request;
      if (survey.definition?.osState !== 'Specialized' || mine) return undefined;
      if (deprovision !== 'always' && !deprovisionScript) return undefined;
      return {
        message: `The image definition ${nameOf(request.definition)} holds specialized images, whose guest is never deprovisioned, yet \`${deprovisionScript ? 'deprovision-script' : 'deprovision: always'}\` asks for it.`,
        remedy: 'Remove that input, or name a definition with OS state Generalized.',
      };
    },
  },
  {
    id: 'definition-generation',
    severity: 'error',
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
    check: onPair(securityMismatch),
  },
];

interface Pair {
  readonly vm: Vm;
  readonly osDisk: Disk | undefined;
  readonly definition: Definition;
}

/** A check of the VM against the definition, moot once this run has its version. */
function onPair(
  check: (pair: Pair, facts: CaptureFacts) => ReturnType<Rule['check']>,
): Rule['check'] {
  return (facts: CaptureFacts) => {
    const { vm, definition, disks } = facts.survey;
    if (!vm || !definition || facts.mine) return undefined;
    const osDisk = disks.find((disk) => disk.id.toLowerCase() === vm.osDisk.id?.toLowerCase());
    return check({ vm, osDisk, definition }, facts);
  };
}

function mismatch(definition: Definition, is: string, wanted: string, fact: string) {
  return {
    message: `The image definition ${nameOf(definition.id)} ${is} ${wanted}, but ${fact}.`,
    remedy:
      'Name a definition that fits the VM, or create one: this property of a definition can never be changed.',
  };
}

/** Says which definition such a VM needs, and how to make one. */
function securityMismatch({ vm, definition }: Pair, { request }: CaptureFacts) {
  if (sourceKind(definition, vm, request.captureFrom)) return undefined;
  const name = nameOf(definition.id);
  const feature = `SecurityType=${vm.securityType}`;
  const only = ['Standard', 'TrustedLaunch', 'ConfidentialVM'].includes(definition.securityType);
  return {
    message: only
      ? `The image definition ${name} takes VMs of security type ${definition.securityType}, but ${vm.name} is ${vm.securityType}.`
      : `The image definition ${name} has the security type ${definition.securityType}, for which Azure accepts no ${vm.securityType} VM as the source of a version, and ${vm.name} is one.`,
    remedy: `Name a definition for such VMs, or create one with \`az sig image-definition create … --features ${feature}\`: the security type of a definition can never be changed.${only || vm.securityType !== 'TrustedLaunch' ? '' : ' `capture-from: disks` tries with snapshots of its disks, which Azure may refuse.'}`,
  };
}

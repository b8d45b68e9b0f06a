import { deprovisionMark } from '../../domain/deprovision-mark.ts';
import { nameOf, resourceIdOf } from '../../domain/resource-id.ts';
import { MOST_TAGS } from '../../domain/tags.ts';
import { isOn, powerText, type Vm } from '../../domain/vm.ts';
import { names } from '../../domain/words.ts';
import { EXPECTED } from '../durations.ts';
import type { RuleContext } from './context.ts';
import { about, type Rules } from './rule.ts';

/**
 * Seconds that a Windows guest needs at least: the guest ends Sysprep a minute before its time is over,
 * and a minute is for all that it does before Sysprep.
 */
const SYSPREP_SECONDS = EXPECTED.sysprep + 2 * 60;

/** Rules on what is asked of the guest: whether it can be deprovisioned, or has been. */
export const deprovisionRules: Rules<'capture'> = {
  'vm-stopped': about('unchangedVm', {
    severity: 'error',
    when: 'the VM is stopped, not generalized, and nothing proves that it was deprovisioned',
    azure: {
      accepts: 'Azure generalizes every VM that does not run, and trusts that it is ready.',
    },
    looksAt: ['VM power state', 'VM `OSState`', 'VM tags', '`deprovision`'],
    remedy:
      'Start the VM and let this action deprovision it (`deprovision: always` does both), or set `deprovision: never` to guarantee that it was deprovisioned before it was stopped.',
    check: (vm, context) =>
      !isOn(vm) &&
      !vm.generalized &&
      needsProof(context) &&
      context.request.deprovision === 'auto' &&
      `\`${vm.name}\` is ${powerText(vm)}, but nothing proves that it was deprovisioned: an image of it could carry its users, keys and machine ID.`,
  }),
  'vm-generalized-always': about('unchangedVm', {
    severity: 'error',
    when: '`deprovision: always` is set for a generalized VM',
    azure: { says: "Operation 'start' is not allowed on VM '…' since the VM is generalized." },
    looksAt: ['VM `OSState`', '`deprovision`'],
    remedy: 'Use `deprovision: auto`, which captures a generalized VM as it is.',
    check: (vm, context) =>
      vm.generalized &&
      context.request.deprovision === 'always' &&
      `\`${vm.name}\` is marked generalized and can never start again, so it cannot be deprovisioned as \`deprovision: always\` asks.`,
  }),
  'vm-generalized-snapshot': about('unchangedVm', {
    severity: 'notice',
    when: '`snapshot` is set for a generalized VM',
    azure: { accepts: 'Azure would snapshot it, but not the state before the change.' },
    looksAt: ['VM `OSState`', '`snapshot`'],
    remedy: 'Nothing to do, unless you need a way back.',
    check: (vm, context) =>
      vm.generalized &&
      context.request.snapshot &&
      `\`${vm.name}\` is already generalized, so there is no state before the change left to snapshot; none is taken.`,
  }),
  'vm-script-unused': about('unchangedVm', {
    severity: 'error',
    when: '`deprovision-script` is set for a generalized VM',
    azure: { says: "Operation 'runCommand' is not allowed on VM '…' since the VM is generalized." },
    looksAt: ['VM `OSState`', '`deprovision-script`'],
    remedy: 'Build a new VM, or remove `deprovision-script` if its work is done.',
    check: (vm, context) =>
      vm.generalized &&
      context.request.deprovisionScript &&
      `\`${vm.name}\` is already generalized, so \`deprovision-script\` can never run in it, and the image would hold what it should remove.`,
  }),
  'definition-deprovision': about('newVersion', {
    severity: 'error',
    when: '`deprovision: always` or `deprovision-script` is set for a definition of specialized images',
    azure: { accepts: 'Azure knows nothing of it; such an image keeps its identity by intent.' },
    looksAt: ['definition `osState`', '`deprovision`', '`deprovision-script`'],
    remedy: 'Remove that input, or name a definition with OS state Generalized.',
    check: (_, { request: { definition, deprovision, deprovisionScript }, inventory }) =>
      inventory.definition?.osState === 'Specialized' &&
      (deprovision === 'always' || deprovisionScript) &&
      `The image definition \`${nameOf(definition)}\` holds specialized images, whose guest is never deprovisioned, yet \`${deprovisionScript ? 'deprovision-script' : 'deprovision: always'}\` asks for it.`,
  }),
  'vm-agent': about('unchangedVm', {
    severity: 'error',
    when: 'the VM runs, is to be deprovisioned (`deprovision: auto`), and its guest agent is not ready',
    azure: { says: "VM '…' has not reported status for VM agent or extensions." },
    looksAt: ['VM instance view `vmAgent`', 'VM power state', 'VM tags', '`deprovision`'],
    remedy:
      'Wait until the agent is ready (a VM needs a minute or two after its start), or repair it: https://aka.ms/vmextensionlinuxtroubleshoot, for Windows https://aka.ms/vmagent',
    check: (vm, context) =>
      vm.power === 'running' &&
      vm.agentReady === false &&
      needsProof(context) &&
      context.request.deprovision === 'auto' &&
      `The guest agent of \`${vm.name}\` does not report as ready, so the deprovision cannot be started in the guest.`,
  }),
  'vm-extensions': about('vm', {
    severity: 'error',
    when: 'the VM is to be deprovisioned, but was made without an agent or without extension operations',
    azure: {
      says: 'This operation cannot be performed when extension operations are disallowed. To allow, please ensure VM Agent is installed on the VM and the osProfile.allowExtensionOperations property is true.',
    },
    looksAt: ['VM `allowExtensionOperations`', 'VM `provisionVMAgent`', '`deprovision`'],
    remedy:
      'Allow them (`az vm update --set osProfile.allowExtensionOperations=true`), or deprovision the VM in the build, stop it, and set `deprovision: never`.',
    check: (vm, context) =>
      !vm.extensionsAllowed &&
      scriptsRun(context, vm) &&
      `\`${vm.name}\` allows no extension operations, so Run Command cannot start the deprovision in the guest.`,
  }),
  'vm-sysprep-time': about('unchangedVm', {
    severity: 'error',
    when: `Windows is to be deprovisioned within less than ${SYSPREP_SECONDS / 60} minutes`,
    azure: {
      accepts:
        'Azure knows nothing of it. A Sysprep that is ended halfway leaves a Windows that is neither generalized nor usable.',
    },
    looksAt: ['VM `osType`', '`deprovision-timeout-minutes`', '`deprovision`'],
    remedy: `Set \`deprovision-timeout-minutes\` to ${SYSPREP_SECONDS / 60} at least, or remove it: the default is 30.`,
    check: (vm, context) =>
      vm.osType === 'Windows' &&
      context.request.deprovisionTimeoutSeconds < SYSPREP_SECONDS &&
      scriptsRun(context, vm) &&
      `Sysprep usually takes ${EXPECTED.sysprep / 60} minutes, and the guest of \`${vm.name}\` ends it a minute before \`deprovision-timeout-minutes\` is over (${context.request.deprovisionTimeoutSeconds / 60}).`,
  }),
  'vm-tags-full': about('vm', {
    severity: 'error',
    when: 'the VM is to be deprovisioned and has as many tags as Azure allows',
    azure: {
      refuses: `The limit is ${MOST_TAGS} tags a resource ("Use tags to organize your Azure resources").`,
    },
    looksAt: ['VM tags', '`deprovision`'],
    remedy: 'Remove a tag from the VM.',
    check: (vm, context) =>
      Object.keys(vm.tags).length >= MOST_TAGS &&
      scriptsRun(context, vm) &&
      !deprovisionMark(vm.tags) &&
      `\`${vm.name}\` has ${MOST_TAGS} tags, the most Azure allows, and the deprovision needs one to keep its state in.`,
  }),
  'vm-extensions-installed': about('unchangedVm', {
    severity: 'warning',
    when: 'extensions are installed on the VM, and the image is to be generalized',
    azure: {
      accepts:
        'Azure captures them with the disk. Microsoft advises to remove all extensions before the capture (Azure/azure-powershell#16936).',
    },
    looksAt: ['VM `resources`', 'VM `osType`', 'definition `osState`'],
    remedy:
      'Remove them at the end of the build, while the VM runs, with `az vm extension delete`. Install them on the VMs that are made from the image.',
    check: (vm, context) =>
      vm.extensions.length > 0 && needsProof(context)
        ? { message: extensionMessage(vm), remedy: extensionRemedy(vm) }
        : undefined,
  }),
};

function extensionMessage(vm: Vm): string {
  const broken = vm.osType === 'Windows' ? vm.extensions.flatMap(breakageOf) : [];
  return [
    `Extensions are installed on \`${vm.name}\`: ${names(vm.extensions)}.`,
    'The image would keep their programs and identities, and VMs made from it can fail to install them or report old results.',
    ...broken,
  ].join(' ');
}

/** What is known to break in every VM of the image (danielsollondon/azvmimagebuilder#32, Azure/azure-powershell#1316). */
function breakageOf({ name, type }: Vm['extensions'][number]): string[] {
  if (/^AADLogin/i.test(type))
    return [
      `\`${name}\` will break: VMs made from the image carry the registration of this VM, so sign-in with Microsoft Entra ID fails.`,
    ];
  if (/ADDomainExtension$/i.test(type))
    return [
      `\`${name}\` will break: Sysprep takes Windows out of the domain, and the extension does not join VMs made from the image again.`,
    ];
  return [];
}

function extensionRemedy(vm: Vm): string {
  const { resourceGroup } = resourceIdOf(vm.id);
  const commands = vm.extensions.map(
    ({ name }) =>
      `\`az vm extension delete --resource-group ${resourceGroup} --vm-name ${vm.name} --name ${name}\``,
  );
  const when = vm.generalized
    ? 'Build the VM again, and remove them before it is generalized'
    : 'Remove them at the end of the build, while the VM runs';
  return `${when}: ${commands.join(', ')}. Install them on the VMs that are made from the image.`;
}

/** A generalized image needs a deprovisioned guest; a specialized one keeps its identity. */
const needsProof = ({ inventory }: RuleContext<'capture'>): boolean =>
  inventory.definition?.osState === 'Generalized';

/** Whether something is to be run in the guest of a VM that is not generalized yet. */
const scriptsRun = (context: RuleContext<'capture'>, vm: Vm): boolean =>
  !vm.generalized && needsProof(context) && context.request.deprovision !== 'never';

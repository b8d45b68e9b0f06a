import type { Vm, VmExtension } from '../../domain/observed.ts';
import { resourceIdOf } from '../../domain/resource-id.ts';
import { changedByUs, needsProof, onVm } from './capture-context.ts';
import { names } from './context.ts';
import type { Rule } from './rule.ts';

/** Rules on the extensions of the build VM. */
export const extensionRules: readonly Rule<'capture'>[] = [
  onVm({
    id: 'vm-extensions-installed',
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
      vm.extensions.length > 0 && needsProof(context) && !changedByUs(context, vm)
        ? { message: messageOf(vm), remedy: remedyOf(vm) }
        : undefined,
  }),
];

function messageOf(vm: Vm): string {
  const broken = vm.osType === 'Windows' ? vm.extensions.flatMap(breakageOf) : [];
  return [
    `Extensions are installed on \`${vm.name}\`: ${names(vm.extensions)}.`,
    'The image would keep their programs and identities, and VMs made from it can fail to install them or report old results.',
    ...broken,
  ].join(' ');
}

/** What is known to break in every VM of the image (danielsollondon/azvmimagebuilder#32, Azure/azure-powershell#1316). */
function breakageOf({ name, type }: VmExtension): string[] {
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

function remedyOf(vm: Vm): string {
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

import { asked } from '../../domain/closest.ts';
import { deprovisionMark } from '../../domain/deprovision-mark.ts';
import { nameOf } from '../../domain/resource-id.ts';
import type { Vm } from '../../domain/vm.ts';
import { quoted } from '../../domain/words.ts';
import type { RuleContext } from './context.ts';
import { about, type Rules } from './rule.ts';

/** Rules on the build VM alone: is it there, and is anything at work on it. */
export const vmRules: Rules<'capture'> = {
  'vm-missing': about('newVersion', {
    severity: 'error',
    dryRunSeverity: 'notice',
    when: 'the build VM does not exist, or the identity lacks permission to read it',
    azure: {
      says: "The Resource 'Microsoft.Compute/virtualMachines/…' under resource group '…' was not found.",
    },
    looksAt: ['VM'],
    remedy:
      'Check `vm`, `resource-group` and `subscription-id`, that the VM was not deleted, and that the identity has `Microsoft.Compute/virtualMachines/read` on it. On a dry run it may be built later.',
    check: (_, { inventory, request, dryRun }) => {
      const message = `The build VM \`${request.vm}\` does not exist, or this identity lacks permission to read it.${asked(inventory.nearest?.vm)}`;
      if (inventory.vm) return undefined;
      return dryRun
        ? {
            message: `${message} The plan assumes a running VM with one disk that fits the definition. What only the VM can show was not checked.`,
            remedy:
              'Nothing to do if it is built before the capture. Otherwise check `vm`, `resource-group` and `subscription-id`.',
          }
        : { message };
    },
  }),
  'vm-disks-left': {
    severity: 'warning',
    when: 'the VM is gone at `after-capture: delete`, and disks of it are left that snapshots of this run are of',
    azure: { accepts: 'Azure does not show what was attached to a VM that is gone.' },
    looksAt: ['VM', 'snapshots of this run', 'the disks that they are of'],
    remedy:
      'If nobody needs the disks, delete them. If an earlier attempt deleted the VM, its log also names the network interfaces and public IP addresses that are possibly left.',
    check: ({ request, inventory: { leftDisks = [] } }) =>
      leftDisks.length > 0 && {
        message: `\`${nameOf(request.vm)}\` is gone, but disks of it are left: ${quoted(leftDisks.map(nameOf))}.`,
        remedy: `If nobody needs the disks: \`az resource delete --ids ${leftDisks.join(' ')}\`. If an earlier attempt deleted the VM, its log also names the network interfaces and public IP addresses that are possibly left.`,
      },
  },
  'vm-provisioning': about('vm', {
    severity: 'error',
    when: 'the last operation on the VM failed, and an earlier attempt of this run did not start it',
    azure: { accepts: 'Azure makes an image of whatever is on the disks.' },
    looksAt: ['VM `provisioningState`, tags'],
    remedy: 'Look at the VM in the portal, repair it with `az vm reapply`, then run again.',
    // What an earlier attempt began, such as a deallocation that was canceled, is repeated.
    check: (vm, context) =>
      vm.provisioningState === 'Failed' &&
      !spokenToByUs(context, vm) &&
      `The last operation on \`${vm.name}\` failed (provisioning state Failed), so its disks are possibly not as they were built.`,
  }),
  'vm-deleting': about('vm', {
    severity: 'error',
    when: 'the VM is being deleted',
    azure: {
      says: "Operation '…' is not allowed on VM '…' since the VM is marked for deletion. You can only retry the Delete operation (or wait for an ongoing one to complete).",
    },
    looksAt: ['VM `provisioningState`'],
    remedy: 'Find out in the activity log who deletes it, and build another VM.',
    check: (vm) => vm.provisioningState === 'Deleting' && `\`${vm.name}\` is being deleted.`,
  }),
  'vm-busy': about('vm', {
    severity: 'warning',
    when: 'another operation is running on the VM',
    azure: { says: 'The request failed due to conflict with a concurrent request.' },
    looksAt: ['VM `provisioningState`', 'VM power state', 'VM tags'],
    remedy:
      'Let the job that built the VM wait for it (`az vm wait --updated`). This run retries for 15 minutes.',
    check: (vm, context) => {
      const { provisioningState: state, power } = vm;
      const passing = power === 'starting' || power === 'stopping' || power === 'deallocating';
      const busy = state === 'Updating' || state === 'Creating' || state === 'Migrating';
      return (
        busy &&
        !passing &&
        !spokenToByUs(context, vm) &&
        `Another operation is running on \`${vm.name}\` (provisioning state ${state}); until it ends, Azure accepts no other.`
      );
    },
  }),
  'vm-run-command': about('vm', {
    severity: 'warning',
    when: 'a Run Command or an extension is at work in the guest',
    azure: {
      says: 'Run command extension execution is in progress. Please wait for completion before invoking a run command.',
    },
    looksAt: ['VM instance view `extensions`', 'VM tags'],
    remedy:
      'Wait until it is done. A Run Command that restarted or removed the guest agent hangs for 90 minutes; then restart the VM, or build it again.',
    check: (vm, context) =>
      vm.busyExtensions.length > 0 &&
      !spokenToByUs(context, vm) &&
      `${quoted(vm.busyExtensions)} is still running in \`${vm.name}\`: its work is possibly incomplete in the image, and Azure runs one command at a time.`,
  }),
};

/** Whether an earlier attempt of this run has spoken to the guest: what is busy there may be its own. */
const spokenToByUs = ({ target }: RuleContext<'capture'>, vm: Vm): boolean =>
  target !== undefined && deprovisionMark(vm.tags)?.owner === target.owner;

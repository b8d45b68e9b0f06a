import { disksOf, type Vm } from '../../domain/observed.ts';
import { deprovisionMark } from '../../domain/owner.ts';
import { MOST_TAGS } from '../../domain/tags.ts';
import type { CaptureFacts, Rule } from './rule.ts';

/** Rules on the build VM alone: is it there, and can it be made into an image. */
export const vmRules: readonly Rule[] = [
  {
    id: 'vm-missing',
    severity: 'error',
    check: ({ survey, request, mine, dryRun }) => {
      if (survey.vm || mine) return undefined;
      const message = `The build VM ${request.vm} does not exist, or this identity may not read it.`;
      return dryRun
        ? {
            severity: 'notice',
            message: `${message} The plan takes it to be a running VM with one disk that fits the definition; what only the VM can show was not checked.`,
            remedy:
              'Nothing to do if it is built before the capture. Otherwise check `vm`, `resource-group` and `subscription-id`.',
          }
        : {
            message,
            remedy:
              'Check `vm`, `resource-group` and `subscription-id`, that the VM was not deleted, and that the identity has Microsoft.Compute/virtualMachines/read on it.',
          };
    },
  },
  {
    id: 'vm-provisioning',
    severity: 'error',
    check: onVm(({ vm }) =>
      vm.provisioningState === 'Failed'
        ? {
            message: `The last operation on ${vm.name} failed (provisioning state Failed), so its disks may not be what was built.`,
            remedy: 'Look at the VM in the portal, mend it with `az vm reapply`, then run again.',
          }
        : undefined,
    ),
  },
  {
    id: 'vm-unmanaged-disk',
    severity: 'error',
    check: onVm(({ vm }) => {
      const disk = disksOf(vm).find((entry) => !entry.id && !entry.ephemeral);
      return (
        disk && {
          message: `Disk ${disk.name} of ${vm.name} is unmanaged; Azure makes gallery images of managed disks only.`,
          remedy: 'Convert the VM with `az vm convert`, or build it on managed disks.',
        }
      );
    }),
  },
  {
    id: 'vm-ephemeral-disk',
    severity: 'error',
    check: onVm(({ vm }) =>
      vm.osDisk.ephemeral
        ? {
            message: `${vm.name} has an ephemeral OS disk, which is lost on deallocation and cannot become an image.`,
            remedy: 'Build the VM with a managed OS disk (without `diffDiskSettings`).',
          }
        : undefined,
    ),
  },
  {
    id: 'vm-stopped',
    severity: 'error',
    check: onVm(({ vm, facts }) => {
      const on = vm.power === 'running' || vm.power === 'starting';
      if (on || vm.generalized || !needsProof(facts) || facts.request.deprovision !== 'auto')
        return undefined;
      if (changedByUs(facts, vm)) return undefined;
      const power = vm.power === 'unknown' ? 'not known to be running' : vm.power;
      return {
        message: `${vm.name} is ${power}, but nothing proves that it was deprovisioned: an image of it could carry its users, keys and machine ID.`,
        remedy:
          'Start the VM and let this action deprovision it (`deprovision: always` does both), or set `deprovision: never` to vouch that it was deprovisioned before it was stopped.',
      };
    }),
  },
  {
    id: 'vm-generalized-always',
    severity: 'error',
    check: onVm(({ vm, facts }) =>
      vm.generalized && facts.request.deprovision === 'always' && !changedByUs(facts, vm)
        ? {
            message: `${vm.name} is marked generalized and can never be started again, so it cannot be deprovisioned as \`deprovision: always\` asks.`,
            remedy: 'Use `deprovision: auto`, which captures a generalized VM as it is.',
          }
        : undefined,
    ),
  },
  {
    id: 'vm-generalized-snapshot',
    severity: 'notice',
    check: onVm(({ vm, facts }) =>
      vm.generalized && facts.request.snapshot && !changedByUs(facts, vm)
        ? {
            message: `${vm.name} is already generalized, so there is no state before the change left to snapshot; none is taken.`,
            remedy: 'Nothing to do, unless you counted on a way back.',
          }
        : undefined,
    ),
  },
  {
    id: 'vm-script-unused',
    severity: 'error',
    check: onVm(({ vm, facts }) =>
      vm.generalized && facts.request.deprovisionScript && !changedByUs(facts, vm)
        ? {
            message: `${vm.name} is already generalized, so \`deprovision-script\` can never run in it, and the image would hold what it should remove.`,
            remedy: 'Build a new VM, or remove `deprovision-script` if its work is done.',
          }
        : undefined,
    ),
  },
  {
    id: 'vm-agent',
    severity: 'error',
    check: onVm(({ vm, facts }) =>
      vm.power === 'running' &&
      vm.agentReady === false &&
      needsProof(facts) &&
      facts.request.deprovision === 'auto'
        ? {
            message: `The guest agent of ${vm.name} does not report as ready, so the deprovision cannot be started in the guest.`,
            remedy:
              'Wait until the agent is ready (a VM needs a minute or two after its start), or mend it: https://aka.ms/vmextensionlinuxtroubleshoot',
          }
        : undefined,
    ),
  },
  {
    id: 'vm-windows-deprovision',
    severity: 'error',
    check: onVm(({ vm, facts }) =>
      vm.osType === 'Windows' &&
      !vm.generalized &&
      needsProof(facts) &&
      facts.request.deprovision !== 'never'
        ? {
            message: `${vm.name} runs Windows, which this version of the action cannot sysprep yet.`,
            remedy:
              'Run sysprep (`/generalize /oobe /mode:vm /shutdown`) in the build, wait until the VM is stopped, and set `deprovision: never`.',
          }
        : undefined,
    ),
  },
  {
    id: 'vm-tags-full',
    severity: 'error',
    check: onVm(({ vm, facts }) =>
      Object.keys(vm.tags).length >= MOST_TAGS &&
      !vm.generalized &&
      needsProof(facts) &&
      facts.request.deprovision !== 'never' &&
      !deprovisionMark(vm.tags)
        ? {
            message: `${vm.name} has ${MOST_TAGS} tags, the most Azure allows, and the deprovision needs one to keep its state in.`,
            remedy: 'Remove a tag from the VM.',
          }
        : undefined,
    ),
  },
];

/** A generalized image needs a deprovisioned guest; a specialized one keeps its identity. */
const needsProof = ({ survey }: CaptureFacts): boolean =>
  survey.definition?.osState === 'Generalized';

/** Whether this run, in an earlier attempt, has begun to deprovision the VM. */
const changedByUs = ({ target }: CaptureFacts, vm: Vm): boolean =>
  target !== undefined && deprovisionMark(vm.tags)?.owner === target.owner;

/** A check that needs the VM, and that is moot once this run has its version. */
function onVm(
  check: (on: { vm: Vm; facts: CaptureFacts }) => ReturnType<Rule['check']>,
): Rule['check'] {
  return (facts) =>
    facts.survey.vm && !facts.mine ? check({ vm: facts.survey.vm, facts }) : undefined;
}

import { asked } from '../../domain/closest.ts';
import { deprovisionedBy } from '../../domain/deprovision-mark.ts';
import { ownerOf } from '../../domain/owner.ts';
import { isReplicated } from '../../domain/replication.ts';
import { nameOf, resourceIdOf, sameId } from '../../domain/resource-id.ts';
import { carriedTags, isUnsettled, restoredTags, vmInTags, vmTags } from '../../domain/restore.ts';
import { runIn } from '../../domain/snapshot-sets.ts';
import { LONGEST_TAG_VALUE, MOST_TAGS, withTags } from '../../domain/tags.ts';
import { isOn, powerText, takenAt } from '../../domain/vm.ts';
import { number, quoted } from '../../domain/words.ts';
import { hasFailed } from '../replicated.ts';
import { hasDisks, KEPT, LOST, partsThatGo } from '../restore.ts';
import type { RuleContext } from './context.ts';
import { about, type Rules } from './rule.ts';

/** Rules on the VM that comes back, and its versions. */
export const restoreVmRules: Rules<'restore'> = {
  'restore-vm-missing': {
    severity: 'error',
    when: 'the VM does not exist, and no attempt of this run has begun to create it again',
    azure: {
      says: "The Resource 'Microsoft.Compute/virtualMachines/…' under resource group '…' was not found.",
    },
    looksAt: ['VM', 'disks and snapshots beside it'],
    remedy:
      'Check `vm`, `resource-group` and `subscription-id`. Where the VM was deleted, make disks of its snapshots and create it of them: docs/restore.md has the commands.',
    check: (context) => {
      const { inventory, request, target } = context;
      if (inventory.vm || target) return undefined;
      const { left, remedy } = leftOf(context);
      return {
        message: `The VM \`${request.vm}\` does not exist, or this identity lacks permission to read it.${asked(inventory.nearest?.vm)} ${left}`,
        remedy,
      };
    },
  },
  'restore-generalized': about('vm', {
    severity: 'error',
    when: 'the VM is generalized and `recreate` is not `true`',
    azure: { says: "Operation '…' is not allowed on VM '…' since the VM is generalized." },
    looksAt: ['VM `OSState/generalized`', '`recreate`'],
    remedy:
      'Set `recreate: true`: the VM is deleted and created again of the restored disks. The plan names what is lost.',
    check: (vm, { request }) =>
      vm.generalized &&
      !request.recreate &&
      `\`${vm.name}\` is generalized: Azure allows nothing but to delete it. A restore has to create it again, which needs \`recreate: true\`.`,
  }),
  'restore-changed-since': about('vm', {
    severity: 'error',
    when: 'this run has restored the VM already, and it was deprovisioned or generalized since then',
    azure: { accepts: 'Azure would run the VM with what was done to its new disks.' },
    looksAt: ['VM `OSState/generalized`', 'VM tags', 'tags of the new disks'],
    remedy:
      'Start a new run of the workflow instead of a re-run: each run makes new disks of the snapshots once.',
    check: (vm, { target, inventory }) => {
      if (!target || !hasDisks(vm, target.disks)) return undefined;
      const first = (inventory.made ?? []).find(({ id }) => sameId(id, target.disks[0]?.disk));
      const isSettled = first !== undefined && !isUnsettled(first.tags);
      return (
        isSettled &&
        (vm.generalized || deprovisionedBy(vm.tags) !== undefined) &&
        `This run has restored \`${vm.name}\` already, and a capture has ${vm.generalized ? 'generalized' : 'deprovisioned'} it since then.`
      );
    },
  }),
  'restore-power-unknown': {
    severity: 'warning',
    needs: ['vm'],
    when: 'the VM is off, and the new disks of an earlier attempt have lost the tags that tell if it ran',
    azure: { accepts: 'Azure keeps no record of the power state that a VM had.' },
    looksAt: ['VM power state', 'tags of the new disks'],
    remedy: 'If the VM ran before the restore, start it when this run has ended.',
    check: ({ inventory: { vm, made = [] }, target }) => {
      if (!vm || !target || target.running) return undefined;
      if (vm.generalized || isOn(vm) || deprovisionedBy(vm.tags) !== undefined) return undefined;
      const first = made.find(({ id }) => sameId(id, target.disks[0]?.disk));
      return (
        first !== undefined &&
        ownerOf(first.tags ?? {}) === undefined &&
        `No tag shows any more whether \`${vm.name}\` ran before the restore. It is ${powerText(vm)} and stays off.`
      );
    },
  },
  'restore-recreates': about('vm', {
    severity: 'warning',
    when: 'the VM is deleted and created again',
    azure: { accepts: 'Azure creates a new VM of the disks.' },
    looksAt: ['VM `OSState/generalized`', '`recreate`'],
    remedy: 'Set up again what is lost. Assign roles and locks to the new VM.',
    check: (vm, { request }) =>
      vm.generalized &&
      request.recreate &&
      `\`${vm.name}\` is deleted and created again. Lost: ${LOST.join(', ')}. Kept: ${KEPT.join(', ')}.`,
  }),
  'restore-parts-go': about('vm', {
    severity: 'warning',
    when: 'Azure would delete disks or network interfaces with the generalized VM',
    azure: {
      accepts: 'Whether a generalized VM takes another delete option is documented nowhere.',
    },
    looksAt: ['VM delete options'],
    remedy:
      'Nothing to do: the run tries to set `Detach`, and stops before the deletion where Azure refuses. A capture with `snapshot: true` sets it beforehand.',
    check: (vm, { request }) => {
      const parts = partsThatGo(vm);
      return (
        vm.generalized &&
        request.recreate &&
        parts.length > 0 &&
        `Azure would delete ${quoted(parts.map(nameOf))} with \`${vm.name}\`: ${number(parts.length, 'its delete option is', 'their delete options are')} \`Delete\`.`
      );
    },
  }),
  'restore-vm-too-large': about('vm', {
    severity: 'error',
    when: 'what the VM is does not fit into the tags of its new OS disk',
    azure: {
      refuses: `The limit is ${MOST_TAGS} tags a resource, with values of ${LONGEST_TAG_VALUE} characters ("Use tags to organize your Azure resources").`,
    },
    looksAt: ['VM', 'OS disk tags'],
    remedy: 'Remove tags from the OS disk, or create the VM again by hand: see docs/restore.md.',
    check: (vm, { target, inventory }) => {
      const [os] = target?.disks ?? [];
      if (!vm.generalized || !target?.model || !os) return undefined;
      const disk = inventory.disks.find(({ id }) => sameId(id, os.replaces));
      const own = restoredTags(os, target.running, target.tags);
      const beside = withTags(carriedTags(disk?.tags), own);
      return vmTags(target.model, Object.keys(beside).length)
        ? undefined
        : `What \`${vm.name}\` is has to be kept while it is deleted and created again, and does not fit into the tags of its new OS disk.`;
    },
  }),
  'restore-vm-busy': about('vm', {
    severity: 'error',
    when: 'the VM is being created, or deleted by somebody else',
    azure: { says: 'The request failed due to conflict with a concurrent request.' },
    looksAt: ['VM `provisioningState`'],
    remedy: 'Wait until that is done, then run again.',
    check: ({ name, provisioningState: state }, { inventory: { made = [] } }) => {
      // An attempt of this run has kept what the VM is before it asked Azure to delete it.
      const isDeletedByUs = made.some(({ tags }) => vmInTags(tags) !== undefined);
      return (
        (state === 'Creating' || (state === 'Deleting' && !isDeletedByUs)) &&
        `\`${name}\` has the provisioning state ${state}.`
      );
    },
  }),
  'restore-version-unfinished': about('vm', {
    severity: 'error',
    needs: ['versions'],
    when: 'a version of this VM is being made or updated',
    azure: {
      accepts: 'Whether Azure needs the VM until the version is complete is not documented.',
    },
    looksAt: ['versions of the VM in the galleries of its subscription'],
    remedy: 'Wait until the version is complete (`operation: wait`), or delete it, then run again.',
    check: (vm, { inventory }) => {
      const busy = inventory.versions.filter((version) => {
        const { provisioningState: state, replication = [] } = version;
        const isComplete =
          state === 'Succeeded' && (replication.length === 0 || isReplicated(replication));
        return !isComplete && !hasFailed(version) && state !== 'Deleting';
      });
      return (
        busy.length > 0 &&
        `A version of \`${vm.name}\` is not complete yet: ${busy.map(({ id }) => id).join(', ')}.`
      );
    },
  }),
  'restore-version-shallow': about('vm', {
    severity: 'error',
    needs: ['versions'],
    when: 'a version of this VM is `Shallow`, and so needs its disks',
    azure: { accepts: 'A Shallow version is no copy: without its source it is lost.' },
    looksAt: ['versions of the VM in the galleries of its subscription'],
    remedy: 'Delete the version, or make a `Full` one, then run again.',
    check: (vm, { inventory }) => {
      const shallow = inventory.versions.filter(
        ({ replicationMode }) => replicationMode === 'Shallow',
      );
      return (
        shallow.length > 0 &&
        `A Shallow version depends on \`${vm.name}\`: ${shallow.map(({ id }) => id).join(', ')}.`
      );
    },
  }),
};

/** What there is left of a VM that is gone, in words, and how to make a VM of it by hand. */
function leftOf({ inventory, request: { vm } }: RuleContext<'restore'>) {
  const all = inventory.snapshotsBeside.filter((each) => runIn(each, vm) !== undefined);
  const [newest] = all.toSorted((a, b) => takenAt(b) - takenAt(a));
  if (!newest)
    return {
      left: 'No snapshot beside it carries its name.',
      remedy:
        'Check `vm`, `resource-group` and `subscription-id`. Without snapshots, build the VM again.',
    };
  const set = all.filter((each) => runIn(each, vm) === runIn(newest, vm));
  const names = quoted(set.map(({ id }) => nameOf(id)));
  const disks = set.map(({ id }) => {
    const { subscriptionId, resourceGroup } = resourceIdOf(id);
    return `\`az disk create --subscription ${subscriptionId} --resource-group ${resourceGroup} --name ${nameOf(id)}-disk --source ${id}\``;
  });
  return {
    left: `${number(all.length, 'There is a snapshot', `There are ${all.length} snapshots`)} of it; newest set: ${names}.`,
    remedy: `Make disks of the newest set: ${disks.join(', ')}. Then \`az vm create --attach-os-disk … --attach-data-disks …\` with its network interface: docs/restore.md has the whole command.`,
  };
}

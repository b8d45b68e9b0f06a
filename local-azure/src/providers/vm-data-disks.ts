/** Data disks by actions on the VM: attaching and detaching, and making managed ones of VHDs. */
import { type Arm, type ArmRequest, inGroup, type Reply } from '../arm.ts';
import { sameId } from '../arm-id.ts';
import { operationNotAllowed } from '../errors.ts';
import { type JsonObject, objectAt, objectsAt, textAt } from '../json.ts';
import { powerOf, setPower } from '../vm/instance-view.ts';
import type { Machines } from '../vm/machines.ts';
import { makeDisk } from '../vm/made-disks.ts';
import { attachDisks, diskEntries, managedDiskId, touch } from '../vm/model.ts';
import { requireVm } from '../vm/show.ts';
import { putVm } from '../vm/update.ts';

const one = 'Microsoft.Compute/virtualMachines/{vm}';

/** Registers `attachDetachDataDisks` and `convertToManagedDisks`. */
export function registerVmDataDisks(arm: Arm, machines: Machines): void {
  arm.route('POST', inGroup(`${one}/attachDetachDataDisks`), 'recordings', (request) =>
    attach(arm, request),
  );
  arm.route('POST', inGroup(`${one}/convertToManagedDisks`), 'recordings', (request) =>
    convert(arm, machines, request),
  );
}

/** An update of the data disks alone, answered with the storage profile (recorded 2024-10). */
function attach(arm: Arm, request: ArmRequest): Reply {
  const vm = requireVm(arm, request);
  const isOf = (disk: JsonObject) => (change: JsonObject) =>
    sameId(textAt(change, 'diskId'), managedDiskId(disk));
  const leaving = objectsAt(request.body, 'dataDisksToDetach');
  const kept = objectsAt(vm, 'properties', 'storageProfile', 'dataDisks').map((disk) => {
    const change = leaving.find(isOf(disk));
    if (change === undefined) return disk;
    const { detachOption } = change;
    return { ...disk, toBeDetached: true, ...(detachOption === undefined ? {} : { detachOption }) };
  });
  const added = objectsAt(request.body, 'dataDisksToAttach').map(({ diskId, ...others }) => ({
    ...others,
    createOption: 'Attach',
    managedDisk: { id: diskId },
  }));
  const { storageProfile, ...properties } = vm.properties;
  const dataDisks = [...kept, ...added];
  const body = {
    tags: vm.tags,
    properties: {
      ...properties,
      storageProfile: { ...objectAt({ storageProfile }, 'storageProfile'), dataDisks },
    },
  };
  const reply = putVm(arm, vm, { ...request, body });
  return { ...reply, body: objectAt(reply.body, 'properties', 'storageProfile') };
}

/**
 * VHDs become managed disks of the VM's own (recorded in test_vm_convert); it must be deallocated,
 * and is started afterwards.
 */
function convert(arm: Arm, machines: Machines, request: ArmRequest): Reply {
  const vm = requireVm(arm, request);
  if (powerOf(vm) !== 'deallocated') {
    // Wording invented; that the VM must be deallocated is documented (convert-unmanaged-to-managed-disks).
    throw operationNotAllowed(`VM '${vm.name}' must be deallocated to be converted.`);
  }
  const operation = arm.operations.start(request, {
    kind: 'operations',
    location: textAt(vm, 'location') ?? '',
    name: 'POST virtualMachines/convertToManagedDisks',
    resource: vm.id,
    seconds: 24,
    onEnd: () => {
      diskEntries(vm).forEach((entry, index) => {
        if (entry.vhd === undefined) return;
        delete entry.vhd;
        const former = textAt(entry, 'name') ?? '';
        const begin = former.startsWith(vm.name) ? former : `${vm.name}_${former}`;
        entry.name = `${begin}_${arm.random.hex(32)}`;
        const { osType } = entry;
        const properties = osType === undefined ? {} : { osType };
        makeDisk(arm, vm, entry, { properties, sizeGB: 30, part: `disk${index + 1}` });
      });
      setPower(vm, 'running', arm.now());
      machines.of(vm).powerOn();
      attachDisks(arm.world, vm, arm.now());
      touch(vm);
      return undefined;
    },
  });
  return operation.reply(202, undefined, { location: true });
}

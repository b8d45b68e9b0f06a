/** The power of VMs: start, restart, powerOff, deallocate, redeploy, reapply, reimage; generalize; eviction. */
import { type Arm, type ArmRequest, inGroup, type Reply } from '../arm.ts';
import { withCapitalGroup } from '../arm-id.ts';
import { concurrentRequest, operationNotAllowed } from '../errors.ts';
import { objectAt, textAt } from '../json.ts';
import { respellsDisks } from '../service-history.ts';
import {
  isGeneralized,
  type PowerState,
  powerOf,
  setGeneralized,
  setPower,
} from '../vm/instance-view.ts';
import type { Machines } from '../vm/machines.ts';
import { attachDisks, touch } from '../vm/model.ts';
import { requireVm } from '../vm/show.ts';
import type { Resource } from '../world.ts';

/** An action on a VM's power: through which state to which, and how it is paced. */
interface PowerAction {
  readonly name: string;
  readonly through: PowerState;
  readonly to: PowerState;
  /** `Retry-After` (recorded): none for powerOff and restart. */
  readonly retryAfter?: { readonly first: number; readonly poll: number };
}

const ACTIONS: readonly PowerAction[] = [
  { name: 'start', through: 'starting', to: 'running', retryAfter: { first: 10, poll: 10 } },
  { name: 'restart', through: 'running', to: 'running' },
  { name: 'powerOff', through: 'stopping', to: 'stopped' },
  {
    name: 'deallocate',
    through: 'deallocating',
    to: 'deallocated',
    retryAfter: { first: 10, poll: 36 },
  },
  { name: 'redeploy', through: 'running', to: 'running' },
  { name: 'reapply', through: 'running', to: 'running' },
  { name: 'reimage', through: 'running', to: 'running' },
];

/** Registers the actions. */
export function registerVmPower(arm: Arm, machines: Machines): void {
  for (const action of ACTIONS) {
    const pattern = inGroup(`Microsoft.Compute/virtualMachines/{vm}/${action.name}`);
    arm.route('POST', pattern, 'recordings', (request) => change(arm, machines, request, action));
  }
  const generalize = inGroup('Microsoft.Compute/virtualMachines/{vm}/generalize');
  arm.route('POST', generalize, 'recordings', (request) => markGeneralized(arm, request));
  const evict = inGroup('Microsoft.Compute/virtualMachines/{vm}/simulateEviction');
  arm.route('POST', evict, 'recordings', (request) => simulateEviction(arm, machines, request));
}

function change(arm: Arm, machines: Machines, request: ArmRequest, action: PowerAction): Reply {
  const vm = requireVm(arm, request);
  refuseIfGeneralized(arm, vm, action.name);
  const before = powerOf(vm);
  const machine = machines.of(vm);
  const idle = before === action.to && action.through !== action.to;
  // Restarting what is not running changes nothing here; Azure's answer to it is not known.
  const asleep = action.through === action.to && before !== 'running';
  if (!idle && !asleep) {
    setPower(vm, action.through, arm.now());
    // Invented: one that ends in failure has not reached the guest.
    if (action.name !== 'reapply' && !endsInFailure(request)) machine.powerLost();
  }
  const operation = arm.operations.start(request, {
    kind: 'operations',
    location: textAt(vm, 'location') ?? '',
    name: `POST virtualMachines/${action.name}`,
    resource: vm.id,
    ...(idle || asleep ? { seconds: 1 } : {}),
    ...(action.retryAfter === undefined ? {} : { retryAfter: action.retryAfter }),
    onEnd: () => {
      if (idle || asleep) return undefined;
      setPower(vm, action.to, arm.now());
      if (action.to === 'deallocated' && arm.unknowns.serialLogOfDeallocatedVm === 'gone')
        machine.forgetConsole();
      if (before === 'deallocated' && respellsDisks(arm.now())) spellOsDisk(vm);
      if (action.to === 'running' && action.name !== 'reapply') machine.powerOn();
      attachDisks(arm.world, vm, arm.now(), action.name === 'start');
      touch(vm);
      return undefined;
    },
    onFault: () => setPower(vm, before, arm.now()),
  });
  return operation.reply(202, undefined, { location: true });
}

const endsInFailure = ({ fault }: ArmRequest): boolean =>
  fault !== undefined && 'operation' in fault && fault.operation.status !== 'InProgress';

/**
 * The ID of the OS disk has the group in capitals once a VM has been allocated anew (recorded 2023-03
 * to 2024-05: test_update_dedicated_host_e2e, test_check_resource_VM).
 */
function spellOsDisk(vm: Resource): void {
  const disk = objectAt(vm, 'properties', 'storageProfile', 'osDisk', 'managedDisk');
  if (typeof disk.id === 'string') disk.id = withCapitalGroup(disk.id);
}

/** Text: azure-powershell#2818, for any action but one. */
export function refuseIfGeneralized(arm: Arm, vm: Resource, operation: string): void {
  refuseIfDeleting(vm, operation);
  if (!isGeneralized(vm)) return;
  // One that is only stopped can be deallocated (recorded 2024-09, test_invoke_action).
  const tolerated =
    powerOf(vm) !== 'deallocated' || arm.unknowns.deallocateOfGeneralizedVm === 'accepted';
  if (operation === 'deallocate' && tolerated) return;
  throw operationNotAllowed(
    `Operation '${operation}' is not allowed on VM '${vm.name}' since the VM is generalized.`,
  );
}

/** Text: the same in many people's logs, e.g. stacksimplify/terraform-on-azure; status inferred. */
export function refuseIfDeleting(vm: Resource, operation: string): void {
  if (vm.properties.provisioningState !== 'Deleting') return;
  throw operationNotAllowed(
    `Operation '${operation}' is not allowed on VM '${vm.name}' since the VM is marked for deletion. You ` +
      'can only retry the Delete operation (or wait for an ongoing one to complete).',
  );
}

/**
 * Synchronous, 200 and empty (recorded in test_vm_generalize); a stopped VM will do. Refused while
 * the VM runs: wording azure-docs#86809, its status and code inferred.
 */
function markGeneralized(arm: Arm, request: ArmRequest): Reply {
  const vm = requireVm(arm, request);
  refuseIfDeleting(vm, 'generalize');
  const power = powerOf(vm);
  if (power === 'deallocating' || power === 'stopping') throw concurrentRequest();
  if (power !== 'stopped' && power !== 'deallocated') {
    throw operationNotAllowed(
      `Operation 'generalize' is not allowed on VM '${vm.name}' since the VM is running.`,
    );
  }
  setGeneralized(vm);
  touch(vm);
  return { status: 200 };
}

/** Seconds until a Spot VM that is to be evicted is gone: invented; within 180 s where recorded. */
const evictionSeconds = 60;

/** 204, and later the VM is deallocated or deleted (recorded in test_vm_simulate_eviction). */
function simulateEviction(arm: Arm, machines: Machines, request: ArmRequest): Reply {
  const vm = requireVm(arm, request);
  if (!/^(Spot|Low)$/.test(textAt(vm, 'properties', 'priority') ?? '')) {
    throw operationNotAllowed(
      "Operation 'simulateEviction' is allowed only for Spot Virtual Machines",
    );
  }
  arm.timeline.after(evictionSeconds, () => {
    machines.of(vm).powerLost();
    setPower(vm, 'deallocated', arm.now());
    touch(vm);
    if (textAt(vm, 'properties', 'evictionPolicy') === 'Delete') arm.world.drop(vm.id);
  });
  return { status: 204 };
}

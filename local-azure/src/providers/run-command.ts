/** Run Command in its action form: `POST virtualMachines/{vm}/runCommand`. */
import { type Arm, type ArmRequest, inGroup, type Reply } from '../arm.ts';
import { armError, operationNotAllowed } from '../errors.ts';
import { at, type Json, type JsonObject, listAt, objectAt, objectsAt, textAt } from '../json.ts';
import type { Operation, Outcome } from '../operations.ts';
import { isAgentReady, powerOf } from '../vm/instance-view.ts';
import type { RunOutcome, Started } from '../vm/machine-guest.ts';
import type { Machines } from '../vm/machines.ts';
import { requireVm } from '../vm/show.ts';
import type { Resource } from '../world.ts';
import { refuseIfGeneralized } from './vm-power.ts';

/** How long after the request the script starts: invented; recorded commands took 10 to 19 s. */
export const SCRIPT_START_SECONDS = 3;
/** A command that never ends is given up after 90 minutes (WALinuxAgent#3547). */
export const GIVE_UP_SECONDS = 90 * 60;
/** API version since which the entries are in a `value`; until 2017-12-01 they stand alone (recorded). */
const wrappedSince = '2018-06-01';
/** Output is cut to its last 4,096 bytes (linux/run-command.md). */
const OUTPUT_BYTES = 4096;

/** Registers the action. */
export function registerRunCommand(arm: Arm, machines: Machines): void {
  const pattern = inGroup('Microsoft.Compute/virtualMachines/{vm}/runCommand');
  arm.route('POST', pattern, 'recordings', (request) => runCommand(arm, machines, request));
}

function runCommand(arm: Arm, machines: Machines, request: ArmRequest): Reply {
  const vm = requireVm(arm, request);
  const machine = machines.of(vm);
  const commandId = textAt(request.body, 'commandId') ?? '';
  checkCommandId(commandId);
  requireRunnable(arm, vm);
  if (machine.runCommand) throw runCommandInProgress();
  machine.runCommand = true;
  const ready = isAgentReady(vm);
  let started: Started | undefined;
  const operation = arm.operations.start(request, {
    kind: 'operations',
    location: textAt(vm, 'location') ?? '',
    name: 'POST virtualMachines/runCommand',
    resource: vm.id,
    ...(ready ? {} : { seconds: GIVE_UP_SECONDS }),
    onEnd: () => {
      machine.runCommand = false;
      if (REMOVAL.test(commandId) && ready) {
        machine.forget('');
        return { output: { value: [] } };
      }
      if (started === undefined) return agentSilent(vm);
      const outcome = started.outcome();
      if (outcome === undefined) return timedOut();
      const output = outputOf(outcome, commandId === 'RunPowerShellScript');
      return { output: request.apiVersion < wrappedSince ? output : { value: output } };
    },
    onFault: () => {
      machine.runCommand = false;
    },
  });
  const script = scriptOf(request.body.script);
  const begin = () => {
    // The action's job has stopped the agent, the first thing that it does.
    if (powerOf(vm) !== 'running' || machine.atWork || REMOVAL.test(commandId)) return;
    started = machine.start(script, parametersOf(request.body));
    const { seconds = 0 } = started;
    if (started.isLost() || seconds > GIVE_UP_SECONDS)
      operation.postpone(GIVE_UP_SECONDS - operation.seconds);
    else follow(arm, operation, started);
  };
  if (ready) arm.timeline.after(Math.min(SCRIPT_START_SECONDS, operation.seconds / 2), begin);
  else
    whenReady(arm, vm, GIVE_UP_SECONDS, () => {
      operation.endIn(SCRIPT_START_SECONDS);
      begin();
    });
  return operation.reply(202, undefined, { location: true });
}

/** Seconds between an agent's looks for what there is to do: invented. */
const LOOK_SECONDS = 5;

/** A command waits for the agent of a VM that is still booting. */
function whenReady(arm: Arm, vm: Resource, seconds: number, begin: () => void): void {
  if (seconds <= 0 || powerOf(vm) !== 'running') return;
  arm.timeline.after(LOOK_SECONDS, () => {
    if (isAgentReady(vm)) begin();
    else whenReady(arm, vm, seconds - LOOK_SECONDS, begin);
  });
}

/** Lets an operation last until its script has ended. */
export function follow(arm: Arm, operation: Operation, started: Started): void {
  if (started.seconds !== undefined) {
    operation.postpone(started.seconds);
    return;
  }
  const began = arm.now();
  const look = () => {
    if (started.outcome() !== undefined || started.isLost()) return;
    operation.postpone((arm.now() - began) / 1000 + 1);
    arm.timeline.after(1, look);
  };
  look();
}

/** The lines of `script`, joined, or the script as one text as the managed form has it. */
function scriptOf(script: Json | undefined): string {
  return typeof script === 'string' ? script : listAt([script], 0).join('\n');
}

/** The parameters' values in order, which become the script's arguments. */
export function parametersOf(body: JsonObject): string[] {
  return objectsAt(body, 'parameters').map((each) => textAt(each, 'value') ?? '');
}

/**
 * Refuses a VM that cannot run commands. Text for one that does not run: from memory; for a
 * generalized one: the family of azure-powershell#2818.
 */
export function requireRunnable(arm: Arm, vm: Resource): void {
  refuseIfGeneralized(arm, vm, 'runCommand');
  const profile = objectAt(vm, 'properties', 'osProfile');
  const noAgent = at(profile, 'linuxConfiguration', 'provisionVMAgent') === false;
  if (profile.allowExtensionOperations === false || noAgent) {
    // (Status and code: gravitational/teleport's tests; the text is in issues too.)
    throw operationNotAllowed(
      'This operation cannot be performed when extension operations are disallowed. To allow, please ' +
        'ensure VM Agent is installed on the VM and the osProfile.allowExtensionOperations property is true.',
    );
  }
  requireRunning(vm);
}

/**
 * Extensions, run commands among them, cannot be changed or deleted in a VM that does not run
 * (terraform-provider-azurerm#6098: also with DELETE).
 */
export function requireRunning(vm: Resource): void {
  if (powerOf(vm) === 'running') return;
  throw operationNotAllowed('Cannot modify extensions in the VM when the VM is not running.');
}

/** How Run Command shows what a script printed (recorded). */
function outputOf(outcome: RunOutcome, windows: boolean): Json {
  const [stdout, stderr] = [lastBytes(outcome.stdout), lastBytes(outcome.stderr)];
  const entry = (code: string, message: string): JsonObject => ({
    code,
    level: 'Info',
    displayStatus: 'Provisioning succeeded',
    message,
  });
  if (windows) {
    return [
      entry('ComponentStatus/StdOut/succeeded', stdout),
      entry('ComponentStatus/StdErr/succeeded', stderr),
    ];
  }
  const message = `Enable succeeded: \n[stdout]\n${stdout}\n[stderr]\n${stderr}`;
  return [entry('ProvisioningState/succeeded', message)];
}

/** The last 4,096 bytes of a script's output. */
export function lastBytes(text: string): string {
  return Buffer.from(text).subarray(-OUTPUT_BYTES).toString('utf8');
}

/**
 * Takes the extension of Run Command from the VM (linux/run-command.md, "Action Run Command Removal"; that
 * its output is empty is invented).
 */
const REMOVAL = /^RemoveRunCommand(Linux|Windows)Extension$/i;

function checkCommandId(commandId: string): void {
  if (REMOVAL.test(commandId)) return;
  if (commandId === 'RunShellScript' || commandId === 'RunPowerShellScript') return;
  // Invented text: no recording names a command that does not exist.
  const message = `The local Azure does not know the command '${commandId}'.`;
  throw armError(400, 'InvalidParameter', message, { target: 'commandId' });
}

/** (azure-cli#32305.) */
function runCommandInProgress(): Error {
  return armError(
    409,
    'Conflict',
    'Run command extension execution is in progress. Please wait for completion before invoking ' +
      'a run command.',
  );
}

/** (azure-cli, test_sig_image_version_cross_tenant.) */
function timedOut(): Outcome {
  const message =
    'Provisioning of VM extension RunCommandLinux has timed out. Extension provisioning has taken ' +
    'too long to complete. The extension did not report a message. More information on ' +
    'troubleshooting is available at https://aka.ms/vmextensionlinuxtroubleshoot';
  return { error: { code: 'VMExtensionProvisioningTimeout', message } };
}

/** (azure-cli, test_vm_create_with_default_trusted_launch.) */
export function agentSilent(vm: Resource): Outcome {
  const message =
    `VM '${vm.name}' has not reported status for VM agent or extensions. Verify that the OS is up ` +
    'and healthy, the VM has a running VM agent, and that it can establish outbound connections ' +
    'to Azure storage. Please refer to https://aka.ms/vmextensionlinuxtroubleshoot for additional ' +
    'VM agent troubleshooting information.';
  return { error: { code: 'VMAgentStatusCommunicationError', message } };
}

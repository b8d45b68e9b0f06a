/** Run Command in its managed form: resources below a VM (recorded in test_run_command_v2). */
import { type Arm, type ArmRequest, inGroup, type Reply } from '../arm.ts';
import { stamp } from '../clock.ts';
import { entityNotFound } from '../errors.ts';
import { isObject, type JsonObject, merged, numberAt, objectAt, textAt } from '../json.ts';
import { listHandler, type Show } from '../stored.ts';
import { isAgentReady, setLastOperation } from '../vm/instance-view.ts';
import type { Started } from '../vm/machine-guest.ts';
import type { Machines } from '../vm/machines.ts';
import { asResource, type Resource } from '../world.ts';
import {
  agentSilent,
  follow,
  GIVE_UP_SECONDS,
  lastBytes,
  parametersOf,
  requireRunnable,
  requireRunning,
  SCRIPT_START_SECONDS,
} from './run-command.ts';

const TYPE = 'Microsoft.Compute/virtualMachines/runCommands';
const ALL = 'Microsoft.Compute/virtualMachines/{vm}/runCommands';
const ONE = `${ALL}/{command}`;
/** A script may run for 90 minutes unless told (run-command-managed.md). */
const DEFAULT_SECONDS = 90 * 60;

/** Registers the routes. Several commands run at once, unlike the action form. */
export function registerRunCommands(arm: Arm, machines: Machines): void {
  const show: Show = (command, query) => shown(arm, command, query);
  arm.route('GET', inGroup(ALL), 'recordings', listHandler(arm, TYPE, show));
  arm.route('GET', inGroup(ONE), 'recordings', (request) => {
    const command = requireCommand(arm, request);
    return { status: 200, body: show(command, request.query, arm.now()) };
  });
  arm.route('PUT', inGroup(ONE), 'recordings', (request) => put(arm, machines, request));
  arm.route('PATCH', inGroup(ONE), 'recordings', (request) => {
    const command = requireCommand(arm, request);
    const change = objectAt(request.body, 'properties');
    command.properties = merged(command.properties, change);
    if (isObject(request.body.tags)) command.tags = request.body.tags;
    return execute(arm, machines, request, command, 'PATCH');
  });
  arm.route('DELETE', inGroup(ONE), 'recordings', (request) => remove(arm, machines, request));
}

/** A script that a command has started, and when (milliseconds). */
interface Execution {
  readonly started: Started;
  readonly begun: number;
  ended?: number;
  /** It was ended for want of time. */
  isLate?: boolean;
}

const executions = new WeakMap<Resource, Execution>();

/** With how its script fares by now; what was heard last stays when nobody hears of it any more. */
function shown(arm: Arm, command: Resource, query: URLSearchParams): Resource {
  refresh(arm, command);
  const { instanceView, ...properties } = command.properties;
  const wanted = /instanceview/i.test(query.get('$expand') ?? '') && instanceView !== undefined;
  return { ...command, properties: wanted ? { ...properties, instanceView } : properties };
}

function refresh(arm: Arm, command: Resource): void {
  const execution = executions.get(command);
  if (execution === undefined || execution.started.isLost()) return;
  const { started, begun } = execution;
  if (started.outcome() !== undefined)
    execution.ended ??= Math.min(
      arm.now(),
      begun + (started.seconds ?? Number.POSITIVE_INFINITY) * 1000,
    );
  command.properties.instanceView = instanceView(execution);
}

function requireCommand(arm: Arm, request: ArmRequest): Resource {
  const command = arm.world.get(request.id);
  if (command === undefined) throw entityNotFound();
  return command;
}

function vmOf(arm: Arm, request: ArmRequest): Resource {
  const vm = arm.world.get(request.id.split('/').slice(0, -2).join('/'));
  if (vm === undefined) throw entityNotFound();
  return vm;
}

function put(arm: Arm, machines: Machines, request: ArmRequest): Reply {
  requireRunnable(arm, vmOf(arm, request));
  const existing = arm.world.get(request.id);
  const { protectedParameters: _, ...given } = objectAt(request.body, 'properties');
  const command = asResource({ ...request.body, id: request.id });
  command.properties = { timeoutInSeconds: 0, asyncExecution: false, ...given };
  arm.world.put(command);
  return execute(arm, machines, request, command, existing === undefined ? 'PUT' : 'PATCH');
}

/** Runs the script; `asyncExecution` ends the operation when the script has started. */
function execute(
  arm: Arm,
  machines: Machines,
  request: ArmRequest,
  command: Resource,
  method: 'PUT' | 'PATCH',
): Reply {
  const { properties } = command;
  properties.provisioningState = method === 'PUT' ? 'Creating' : 'Updating';
  delete properties.instanceView;
  const operation = arm.operations.start(request, {
    kind: 'operations',
    location: textAt(command, 'location') ?? textAt(vmOf(arm, request), 'location') ?? '',
    name: `${method} virtualMachines/runCommands`,
    resource: command.id,
    onEnd: () => {
      refresh(arm, command);
      setLastOperation(vmOf(arm, request), arm.now());
      return finish(command);
    },
    onFault: () => {
      properties.provisioningState = 'Failed';
    },
  });
  const delay = Math.min(SCRIPT_START_SECONDS, operation.seconds / 2);
  arm.timeline.after(delay, () => {
    if (arm.world.get(command.id) !== command) return;
    const parameters = [
      ...parametersOf(properties),
      ...parametersOf({ parameters: objectAt(request.body, 'properties').protectedParameters }),
    ];
    const script = textAt(properties, 'source', 'script');
    if (script === undefined && textAt(properties, 'source', 'scriptUri') === undefined) {
      properties.instanceView = withoutScript(arm.now());
      return;
    }
    const started = machines.of(vmOf(arm, request)).start(script ?? '', parameters, command.name);
    executions.set(command, { started, begun: arm.now() });
    refresh(arm, command);
    if (properties.asyncExecution !== true) follow(arm, operation, started);
    const limit = numberAt(properties, 'timeoutInSeconds') || DEFAULT_SECONDS;
    arm.timeline.after(limit, () => {
      if (started.outcome() !== undefined) return;
      const isHeard = started.seconds !== undefined && !started.isLost();
      started.stop();
      // (ExecutionState in ComputeRP's specification.)
      const execution = executions.get(command);
      if (execution?.started === started) execution.isLate = true;
      if (properties.asyncExecution !== true && isHeard) operation.endIn(0);
    });
  });
  const reply = operation.reply(method === 'PUT' ? 201 : 200);
  return { ...reply, body: structuredClone(shown(arm, command, new URLSearchParams())) };
}

/** A failing script fails the deployment only when `treatFailureAsDeploymentFailure` says so. */
function finish(command: Resource) {
  const { properties } = command;
  const exitCode = numberAt(properties, 'instanceView', 'exitCode') ?? 0;
  const fails = properties.treatFailureAsDeploymentFailure === true && exitCode !== 0;
  properties.provisioningState = fails ? 'Failed' : 'Succeeded';
  if (!fails) return undefined;
  // Wording: family of azure-cli, test_vm_lb_integration.
  const message = `VM has reported a failure when processing run command '${command.name}': exit status=${exitCode}.`;
  return { error: { code: 'VMExtensionProvisioningError', message } };
}

/** Of a script that runs: invented but for its state and "latest output" (run-command-managed.md). */
function instanceView({ started, begun, ended, isLate }: Execution): JsonObject {
  const outcome = started.outcome();
  const { stdout, stderr } = started.printed();
  const printed = { output: lastBytes(stdout), error: lastBytes(stderr) };
  if (outcome === undefined)
    return {
      executionState: started.verdict?.() ?? 'Running',
      ...printed,
      startTime: seconds(begun),
    };
  const failed = outcome.exitCode !== 0;
  return {
    exitCode: outcome.exitCode,
    executionState: isLate === true ? 'TimedOut' : failed ? 'Failed' : 'Succeeded',
    executionMessage: failed
      ? `Execution failed: failed to execute command: command terminated with exit status=${outcome.exitCode}`
      : 'Execution completed',
    ...printed,
    startTime: seconds(begun),
    endTime: seconds(ended ?? begun),
  };
}

/** The agent's answer to a command that has no script (recorded 2021 to 2023, test_run_command_v2). */
function withoutScript(now: number): JsonObject {
  return {
    exitCode: -202,
    executionState: 'Failed',
    executionMessage:
      'Execution failed: failed to get configuration: invalid configuration: Either ' +
      "'source.script' or 'source.scriptUri' has to be specified",
    output: '',
    error: '',
    startTime: seconds(now),
    endTime: seconds(now),
  };
}

const seconds = (time: number): string => `${stamp(time).slice(0, 19)}+00:00`;

function remove(arm: Arm, machines: Machines, request: ArmRequest): Reply {
  const command = arm.world.get(request.id);
  if (command === undefined) return { status: 204 };
  const vm = vmOf(arm, request);
  requireRunning(vm);
  // It is the agent that ends the script and reports that it has.
  const isHeard = isAgentReady(vm);
  const operation = arm.operations.start(request, {
    kind: 'operations',
    location: textAt(command, 'location') ?? textAt(vm, 'location') ?? '',
    name: 'DELETE virtualMachines/runCommands',
    resource: command.id,
    ...(isHeard ? {} : { seconds: GIVE_UP_SECONDS }),
    onEnd: () => {
      setLastOperation(vm, arm.now());
      if (!isHeard) return agentSilent(vm);
      // "If the script execution is still in progress, execution is terminated."
      executions.get(command)?.started.stop();
      arm.world.delete(command.id);
      machines.of(vm).forget(command.name);
      return undefined;
    },
  });
  return operation.reply(202, undefined, { location: true });
}

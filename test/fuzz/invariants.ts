/** What must hold of every trial, whatever went wrong in it. */
import { isObject, objectAt, objectsAt, textAt } from '../../local-azure/src/json.ts';
import { powerOf } from '../../local-azure/src/vm/instance-view.ts';
import type { Resource } from '../../local-azure/src/world.ts';
import { VERIFICATION_TAG } from '../../src/domain/verification.ts';
import { lasting } from '../crash/lasting.ts';
import { writesAmong } from '../runner/control.ts';
import type { FuzzCase } from './case.ts';
import { isInUse, isReturning, notRestored } from './restored.ts';
import type { Course, Seen } from './trial.ts';
import { passes } from './weathers.ts';

/** A broken invariant: which one, and what was seen. */
export interface Violation {
  readonly kind: string;
  readonly detail: string;
}

const MOST_MEGABYTES = 250;
const STATES = ['succeeded', 'replicating', 'failed', 'planned'];
/** A frame of JavaScript's. */
const STACK = /^\s*(?:::error[^\n]*)?\s+at .+[:(]\d+:\d+\)?$/m;

export function violations(trial: FuzzCase, course: Course): Violation[] {
  const attempts = course.attempts.flatMap((seen, index) =>
    ofAttempt(trial, seen).map(({ kind, detail }) => ({
      kind,
      detail: `attempt ${index + 1}: ${detail}`,
    })),
  );
  return [...attempts, ...ofWorld(trial, course)];
}

function ofAttempt({ inputs }: FuzzCase, seen: Seen): Violation[] {
  const found: Violation[] = [];
  const wrong = (kind: string, detail: string) => found.push({ kind, detail });
  const { run, signalled, leaks, megabytes = 0 } = seen;
  const { exitCode, log, outputs, post } = run;
  const whole = `${log}\n${post.log}\n${run.summary}`;
  const stack = STACK.exec(whole);
  if (run.cutOff) wrong('does not end', log.split('\n').slice(-3).join(' / '));
  if (stack) wrong('stack trace', stack[0].trim());
  const bug = whole.split('\n').find((line) => /something unexpected/i.test(line));
  if (bug) wrong('called a bug', bug.slice(0, 400));
  if (leaks.length > 0) wrong('secret shown', leaks.join(', '));
  if (megabytes > MOST_MEGABYTES) wrong('memory', `${Math.round(megabytes)} MB`);
  if (post.exitCode !== 0) wrong('post', `exit code ${post.exitCode}: ${post.log.slice(-300)}`);
  if (exitCode === null) {
    if (!signalled && !run.cutOff) wrong('exit code', 'ended by a signal that nobody sent');
    return found;
  }
  if (exitCode !== 0 && exitCode !== 1) wrong('exit code', `${exitCode}: ${log.slice(-300)}`);
  const { state = '' } = outputs;
  if (exitCode === 0 && !STATES.includes(state)) wrong('state', `exit code 0, state "${state}"`);
  const allowed =
    exitCode === 1
      ? ['failed', 'replicating', ...(inputs['dry-run'] ? ['planned'] : []), '']
      : [
          'succeeded',
          ...(inputs['wait-for'] ? ['replicating'] : []),
          ...(inputs['dry-run'] ? ['planned'] : []),
        ];
  if (!allowed.includes(state)) wrong('state', `exit code ${exitCode}, state "${state}"`);
  if (exitCode === 1 && !/^::error/m.test(log)) wrong('no error annotation', log.slice(-300));
  found.push(...ofOutputs(inputs, seen));
  return found;
}

function ofOutputs(inputs: FuzzCase['inputs'], { run, requests, world }: Seen): Violation[] {
  const found: Violation[] = [];
  const { outputs } = run;
  const done = writesAmong(requests.filter(({ status }) => status >= 200 && status < 300));
  if ((outputs.changed === 'false' || inputs['dry-run']) && done.length > 0)
    found.push({ kind: 'changed', detail: `nothing changed, but ${done.join(', ')}` });
  if (outputs.verified === 'true' && inputs['verify-script'] === 'exit 3')
    found.push({ kind: 'untrue success', detail: 'verified by a script that fails' });
  if (outputs.state !== 'succeeded') return found;
  const isVerified = inputs.verify === 'boot' || inputs.operation === 'verify';
  if (isVerified && outputs.verified !== 'true')
    found.push({ kind: 'untrue success', detail: `verified is "${outputs.verified ?? ''}"` });
  // A verification ends with its record in the tags, which Azure is still taking in.
  const isAboutVersion = !['prune', 'verify', 'restore'].includes(inputs.operation ?? '');
  if (inputs.ephemeral === 'true' || !isAboutVersion) return found;
  const id = outputs['image-version-id'] ?? '';
  const version = world.find((each) => each.id.toLowerCase() === id.toLowerCase());
  const provisioned = textAt(version, 'properties', 'provisioningState');
  const rows = objectsAt(version, 'properties', 'replicationStatus', 'summary');
  const open = rows.filter(({ state }) => state !== 'Completed').map(({ region }) => region);
  if (provisioned !== 'Succeeded')
    found.push({ kind: 'untrue success', detail: `${id} is ${provisioned ?? 'not there'}` });
  if (open.length > 0)
    found.push({ kind: 'untrue success', detail: `not complete: ${open.join(', ')}` });
  return found;
}

const isVersion = ({ type }: Resource): boolean => /\/images\/versions$/i.test(type);
const isOfPullRequest = ({ id }: Resource): boolean => /\/versions\/0\.0\.\d+$/.test(id);
const VERSION_PATH = /\/images\/[^/]+\/versions\/[^/]+$/i;

function ofWorld(trial: FuzzCase, course: Course): Violation[] {
  const { before, after, attempts, unproven, told } = course;
  const found: Violation[] = [];
  const known = new Set(before.map(({ id }) => id.toLowerCase()));
  const isNew = (id: string) => !known.has(id.toLowerCase());
  const createdIn = ({ requests }: Seen) =>
    requests
      .filter(({ method, path, status }) => wasPut(method, status) && VERSION_PATH.test(path))
      .map(({ path }) => path.toLowerCase())
      .filter(isNew);
  const created = attempts.flatMap(createdIn);
  const versions = new Set(
    [
      ...created,
      ...after
        .filter(isVersion)
        .map(({ id }) => id)
        .filter(isNew),
    ].map((id) => id.toLowerCase()),
  );
  const hasSeveral = attempts.some((seen) => new Set(createdIn(seen)).size > 1);
  const isTooMany = versions.size > machinesOf(trial, course) && !mayCaptureAgain(trial);
  if (isTooMany || hasSeveral)
    found.push({ kind: 'several versions', detail: [...versions].map(lastName).join(', ') });
  if (unproven.length > 0 && trial.inputs.deprovision !== 'never')
    found.push({ kind: 'generalized without proof', detail: unproven.join(', ') });
  if (told.length > 0) found.push({ kind: 'token elsewhere', detail: told.join(', ') });
  found.push(...touched(trial, course), ...orphans(trial, course, isNew));
  found.push(...unverified(trial, course, isNew), ...notRestored(trial, course));
  const last = attempts.at(-1);
  const log = last?.run.log ?? '';
  const isExcused = hasLeftNothing(trial, attempts) || isToldToWait(trial, log);
  if (last?.run.exitCode !== 0 && passes(trial.weather) && !isExcused)
    found.push({ kind: 'does not converge', detail: firstError(log) });
  return found;
}

/**
 * A specialized VM is captured as often as somebody likes. Without the tags of its versions, a
 * repetition of a run cannot be told from a new run.
 */
const mayCaptureAgain = ({ inputs, weather }: FuzzCase): boolean =>
  inputs['image-definition']?.endsWith('-specialized') === true &&
  [...(weather.tagTools ?? []), ...(weather.policies ?? [])].length > 0;

/** Whether the guest agent is silent for now, and the run was refused before any change for that alone. */
const isToldToWait = ({ weather: { silentAgents = [] } }: FuzzCase, log: string): boolean =>
  silentAgents.length > 0 && /^::error title=vm-agent%3A/m.test(log);

/** Whether an attempt succeeded after which neither VM nor version is left: nothing can run again. */
const hasLeftNothing = ({ inputs }: FuzzCase, attempts: Course['attempts']): boolean =>
  inputs.ephemeral === 'true' &&
  inputs['after-capture'] === 'delete' &&
  attempts.slice(0, -1).some(({ run }) => run.exitCode === 0);

/** How many machines stood under the VM's name: each may have a version of its own; at least one. */
function machinesOf({ inputs }: FuzzCase, { before, after, attempts }: Course): number {
  const ending = `/virtualmachines/${inputs.vm ?? ''}`.toLowerCase();
  const seen = [before, ...attempts.map(({ world }) => world), after]
    .flat()
    .filter(({ id }) => id.toLowerCase().endsWith(ending))
    .map((vm) => textAt(vm, 'properties', 'vmId'));
  return Math.max(1, new Set(seen).size);
}

const wasPut = (method: string, status: number): boolean =>
  method === 'PUT' && (status === 200 || status === 201);

const lastName = (id: string): string => id.split('/').at(-1) ?? id;

export const firstError = (log: string): string =>
  (/^::error[^:]*::(.*)$/m.exec(log)?.[1] ?? log.slice(-300)).slice(0, 300);

/** What was there before and is not what the run was told to change. */
function touched({ inputs, weather }: FuzzCase, { before, after }: Course): Violation[] {
  const now = new Map(after.map((each) => [each.id.toLowerCase(), each]));
  const vm = inputs.vm ?? '';
  const { replacements = [], silentAgents = [] } = weather;
  const changing = [...replacements, ...silentAgents].map((each) => each.vm);
  const isOwn = ({ id }: Resource): boolean =>
    [vm, ...changing].some((name) => name !== '' && id.toLowerCase().includes(`/${name}`)) ||
    (inputs.operation !== undefined &&
      !(inputs.operation === 'promote' && inputs['image-definition'] !== undefined) &&
      id.endsWith(`/versions/${inputs['source-image-version']?.split('/').at(-1)}`));
  return before.flatMap((old): Violation[] => {
    const found = now.get(old.id.toLowerCase());
    const isPruned = inputs.operation === 'prune' && isVersion(old) && !isNewest(old, before);
    const isReplaced = inputs['old-disks'] === 'delete' && /\/disks$/i.test(old.type);
    // An earlier run has asked the guest by it.
    const isCommand = /\/runCommands\/golden-image-/i.test(old.id);
    const mayGo = inputs['after-capture'] === 'delete' || isReplaced || isCommand;
    if (!found && !isPruned && !(isOwn(old) && mayGo)) return [{ kind: 'deleted', detail: old.id }];
    if (!found || isOwn(old) || shown(old, weather) === shown(found, weather)) return [];
    return [{ kind: 'foreign touched', detail: old.id }];
  });
}

/** A resource without what a governance tool does to it. */
function shown({ properties, tags }: Resource, { tagTools = [] }: FuzzCase['weather']): string {
  return lasting({ properties, tags: tagTools.length > 0 || !isObject(tags) ? {} : tags });
}

/**
 * After success, nothing is left but the version and the snapshots that were asked for; and a run
 * command of a VM that is off, which Azure does not let anybody delete.
 */
function orphans(
  { inputs }: FuzzCase,
  { after, attempts }: Course,
  isNew: (id: string) => boolean,
): Violation[] {
  if (attempts.at(-1)?.run.outputs.state !== 'succeeded') return [];
  const left = after
    .filter(({ id }) => isNew(id))
    .filter((each) => !isVersion(each) || isOfPullRequest(each))
    .filter(({ type }) => !(inputs.snapshot === 'true' && /\/snapshots$/i.test(type)))
    .filter((each) => !(isReturning(inputs) && isInUse(each)))
    .filter(({ id }) => !isOfVmThatIsOff(id, after));
  return left.map(({ id }) => ({ kind: 'orphan', detail: id.split('/').slice(-2).join('/') }));
}

/** Versions that a verified run put into `latest` although no verification of theirs is recorded. */
function unverified(
  { inputs, weather }: FuzzCase,
  { attempts }: Course,
  isNew: (id: string) => boolean,
): Violation[] {
  const keepsTags = !weather.policies?.length && !weather.tagTools?.length;
  if (inputs.verify !== 'boot' || !keepsTags) return [];
  return attempts
    .flatMap(({ world }) => world)
    .filter((each) => isVersion(each) && isNew(each.id))
    .filter(
      ({ properties }) => objectAt(properties, 'publishingProfile').excludeFromLatest !== true,
    )
    .filter(({ tags }) => !/passed/.test(textAt(tags, VERIFICATION_TAG) ?? ''))
    .map(({ id }) => ({ kind: 'unverified in latest', detail: lastName(id) }));
}

/** Whether a version has the highest number of its definition. */
function isNewest(version: Resource, among: readonly Resource[]): boolean {
  const folder = version.id.replace(/[^/]+$/, '').toLowerCase();
  const names = among
    .filter(({ id }) => id.toLowerCase().startsWith(folder))
    .map(({ name }) => name);
  const byNumber = new Intl.Collator('en', { numeric: true });
  return names.every((name) => byNumber.compare(name, version.name) <= 0);
}

function isOfVmThatIsOff(id: string, world: readonly Resource[]): boolean {
  const [, vmId] = /^(.*\/virtualMachines\/[^/]+)\/runCommands\/golden-image-/i.exec(id) ?? [];
  const vm = world.find((each) => each.id.toLowerCase() === vmId?.toLowerCase());
  return vm !== undefined && powerOf(vm) !== 'running';
}

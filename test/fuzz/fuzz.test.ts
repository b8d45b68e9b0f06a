import { beforeAll, describe, expect, it } from 'vitest';
import { setPower } from '../../local-azure/src/vm/instance-view.ts';
import { checkWeather } from '../../local-azure/src/weather/schema.ts';
import { VERIFICATION_TAG } from '../../src/domain/verification.ts';
import type { FuzzCase } from './case.ts';
import { caseOf } from './generate.ts';
import { violations } from './invariants.ts';
import { shrink } from './shrink.ts';
import { type Course, courseOf } from './trial.ts';

const SEEDS = Array.from({ length: 200 }, (_, index) => index + 1);

/** Nothing but the plainest capture. */
const plain: FuzzCase = {
  ...caseOf(1),
  inputs: {
    'resource-group': 'images',
    'poll-interval': '0.1',
    vm: 'build-linux',
    gallery: 'golden',
    'image-definition': 'ubuntu-2404',
  },
  weather: {},
  attempts: [],
};

describe('a trial', () => {
  it('is the same each time, by its seed', () => {
    expect(caseOf(7)).toEqual(caseOf(7));
    expect(caseOf(7)).not.toEqual(caseOf(8));
  });

  it.each(SEEDS)('has valid weather and some trouble: seed %i', (seed) => {
    const { weather, attempts } = caseOf(seed);
    expect(checkWeather(weather)).toBe(weather);
    const faults = attempts.flatMap((attempt) => attempt.faults);
    expect(faults.length).toBeGreaterThanOrEqual(2);
  });
});

describe('the invariants', () => {
  let course: Course;
  beforeAll(async () => {
    course = await courseOf(plain);
  });

  it('hold of an undisturbed capture, and notice what breaks them', () => {
    expect(violations(plain, course)).toEqual([]);
    const kinds = (changes: Partial<Course>) =>
      violations(plain, { ...course, ...changes }).map(({ kind }) => kind);
    const version = course.after.find(isVersion);
    const [last] = course.attempts;
    if (version === undefined || last === undefined) throw new Error('There is no version');
    const again = { ...version, id: version.id.replace(/[^/]+$/, '9.9.9') };
    const snapshot = { ...version, id: `${version.id}-os`, type: 'Microsoft.Compute/snapshots' };
    const vm = course.before.find(({ id }) => id.endsWith('/virtualMachines/build-linux'));
    if (vm === undefined) throw new Error('There is no VM');
    const command = { ...vm, id: `${vm.id}/runCommands/golden-image-x` };
    const withCommand = (power: 'running' | 'stopped') => {
      const other = structuredClone(vm);
      setPower(other, power, 0);
      const rest = course.after.filter(({ id }) => id !== vm.id);
      return kinds({ after: [...rest, other, command] });
    };
    const rebuilt = { ...vm, properties: { ...vm.properties, vmId: 'another' } };
    const withRun = (changes: Partial<typeof last.run>) =>
      kinds({ attempts: [{ ...last, run: { ...last.run, ...changes } }] });
    const stack = `${last.run.log}\n    at read (file:///dist/index.js:1:2)`;

    expect(kinds({ after: [...course.after, again] })).toEqual(['several versions']);
    expect(
      kinds({ after: [...course.after.filter(({ id }) => id !== vm.id), rebuilt, again] }),
    ).toEqual([]);
    expect(kinds({ after: [...course.after, snapshot] })).toEqual(['orphan']);
    expect(withCommand('running')).toEqual(['orphan']);
    expect(withCommand('stopped')).toEqual([]);
    expect(kinds({ after: course.after.slice(1) })).toEqual(['deleted']);
    expect(kinds({ after: course.after.map(retagged) })).toContain('foreign touched');
    expect(kinds({ unproven: ['build-linux'] })).toEqual(['generalized without proof']);
    expect(kinds({ told: ['GET /next'] })).toEqual(['token elsewhere']);
    expect(kinds({ attempts: [{ ...last, megabytes: 251 }] })).toEqual(['memory']);
    expect(kinds({ attempts: [{ ...last, leaks: ['log: ey…'] }] })).toEqual(['secret shown']);
    expect(kinds({ attempts: [{ ...last, world: [] }] })).toEqual(['untrue success']);
    expect(withRun({ log: stack })).toEqual(['stack trace']);
    expect(withRun({ cutOff: true })).toEqual(['does not end']);
    expect(withRun({ outputs: { ...last.run.outputs, state: 'failed' } })).toEqual(['state']);
    expect(withRun({ outputs: { ...last.run.outputs, changed: 'false' } })).toEqual(['changed']);
    expect(withRun({ exitCode: 1 })).toContain('does not converge');
    expect(withRun({ exitCode: 1 })).toContain('no error annotation');
    expect(withRun({ exitCode: 3 })).toContain('exit code');
    expect(withRun({ exitCode: null })).toContain('exit code');
    expect(withRun({ post: { ...last.run.post, exitCode: 1 } })).toEqual(['post']);
    expect(withRun({ log: `${last.run.log}\nSomething unexpected happened: x` })).toEqual([
      'called a bug',
    ]);
  });

  /** The kinds that are broken, were these the inputs of the capture that ran. */
  const kindsOf = (inputs: FuzzCase['inputs'], changes: Partial<Course> = {}) =>
    violations({ ...plain, inputs }, { ...course, ...changes }).map(({ kind }) => kind);
  const withVerified = (verified: string) =>
    course.attempts.map((each) => ({
      ...each,
      world: each.world.map((entry) =>
        isVersion(entry) ? { ...entry, tags: { [VERIFICATION_TAG]: 'passed' } } : entry,
      ),
      run: { ...each.run, outputs: { ...each.run.outputs, verified } },
    }));

  it('ask nothing of a repetition when a success has left neither VM nor version', () => {
    const gone = { ...plain.inputs, ephemeral: 'true', 'after-capture': 'delete' };
    const refused = course.attempts.map((each) => ({
      ...each,
      run: { ...each.run, exitCode: 1 },
    }));
    const twice = { attempts: [...course.attempts, ...refused] };
    expect(kindsOf(gone, twice)).not.toContain('does not converge');
    expect(kindsOf(gone, { attempts: [...refused, ...refused] })).toContain('does not converge');
    expect(kindsOf(plain.inputs, twice)).toContain('does not converge');
  });

  it('ask a run to wait for a guest agent that is silent for now', () => {
    const silentAgents = [{ vm: 'build-linux', afterSeconds: 2, forSeconds: 600 }];
    const log = '::error title=vm-agent%3A the agent is silent::Wait.';
    const refused = course.attempts.map((each) => ({
      ...each,
      run: { ...each.run, exitCode: 1, log },
    }));
    const under = (weather: FuzzCase['weather']) =>
      violations({ ...plain, weather }, { ...course, attempts: refused }).map(({ kind }) => kind);
    expect(under({ silentAgents })).not.toContain('does not converge');
    expect(under({})).toContain('does not converge');
  });

  it('notice a version in latest that nothing proves, and a verdict that is not true', () => {
    const verified = { ...plain.inputs, verify: 'boot' };
    expect(kindsOf(verified, { attempts: withVerified('true') })).toEqual([]);
    expect(kindsOf(verified)).toEqual(['untrue success', 'unverified in latest']);
    const verification = { ...plain.inputs, operation: 'verify' };
    expect(kindsOf(verification, { attempts: withVerified('true') })).toEqual([]);
    expect(kindsOf(verification, { attempts: withVerified('') })).toEqual(['untrue success']);
    const failing = { ...verification, 'verify-script': 'exit 3' };
    expect(kindsOf(failing, { attempts: withVerified('true') })).toEqual(['untrue success']);
  });

  it('notice a VM that is said to be restored, and is not', () => {
    const restored = { 'resource-group': 'images', operation: 'restore', vm: 'build-linux' };
    const taken = '/subscriptions/s/providers/Microsoft.Compute/snapshots/taken';
    const vm = course.after.find(({ id }) => id.endsWith('/virtualMachines/build-linux'));
    const made = (source: string) =>
      course.after.map((each) =>
        each.id.endsWith('/build-linux_OsDisk')
          ? {
              ...each,
              managedBy: vm?.id ?? '',
              properties: { ...each.properties, creationData: { sourceResourceId: source } },
            }
          : each.id === vm?.id
            ? { ...each, tags: {} }
            : each,
      );
    const attempts = course.attempts.map((each) => ({
      ...each,
      run: {
        ...each.run,
        outputs: { ...each.run.outputs, 'snapshot-ids': JSON.stringify([taken]) },
      },
    }));
    const kinds = (changes: Partial<Course>) =>
      kindsOf(restored, { attempts, after: made(taken), deprovisioned: false, ...changes });
    expect(kinds({})).toEqual([]);
    expect(kinds({ after: made('another') })).toEqual(['not restored']);
    expect(kinds({ deprovisioned: true })).toEqual(['not restored']);
    expect(kinds({ attempts: course.attempts })).toEqual(['not restored']);
    expect(kinds({ after: course.after })).toContain('not restored');
    const id = `${vm?.id}/runCommands/golden-image-885b44b0`;
    const type = 'Microsoft.Compute/virtualMachines/runCommands';
    const asked = { id, name: 'golden-image-885b44b0', type, properties: {} };
    expect(kinds({ before: [...course.before, asked] })).toEqual([]);
  });

  it('notice a prune that deletes the newest version, or anything but a version', () => {
    const version = course.after.find(isVersion);
    if (version === undefined) throw new Error('There is no version');
    const newest = { ...version, id: version.id.replace(/[^/]+$/, '9.9.9'), name: '9.9.9' };
    const before = [...course.after, newest];
    const without = (id: string | undefined) => ({
      before,
      after: before.filter((each) => each.id !== id),
    });
    const pruned = { operation: 'prune', 'image-definition': 'ubuntu-2404' };
    expect(kindsOf(pruned, without(version.id))).toEqual([]);
    expect(kindsOf(pruned, without(newest.id))).toEqual(['deleted']);
    const disk = before.find(({ type }) => type === 'Microsoft.Compute/disks');
    expect(kindsOf(pruned, without(disk?.id))).toEqual(['deleted']);
  });
});

const isVersion = ({ type }: Course['after'][number]) => type.endsWith('/versions');

const retagged = (entry: Course['after'][number]) => ({ ...entry, tags: { mine: 'now' } });

it('shrinking leaves only what the failure needs', async () => {
  const found = SEEDS.map(caseOf).find(
    ({ attempts, weather }) => attempts.length === 2 && Object.keys(weather).length > 2,
  );
  if (found === undefined) throw new Error('No seed has as much');
  const needed = found.attempts[1]?.faults[0];
  const smallest = await shrink(found, async ({ attempts }) =>
    attempts.some(({ faults }) => faults.some((fault) => fault === needed)),
  );
  expect(smallest.attempts).toEqual([{ faults: [needed] }]);
  expect(Object.keys(smallest.weather)).toEqual(['seed']);
  expect(Object.keys(smallest.inputs)).toContain('resource-group');
});

import { asFailure, Failure } from '../../domain/failure.ts';
import { nameOf } from '../../domain/resource-id.ts';
import { isThrowAwayOf } from '../../domain/verification.ts';
import type { Verification } from '../../domain/verified.ts';
import { EXPECTED } from '../../plan/durations.ts';
import type { StepOf } from '../../plan/plan.ts';
import { type Interruption, stale } from '../interruption.ts';
import type { StepContext } from '../ports.ts';
import type { Allowance } from '../verify/allowance.ts';
import { evidenceOf } from '../verify/evidence.ts';
import { agentSilent, isOfImage, notMade, notProvisioned, tooSlow } from '../verify/failures.ts';
import { runVerifyScript, type ScriptVerdict } from '../verify/script.ts';
import { sleep, watch } from '../wait.ts';

/** Seconds between tries while Azure does not find the image in its region yet. */
const NOT_YET_SECONDS = 15;

/**
 * Makes the throw-away VM, waits until it is provisioned and its agent reports, and runs the user's
 * script. Ends with what that says of the image, or throws what says nothing of it, such as a quota.
 * The next steps delete the VM; a failure here deletes it itself.
 */
export async function verify(step: StepOf<'verify'>, context: StepContext): Promise<Interruption> {
  const limit = new AbortController();
  const began = Date.now();
  const milliseconds = step.timeoutSeconds * 1000;
  const timer = setTimeout(() => limit.abort(OVER), milliseconds);
  const allowance: Allowance = {
    signal: limit.signal,
    left: () => (milliseconds - (Date.now() - began)) / 1000,
    isOver: () => limit.signal.aborted,
  };
  try {
    return await work(step, context, allowance);
  } catch (thrown) {
    if (!context.signal.aborted) await discard(step, context);
    throw thrown;
  } finally {
    clearTimeout(timer);
  }
}

const OVER = new Failure({ kind: 'timeout', what: 'The time for the verification is over.' });

async function work(
  step: StepOf<'verify'>,
  context: StepContext,
  allowance: Allowance,
): Promise<Interruption> {
  const { compute, report } = context;
  const { vm, timeoutSeconds } = step;
  const minutes = Math.round(timeoutSeconds / 6) / 10;
  const traits = { vmSize: vm.size, region: vm.location };
  const verdict = (came: Omit<Verification, 'vmSize' | 'region'>, failure?: Failure) =>
    ({
      is: 'verified',
      verification: { ...came, ...traits },
      ...(failure && { failure }),
    }) as const;

  const began = Date.now();
  const made = await make(step, context, allowance);
  if (made === 'gone') return stale(`image version ${nameOf(vm.version)} disappeared`);
  if (made !== 'provisioned') {
    const evidence = await evidenceOf(compute, vm.id);
    if (made === 'late') return verdict({ passed: false }, tooSlow(vm.version, minutes, evidence));
    if (!isOfImage(made)) throw notMade(vm.version, made);
    return verdict({ passed: false }, notProvisioned(vm.version, made, evidence));
  }
  const boot = secondsSince(began);
  report.say(step, `${nameOf(vm.id)} booted in ${Math.round(boot)} s.`);

  const booted = Date.now();
  if (!(await agentReports(step, context, allowance))) {
    const evidence = await evidenceOf(compute, vm.id);
    return verdict({ passed: false, boot }, agentSilent(vm.version, minutes, evidence));
  }
  const agent = secondsSince(booted);
  report.say(step, `Its agent reported after ${Math.round(agent)} s.`);

  if (step.script === undefined) return verdict({ passed: true, boot, agent });
  const asked = Date.now();
  const ended: ScriptVerdict = await runVerifyScript(step, step.script, context, allowance);
  const { failure, exitCode } = ended;
  const script = secondsSince(asked);
  const came = { boot, agent, script, ...(exitCode !== undefined && { exitCode }) };
  return verdict({ passed: !failure, ...came }, failure);
}

const secondsSince = (began: number): number => (Date.now() - began) / 1000;

type Made = 'provisioned' | 'late' | 'gone' | Failure;

/** Makes the VM; gives Azure's failure of it, if there is one. */
async function make(
  { vm }: StepOf<'verify'>,
  { compute, signal, pollSeconds }: StepContext,
  allowance: Allowance,
): Promise<Made> {
  const [version, other] = await Promise.all([compute.version(vm.version), compute.vm(vm.id)]);
  if (!version) return 'gone';
  if (other && !isThrowAwayOf(vm.version, other)) throw nameTaken(vm.id);
  for (;;) {
    try {
      await compute.createVm(vm, version.dataDisks ?? vm.dataDisks ?? [], allowance.signal);
      return 'provisioned';
    } catch (thrown) {
      signal.throwIfAborted();
      if (allowance.isOver()) return 'late';
      const failure = asFailure(thrown);
      if (!isNotThereYet(failure)) return failure;
    }
    await sleep(Math.min(NOT_YET_SECONDS, pollSeconds ?? Infinity), signal);
  }
}

/** A region that is called Completed may lack the image for minutes more (AgentBaker#8373). */
const isNotThereYet = ({ code }: Failure): boolean => code === 'GalleryImageNotFound';

const nameTaken = (id: string) =>
  new Failure({
    kind: 'refused',
    what: `The throw-away VM cannot be made: another VM already has its name, \`${nameOf(id)}\`.`,
    why: 'It was not made of this image version, or its tags say that it is of another.',
    remedy: 'Delete or rename it, or give another group as `verify-resource-group`.',
  });

async function agentReports(
  { vm }: StepOf<'verify'>,
  { compute, signal, pollSeconds }: StepContext,
  allowance: Allowance,
): Promise<boolean> {
  const ready = await watch(
    async () => ((await compute.vm(vm.id))?.agentReady ? true : undefined),
    {
      expectedSeconds: EXPECTED.firstAgent,
      pollSeconds,
      limitSeconds: Math.max(0, allowance.left()),
      signal,
    },
  );
  return ready ?? false;
}

/** Deletes the VM after a failure; that it cannot be is told, and does not hide the failure. */
async function discard({ vm }: StepOf<'verify'>, { compute, report }: StepContext): Promise<void> {
  try {
    const found = await compute.vm(vm.id);
    if (found && isThrowAwayOf(vm.version, found)) await compute.remove(vm.id);
  } catch (thrown) {
    report.warn(
      `The throw-away VM \`${nameOf(vm.id)}\` could not be deleted: ${asFailure(thrown).what} The next run deletes it; until then: az vm delete --yes --ids ${vm.id}`,
    );
  }
}

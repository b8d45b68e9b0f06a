import { asFailure, Failure, refused } from '../../domain/failure.ts';
import { nameOf } from '../../domain/resource-id.ts';
import { isThrowAwayOf } from '../../domain/throw-away.ts';
import type { Verification } from '../../domain/verification.ts';
import type { Vm } from '../../domain/vm.ts';
import { EXPECTED } from '../../plan/durations.ts';
import type { StepOf } from '../../plan/plan.ts';
import { type Interruption, stale } from '../interruption.ts';
import type { StepContext } from '../step-context.ts';
import { haltOf } from '../verify/console.ts';
import { agentSilent, notBooted, outOfLatest } from '../verify/failures.ts';
import { type Attempt, runVerifyScript, scriptFailure } from '../verify/script.ts';
import { isOfLivingRun, removeThrowAway } from '../verify/throw-aways.ts';
import { sleep, watch } from '../wait.ts';

/** Seconds between tries while Azure does not find the image in its region yet. */
const NOT_YET_SECONDS = 15;
/** Looks in a row that do not find the VM, and mean nothing yet. */
const STALE_LOOKS = 3;

/**
 * Makes the throw-away VM, waits until it is provisioned and its agent reports, and runs the user's
 * script. Ends with what that says of the image, or throws what says nothing of it, such as a quota.
 * The next steps delete the VM; a failure here deletes it itself.
 */
export async function verify(step: StepOf<'verify'>, context: StepContext): Promise<Interruption> {
  const over = new AbortController();
  const ends = Date.now() + step.timeoutSeconds * 1000;
  const timer = setTimeout(
    () => over.abort(refused({ what: 'The time for the verification is over.' })),
    step.timeoutSeconds * 1000,
  );
  const left = () => (ends - Date.now()) / 1000;
  const attempt: Attempt = { step, context, limit: over.signal, left };
  try {
    return await work(attempt);
  } catch (thrown) {
    if (!context.signal.aborted) await discard(attempt);
    throw thrown;
  } finally {
    clearTimeout(timer);
  }
}

async function work(attempt: Attempt): Promise<Interruption> {
  const { step, context } = attempt;
  const { compute, report } = context;
  const { vm } = step;
  const traits = { vmSize: vm.size, region: vm.location };
  const verdict = (came: Omit<Verification, 'passed' | 'vmSize' | 'region'>, failure?: Failure) =>
    ({
      is: 'verified',
      verification: { passed: !failure, ...came, ...traits },
      of: attempt.of ?? { id: vm.version },
      ...(failure && { failure: outOfLatest(failure, attempt.of) }),
    }) as const;

  const began = Date.now();
  const made = await make(attempt);
  if (made instanceof Failure) return verdict({}, made);
  if (made) return made;
  const boot = secondsSince(began);
  report.say(step, `${nameOf(vm.id)} booted in ${Math.round(boot)} s.`);

  const booted = Date.now();
  if (!(await agentReports(attempt))) return verdict({ boot }, await agentSilent(compute, step));
  const agent = secondsSince(booted);
  report.say(step, `Its agent reported after ${Math.round(agent)} s.`);

  if (step.script === undefined) return verdict({ boot, agent });
  const asked = Date.now();
  const ended = await runVerifyScript(attempt, step.script).catch(async (thrown: unknown) => {
    context.signal.throwIfAborted();
    await mustBeThere(attempt);
    throw thrown;
  });
  const script = secondsSince(asked);
  const failure = await scriptFailure(compute, vm, ended);
  const seen = await compute.vm(vm.id);
  // What is gone by now has answered before; another VM may have answered in its place.
  if (!ended || (seen && seen.vmId !== attempt.vmId)) mustBe(attempt, seen);
  return verdict({ boot, agent, script, ...(ended && { exitCode: ended.exitCode }) }, failure);
}

const secondsSince = (began: number): number => (Date.now() - began) / 1000;

/**
 * Makes the VM. Where it does not boot, gives what that says against the image; a boot that has visibly
 * ended is not waited for.
 */
async function make(attempt: Attempt): Promise<Interruption | Failure | undefined> {
  const { step } = attempt;
  const { vm } = step;
  const { compute, signal, pollSeconds } = attempt.context;
  const name = nameOf(vm.version);
  const gone = stale(`image version ${name} disappeared`);
  const [version, other] = await Promise.all([compute.version(vm.version), compute.vm(vm.id)]);
  if (!version) return gone;
  attempt.of = version;
  if (other && !isThrowAwayOf(vm.version, other)) throw nameTaken(vm.id);
  if (other && isOfLivingRun(other, step, compute))
    return stale(`another run is verifying image version ${name}`);
  if (other?.provisioningState === 'Deleting') await untilGone(attempt);
  let last: Failure | undefined;
  for (;;) {
    const halt = new AbortController();
    const end = new AbortController();
    if (vm.osType === 'Linux')
      void haltOf(compute, vm.id, AbortSignal.any([signal, end.signal]), pollSeconds).then(
        () => halt.abort(new Error('The boot has ended.')),
        () => undefined,
      );
    try {
      const limit = AbortSignal.any([attempt.limit, halt.signal]);
      const { dataDisks = vm.dataDisks ?? [] } = version;
      await compute.createVm({ ...vm, dataDisks }, limit);
      return undefined;
    } catch (thrown) {
      signal.throwIfAborted();
      const failure = asFailure(thrown);
      if (halt.signal.aborted) return notBooted(compute, step, 'halted', failure);
      if (attempt.limit.aborted) return notBooted(compute, step, 'late', last ?? failure);
      if (!isNotThereYet(failure)) return notBooted(compute, step, 'refused', failure);
      last = failure;
    } finally {
      end.abort();
    }
    await sleep(Math.min(NOT_YET_SECONDS, pollSeconds ?? Infinity), signal);
    if (!(await compute.version(vm.version))) return gone;
  }
}

/** A VM that is being deleted keeps its name until it is gone. */
async function untilGone({ step, context, left }: Attempt): Promise<void> {
  const { id } = step.vm;
  const look = async () => ((await context.compute.vm(id)) ? undefined : true);
  const limits = { expectedSeconds: EXPECTED.remove, limitSeconds: left() };
  if (await watch(look, { ...context, ...limits })) return;
  throw refused({
    what: `The throw-away VM cannot be made: Azure is still deleting an earlier one, \`${nameOf(id)}\`.`,
    remedy: 'Wait until it is gone, then re-run the failed job.',
  });
}

/** A region that is called Completed may lack the image for minutes more (AgentBaker#8373). */
const isNotThereYet = ({ code }: Failure): boolean => code === 'GalleryImageNotFound';

const nameTaken = (id: string) =>
  refused({
    what: `The throw-away VM cannot be made: another VM already has its name, \`${nameOf(id)}\`.`,
    why: 'It was not made of this image version, or its tags say that it is of another.',
    remedy: 'Delete or rename it, or give another group as `verify-resource-group`.',
  });

async function agentReports(attempt: Attempt): Promise<boolean> {
  const { step, context } = attempt;
  const { id } = step.vm;
  let missed = 0;
  const look = async () => {
    const seen = await context.compute.vm(id);
    if (seen && attempt.vmId === undefined) attempt.vmId = seen.vmId;
    missed = seen ? 0 : missed + 1;
    // A look can be older than the VM.
    if (seen || missed > STALE_LOOKS) mustBe(attempt, seen);
    return seen?.agentReady ? true : undefined;
  };
  const limits = {
    expectedSeconds: EXPECTED.firstAgent,
    limitSeconds: Math.max(0, attempt.left()),
  };
  const ready = await watch(look, { ...context, ...limits });
  if (!ready) await mustBeThere(attempt);
  return ready ?? false;
}

const mustBeThere = async (attempt: Attempt): Promise<void> =>
  mustBe(attempt, await attempt.context.compute.vm(attempt.step.vm.id));

/** Throws when the VM is not there any more, is another one, or was deallocated: no word on the image. */
function mustBe({ step, vmId }: Attempt, seen: Vm | undefined): void {
  const isGoing = seen?.provisioningState === 'Deleting' || /^dealloc/.test(seen?.power ?? '');
  if (seen && !isGoing && seen.vmId === vmId) return;
  throw refused({
    what: `The throw-away VM \`${nameOf(step.vm.id)}\` was deleted, replaced or deallocated before the verdict. This says nothing about the image.`,
    why: 'A tool or a person changed it, another job of the same matrix verified this version, or another run found it older than its own `verify-timeout-minutes`.',
    remedy: 'Find the cause in the activity log, then re-run the failed job.',
  });
}

/** Deletes the VM after a failure; that it cannot be is told, and does not hide the failure. */
async function discard({ step, context, vmId }: Attempt): Promise<void> {
  const { vm } = step;
  const { compute, report } = context;
  try {
    const found = await compute.vm(vm.id);
    // Whoever deletes it already may make another one under this name.
    const isOwn = vmId === undefined || found?.vmId === vmId;
    if (!found || !isOwn || !isThrowAwayOf(vm.version, found)) return;
    if (found.provisioningState === 'Deleting') return;
    if (isOfLivingRun(found, step, compute)) return;
    await removeThrowAway(vm.id, context);
  } catch (thrown) {
    report.warn(
      `The throw-away VM \`${nameOf(vm.id)}\` could not be deleted: ${asFailure(thrown).what} The next run deletes it; until then: az vm delete --yes --ids ${vm.id}`,
    );
  }
}

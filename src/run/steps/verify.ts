import { asFailure, type Failure, refused } from '../../domain/failure.ts';
import type { Vm } from '../../domain/observed.ts';
import { nameOf } from '../../domain/resource-id.ts';
import { isThrowAwayOf } from '../../domain/verification.ts';
import type { Verification } from '../../domain/verified.ts';
import { EXPECTED } from '../../plan/durations.ts';
import type { StepOf } from '../../plan/plan.ts';
import { type Interruption, stale } from '../interruption.ts';
import type { StepContext } from '../ports.ts';
import type { Allowance } from '../verify/allowance.ts';
import { evidenceOf } from '../verify/evidence.ts';
import {
  agentSilent,
  halted,
  isOfImage,
  notEnded,
  notMade,
  notProvisioned,
  otherVm,
  tooSlow,
} from '../verify/failures.ts';
import { haltOf } from '../verify/halt.ts';
import { isOfLivingRun } from '../verify/other-runs.ts';
import { removeThrowAway } from '../verify/removal.ts';
import { runVerifyScript, type ScriptVerdict } from '../verify/script.ts';
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
  const limit = new AbortController();
  const began = Date.now();
  const milliseconds = step.timeoutSeconds * 1000;
  const timer = setTimeout(() => limit.abort(OVER), milliseconds);
  const allowance: Allowance = {
    signal: limit.signal,
    left: () => (milliseconds - (Date.now() - began)) / 1000,
    isOver: () => limit.signal.aborted,
  };
  const own: Own = {};
  try {
    return await work(step, context, allowance, own);
  } catch (thrown) {
    if (!context.signal.aborted) await discard(step, context, own);
    throw thrown;
  } finally {
    clearTimeout(timer);
  }
}

const OVER = refused({
  what: 'The time for the verification is over.',
});

/** The VM that this attempt made: another run can delete it and make its own under the same name. */
interface Own {
  vmId?: string;
}

async function work(
  step: StepOf<'verify'>,
  context: StepContext,
  allowance: Allowance,
  own: Own,
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
  if (made === 'busy') return stale(`another run is verifying image version ${nameOf(vm.version)}`);
  if (made === 'gone') return stale(`image version ${nameOf(vm.version)} disappeared`);
  if (made !== 'provisioned') {
    const { failure, is } = made;
    if (is === 'refused' && !isOfImage(failure)) throw notMade(vm.version, failure);
    // What never had power says nothing of the image.
    const seen = is === 'late' ? await compute.vm(vm.id) : undefined;
    if (is === 'late' && (!seen || seen.power === 'unknown')) throw notMade(vm.version, failure);
    // Nothing can be run in a VM that Azure still makes, and nothing speaks against the image.
    if (is === 'late' && seen?.agentReady) throw notEnded(vm.version, minutes);
    const evidence = await evidenceOf(compute, vm.id);
    if (is === 'late') return verdict({ passed: false }, tooSlow(vm.version, minutes, evidence));
    const told = is === 'halted' ? halted(vm.version, evidence) : undefined;
    return verdict({ passed: false }, told ?? notProvisioned(vm.version, failure, evidence));
  }
  const boot = secondsSince(began);
  report.say(step, `${nameOf(vm.id)} booted in ${Math.round(boot)} s.`);

  const booted = Date.now();
  if (!(await agentReports(step, context, allowance, own))) {
    const evidence = await evidenceOf(compute, vm.id);
    return verdict({ passed: false, boot }, agentSilent(vm.version, minutes, evidence));
  }
  const agent = secondsSince(booted);
  report.say(step, `Its agent reported after ${Math.round(agent)} s.`);

  if (step.script === undefined) return verdict({ passed: true, boot, agent });
  const asked = Date.now();
  const ended: ScriptVerdict = await runVerifyScript(step, step.script, context, allowance).catch(
    async (thrown: unknown) => {
      context.signal.throwIfAborted();
      mustBe(own, await compute.vm(vm.id), vm.id);
      throw thrown;
    },
  );
  const { failure, exitCode } = ended;
  if (failure && exitCode === undefined) mustBe(own, await compute.vm(vm.id), vm.id);
  const script = secondsSince(asked);
  const came = { boot, agent, script, ...(exitCode !== undefined && { exitCode }) };
  return verdict({ passed: !failure, ...came }, failure);
}

const secondsSince = (began: number): number => (Date.now() - began) / 1000;

/** How it went: Azure's failure, or what it said last when the time was over. */
type Made =
  | 'provisioned'
  | 'gone'
  | 'busy'
  | { readonly is: 'late' | 'halted' | 'refused'; readonly failure: Failure };

/** Makes the VM; a boot that has visibly ended is not waited for. */
async function make(
  { vm, timeoutSeconds }: StepOf<'verify'>,
  { compute, signal, pollSeconds }: StepContext,
  allowance: Allowance,
): Promise<Made> {
  const [version, other] = await Promise.all([compute.version(vm.version), compute.vm(vm.id)]);
  if (!version) return 'gone';
  if (other && !isThrowAwayOf(vm.version, other)) throw nameTaken(vm.id);
  if (other && isOfLivingRun(other, { vm, timeoutSeconds }, compute)) return 'busy';
  await untilGone(vm.id, other, { compute, signal, pollSeconds }, allowance);
  let last: Failure | undefined;
  for (;;) {
    const halt = new AbortController();
    const end = new AbortController();
    if (vm.osType === 'Linux')
      void haltOf(compute, vm.id, AbortSignal.any([signal, end.signal]), pollSeconds).then(
        () => halt.abort(HALTED),
        () => undefined,
      );
    try {
      const limit = AbortSignal.any([allowance.signal, halt.signal]);
      await compute.createVm(vm, version.dataDisks ?? vm.dataDisks ?? [], limit);
      return 'provisioned';
    } catch (thrown) {
      signal.throwIfAborted();
      const failure = asFailure(thrown);
      if (halt.signal.aborted) return { is: 'halted', failure };
      if (allowance.isOver()) return { is: 'late', failure: last ?? failure };
      if (!isNotThereYet(failure)) return { is: 'refused', failure };
      last = failure;
    } finally {
      end.abort();
    }
    await sleep(Math.min(NOT_YET_SECONDS, pollSeconds ?? Infinity), signal);
  }
}

/** A VM that is being deleted keeps its name until it is gone. */
async function untilGone(
  id: string,
  seen: Vm | undefined,
  { compute, signal, pollSeconds }: Pick<StepContext, 'compute' | 'signal' | 'pollSeconds'>,
  allowance: Allowance,
): Promise<void> {
  if (seen?.provisioningState !== 'Deleting') return;
  const look = async () => ((await compute.vm(id)) ? undefined : true);
  const limitSeconds = allowance.left();
  const expectedSeconds = EXPECTED.remove;
  if (!(await watch(look, { expectedSeconds, limitSeconds, pollSeconds, signal })))
    throw stillThere(id);
}

const HALTED = refused({
  what: 'The boot has ended.',
});

/** A region that is called Completed may lack the image for minutes more (AgentBaker#8373). */
const isNotThereYet = ({ code }: Failure): boolean => code === 'GalleryImageNotFound';

const stillThere = (id: string) =>
  refused({
    what: `The throw-away VM cannot be made: Azure is still deleting an earlier one, \`${nameOf(id)}\`.`,
    remedy: 'Wait until it is gone, then re-run the failed job.',
  });

const nameTaken = (id: string) =>
  refused({
    what: `The throw-away VM cannot be made: another VM already has its name, \`${nameOf(id)}\`.`,
    why: 'It was not made of this image version, or its tags say that it is of another.',
    remedy: 'Delete or rename it, or give another group as `verify-resource-group`.',
  });

async function agentReports(
  { vm }: StepOf<'verify'>,
  { compute, signal, pollSeconds }: StepContext,
  allowance: Allowance,
  own: Own,
): Promise<boolean> {
  let missed = 0;
  const look = async () => {
    const seen = await compute.vm(vm.id);
    if (seen) own.vmId ??= seen.vmId;
    missed = seen ? 0 : missed + 1;
    // A look can be older than the VM.
    if (seen || missed > STALE_LOOKS) mustBe(own, seen, vm.id);
    return seen?.agentReady ? true : undefined;
  };
  const ready = await watch(look, {
    expectedSeconds: EXPECTED.firstAgent,
    pollSeconds,
    limitSeconds: Math.max(0, allowance.left()),
    signal,
  });
  if (!ready) mustBe(own, await compute.vm(vm.id), vm.id);
  return ready ?? false;
}

/** Throws when the VM is not there any more, is another one, or was deallocated: no word on the image. */
function mustBe({ vmId }: Own, seen: Vm | undefined, id: string): void {
  const isGoing = seen?.provisioningState === 'Deleting' || /^dealloc/.test(seen?.power ?? '');
  if (!seen || isGoing || seen.vmId !== vmId) throw otherVm(id);
}

/** Deletes the VM after a failure; that it cannot be is told, and does not hide the failure. */
async function discard(
  { vm, timeoutSeconds }: StepOf<'verify'>,
  { compute, report }: StepContext,
  { vmId }: Own,
): Promise<void> {
  try {
    const found = await compute.vm(vm.id);
    // Whoever deletes it already may make another one under this name.
    const isOwn = vmId === undefined || found?.vmId === vmId;
    if (!found || !isOwn || !isThrowAwayOf(vm.version, found)) return;
    if (found.provisioningState === 'Deleting') return;
    if (isOfLivingRun(found, { vm, timeoutSeconds }, compute)) return;
    await removeThrowAway(vm.id, { compute, report });
  } catch (thrown) {
    report.warn(
      `The throw-away VM \`${nameOf(vm.id)}\` could not be deleted: ${asFailure(thrown).what} The next run deletes it; until then: az vm delete --yes --ids ${vm.id}`,
    );
  }
}

import { randomUUID } from 'node:crypto';
import { Failure } from '../../domain/failure.ts';
import type { Vm } from '../../domain/observed.ts';
import {
  DEPROVISION_TAG,
  type DeprovisionMark,
  deprovisionMark,
  formatDeprovisionMark,
} from '../../domain/owner.ts';
import { withTags } from '../../domain/tags.ts';
import { EXPECTED } from '../../plan/durations.ts';
import type { StepOf } from '../../plan/plan.ts';
import { readConsole, readScheduling, scheduleDeprovision } from '../guest/linux.ts';
import type { Bench } from '../ports.ts';
import { sleep, watch } from '../wait.ts';

/** Seconds the serial log may lag behind the VM's power state. Invented: no source tells. */
const CONSOLE_LAG_SECONDS = 120;
/** Seconds between looks at the console while the guest is at work. */
const CONSOLE_EVERY_SECONDS = 30;

/**
 * Deprovisions the guest and waits until it has switched itself off. Running waagent inside Run
 * Command kills the agent that carries the command, which then hangs for ninety minutes
 * (WALinuxAgent#3547, azure.md §3); so Run Command only schedules a detached unit. A stopped VM
 * alone proves nothing: the VM is tagged before the unit is scheduled, the guest leaves a mark on
 * its serial console as its last act, and the tag says `complete` only once that mark was read.
 */
export async function deprovision(step: StepOf<'deprovision'>, bench: Bench) {
  const vm = await currentVm(step, bench);
  const earlier = await earlierMark(step, bench, vm);
  const mark = earlier?.begun ? earlier.mark : await begin(step, bench, vm, earlier?.mark);
  const ended = await waitUntilOff(step, bench, mark);
  await confirm(step, bench, mark, ended);
  await tag(step, bench, await currentVm(step, bench), { ...mark, stage: 'complete' });
}

async function currentVm(step: StepOf<'deprovision'>, { compute }: Bench): Promise<Vm> {
  const vm = await compute.vm(step.vm);
  if (vm) return vm;
  throw new Failure({
    kind: 'refused',
    what: `The build VM ${step.vm} is gone.`,
    why: 'Somebody deleted it while this run was at work on it.',
    remedy: 'Build the VM again, then run again.',
  });
}

/**
 * The mark that an earlier attempt of this run left, unless its unit failed. `begun` when the unit
 * is at work, or done: the guest is then left alone, since its agent may be stopped.
 */
async function earlierMark(
  step: StepOf<'deprovision'>,
  { compute, report, owner }: Bench,
  vm: Vm,
): Promise<{ readonly mark: DeprovisionMark; readonly begun: boolean } | undefined> {
  const mark = deprovisionMark(vm.tags);
  if (mark?.owner !== owner || mark.stage !== 'scheduled') return undefined;
  if (!isOn(vm)) return { mark, begun: true };
  const said = readConsole(await compute.serialLog(step.vm), mark.nonce);
  if (said.outcome === 'failed') return undefined;
  if (said.phase === undefined) return { mark, begun: false };
  report.say(step, `An earlier attempt of this run is at work in the guest (${said.phase}).`);
  return { mark, begun: true };
}

/** Tags the VM, then has its guest schedule the unit; with an earlier mark the VM is tagged. */
async function begin(
  step: StepOf<'deprovision'>,
  bench: Bench,
  vm: Vm,
  earlier: DeprovisionMark | undefined,
): Promise<DeprovisionMark> {
  if (!isOn(vm))
    throw new Failure({
      kind: 'refused',
      what: `${vm.name} is ${vm.power}, so its guest cannot be deprovisioned.`,
      why: 'It was running when this run looked at it first; somebody stopped it since.',
      remedy: 'Start the VM, then run again.',
    });
  const mark = earlier ?? (await tag(step, bench, vm, newMark(bench)));
  try {
    await schedule(step, bench, mark, vm);
  } catch (failure) {
    // The answer may have been lost, or an earlier unit have begun: the console will tell.
    if (isOn(await currentVm(step, bench))) throw failure;
  }
  return mark;
}

const isOn = ({ power }: Vm): boolean => power === 'running' || power === 'starting';

const newMark = ({ owner }: Bench): DeprovisionMark => ({
  stage: 'scheduled',
  owner,
  nonce: randomUUID().slice(0, 13),
});

async function tag(
  step: StepOf<'deprovision'>,
  { compute, report }: Bench,
  vm: Vm,
  mark: DeprovisionMark,
): Promise<DeprovisionMark> {
  if (!vm.bootDiagnostics)
    report.say(step, 'Switching on managed boot diagnostics, to read the serial console.');
  await compute.updateVm(step.vm, {
    tags: withTags(vm.tags, { [DEPROVISION_TAG]: formatDeprovisionMark(mark) }),
    enableBootDiagnostics: !vm.bootDiagnostics,
  });
  return mark;
}

async function schedule(
  step: StepOf<'deprovision'>,
  bench: Bench,
  { nonce }: DeprovisionMark,
  vm: Vm,
) {
  const { compute, report } = bench;
  const { script } = step;
  const order = scheduleDeprovision({ nonce, ...(script && { script }) });
  const printed = await compute.runScript(step.vm, order).catch(async (failure: unknown) => {
    if (wasRefused(failure) || !(await hasBegun(step, bench, nonce))) throw failure;
    return undefined;
  });
  if (printed === undefined) {
    report.say(step, 'Run Command gave no answer, but the guest is at work.');
    return;
  }
  const result = readScheduling(printed);
  switch (result.outcome) {
    case 'scheduled':
      report.say(step, 'Scheduled in the guest; it switches the VM off when it is done.');
      return;
    case 'already-scheduled':
      report.say(step, 'An earlier attempt has scheduled it in the guest already.');
      return;
    case 'refused':
      throw new Failure({
        kind: 'refused',
        what: `The guest of ${vm.name} is not ready to be deprovisioned.`,
        why: result.findings.map((finding) => finding.message).join(' '),
        remedy: `${result.findings.map((finding) => finding.remedy).join(' ')} Nothing was changed in the guest.`,
      });
    case 'unknown':
      throw new Failure({
        kind: 'refused',
        what: `The guest of ${vm.name} did not answer as expected when its deprovision was to be scheduled.`,
        why: printed ? `It printed: ${printed}` : 'It printed nothing.',
        remedy: 'Look whether Run Command works on this VM (`az vm run-command invoke`).',
      });
  }
}

/** Whether Azure said no at once, so that no attempt can have reached the guest. */
const wasRefused = (failure: unknown): boolean =>
  failure instanceof Failure && failure.kind === 'refused' && failure.status !== undefined;

/**
 * Whether the guest is heard to work although Run Command failed: an attempt whose answer was lost
 * may have scheduled the unit, which stopped the agent under the next attempt.
 */
const hasBegun = (step: StepOf<'deprovision'>, bench: Bench, nonce: string) =>
  watch(
    async () => {
      if (!isOn(await currentVm(step, bench))) return true;
      const said = readConsole(await bench.compute.serialLog(step.vm), nonce);
      return said.outcome !== 'pending' || said.phase !== undefined || undefined;
    },
    { expectedSeconds: 30, limitSeconds: CONSOLE_LAG_SECONDS, ...bench },
  );

type Ended = 'off' | 'failed-in-guest' | 'too-late';

async function waitUntilOff(
  step: StepOf<'deprovision'>,
  { compute, signal, pollSeconds }: Bench,
  { nonce }: DeprovisionMark,
): Promise<Ended> {
  let consoleAt = EXPECTED.deprovision;
  const ended = await watch<Ended>(
    async (elapsed) => {
      const power = (await compute.vm(step.vm))?.power;
      if (power === 'stopped' || power === 'deallocated') return 'off';
      if (elapsed < consoleAt) return undefined;
      consoleAt = elapsed + CONSOLE_EVERY_SECONDS;
      const said = readConsole(await compute.serialLog(step.vm), nonce);
      return said.outcome === 'failed' ? 'failed-in-guest' : undefined;
    },
    {
      expectedSeconds: EXPECTED.deprovision,
      pollSeconds,
      limitSeconds: step.timeoutSeconds,
      signal,
    },
  );
  return ended ?? 'too-late';
}

/** Reads the guest's last words; throws unless they are the mark of a complete deprovision. */
async function confirm(
  step: StepOf<'deprovision'>,
  { compute, report, signal, pollSeconds }: Bench,
  { nonce }: DeprovisionMark,
  ended: Ended,
) {
  const read = async () => readConsole(await compute.serialLog(step.vm), nonce);
  let said = await read();
  const began = Date.now();
  while (ended === 'off' && said.outcome === 'pending') {
    if (Date.now() - began > CONSOLE_LAG_SECONDS * 1000) break;
    await sleep(pollSeconds ?? 15, signal);
    said = await read();
  }
  for (const line of said.log) report.say(step, `guest: ${line}`);
  if (ended === 'off' && said.outcome === 'complete') return;
  if (said.outcome === 'failed')
    throw new Failure({
      kind: 'refused',
      what: `The deprovision failed in the guest${said.phase ? ` in phase ${said.phase}` : ''}${said.exitCode === undefined ? '' : ` with exit code ${said.exitCode}`}.`,
      why: 'The lines marked "guest:" above are what it wrote.',
      remedy:
        'The VM was left running and is not marked generalized. Mend the cause, or build the VM again, then run again.',
    });
  throw ended === 'too-late' ? tooLate(step.timeoutSeconds) : unproven();
}

const tooLate = (seconds: number) =>
  new Failure({
    kind: 'refused',
    what: `The guest did not switch itself off within ${Math.round(seconds / 60)} minutes.`,
    why: 'Its deprovision hangs, or takes longer than usual; the lines marked "guest:" above are what its serial console shows, if anything.',
    remedy:
      'The VM was not generalized. If the deprovision only needs longer, raise `deprovision-timeout-minutes`; run the failed job again to take up waiting.',
  });

const unproven = () =>
  new Failure({
    kind: 'refused',
    what: 'The VM is stopped, but its serial console does not show that the deprovision completed.',
    why: 'Somebody may have stopped it in the midst of it, or the guest crashed.',
    remedy:
      'The VM was not generalized. Restore it from its snapshot or build it again; if you know that the deprovision completed, run with `deprovision: never`.',
  });

import { type Failure, refused } from '../../domain/failure.ts';
import { nameOf } from '../../domain/resource-id.ts';
import { ENDED_LATE, type ScriptResult } from '../guest/verify-script.ts';
import type { Evidence } from './evidence.ts';

/* How a verification ends badly, in words: of the image, or of what surrounds it. */

const told = ({ log, agent }: Evidence): string =>
  [
    `Its agent: ${agent}.`,
    log.length > 0
      ? `The end of its serial log:\n${log.map((line) => `  ${line}`).join('\n')}`
      : 'Its serial log is empty or cannot be read.',
  ].join(' ');

/** The image does not pass, and `latest` does not get it. */
const imageFails = (what: string, why: string, remedy: string): Failure =>
  refused({
    what,
    why,
    remedy:
      `${remedy} This run does not put the version into \`latest\`. Fix the image and build a new version.`.trim(),
  });

const vmOf = (version: string): string => `A VM made of image version ${nameOf(version)}`;

/** How a boot went that did not end well, with Azure's failure, or what it said last. */
export interface NotBooted {
  /** `late`: the time for the verification was over; `halted`: the console shows that it has ended. */
  readonly is: 'late' | 'halted' | 'refused';
  readonly failure: Failure;
}

export function notBooted(
  version: string,
  { is, failure }: NotBooted,
  minutes: number,
  evidence: Evidence,
): Failure {
  const why = told(evidence);
  switch (is) {
    case 'late':
      return imageFails(
        `${vmOf(version)} was not provisioned within ${minutes} minutes.`,
        why,
        'Look in the log for where the boot stops. If the image only needs longer, raise `verify-timeout-minutes`.',
      );
    case 'halted':
      return imageFails(
        `${vmOf(version)} did not boot: its serial log ends in a state that it does not leave by itself.`,
        why,
        'Look in the log for the disk, the file system or the kernel that is named there.',
      );
    case 'refused': {
      const { code } = failure;
      return imageFails(
        `${vmOf(version)} did not boot: Azure ended its provisioning${code ? ` with \`${code}\`` : ''}.`,
        `${failure.why ?? failure.what} ${why}`,
        'Look in the log for a kernel panic, a disk that was not found, or an agent that does not start. An image that was never deprovisioned, or whose definition should be specialized, ends so too.',
      ).with({ ...(code && { code }), cause: failure });
    }
  }
}

/** It is provisioned, yet nothing can be asked of it. */
export const agentSilent = (version: string, minutes: number, evidence: Evidence): Failure =>
  imageFails(
    `${vmOf(version)} booted, but its guest agent did not report within ${minutes} minutes.`,
    told(evidence),
    'Check that the agent is installed and enabled in the image, and that the subnet in `verify-subnet` lets it reach 168.63.129.16.',
  );

export function scriptFailed(version: string, { exitCode, output }: ScriptResult): Failure {
  const on = `on image version ${nameOf(version)}`;
  const why = output ? `The end of its output:\n${output}` : 'It printed nothing.';
  return exitCode === ENDED_LATE
    ? imageFails(
        `\`verify-script\` did not end in time ${on}, and was ended with exit code 124.`,
        why,
        'Raise `verify-timeout-minutes` if it only needs longer: boot and script share that time.',
      )
    : imageFails(`\`verify-script\` failed ${on} with exit code ${exitCode}.`, why, '');
}

/** It began, and nothing was heard of its end. */
export const scriptLost = (version: string, evidence: Evidence): Failure =>
  imageFails(
    `\`verify-script\` began on image version ${nameOf(version)}, but its end was never reported.`,
    `The script restarted or stopped the VM or its agent, which ends Run Command without a result. ${told(evidence)}`,
    'Leave restarts out of `verify-script`.',
  );

/** Nothing shows that the script arrived: that says nothing of the image. */
export const scriptUndelivered = (vm: string, cause: Failure | undefined): Failure =>
  refused({
    what: `\`verify-script\` got no result: Run Command on \`${nameOf(vm)}\` ${cause ? 'failed' : 'did not end in time'}, and nothing shows that the script began.`,
    why: cause ? (cause.why ?? cause.what) : 'Azure did not deliver it, or the guest lost it.',
    remedy:
      'This says nothing of the image. Re-run the failed job. If it happens again, check that nothing in the image or the network blocks 168.63.129.16, and that the script does not restart the VM.',
    ...(cause?.code && { code: cause.code }),
    ...(cause && { cause }),
  });

/** Somebody else deleted, replaced or deallocated it. */
export const otherVm = (vm: string): Failure =>
  refused({
    what: `The throw-away VM \`${nameOf(vm)}\` was deleted, replaced or deallocated before the verdict. This says nothing of the image.`,
    why: 'A tool or a person changed it, another job of the same matrix verified this version, or another run found it older than its own `verify-timeout-minutes`.',
    remedy: 'Find the cause in the activity log, then re-run the failed job.',
  });

/** Azure has not ended the creation, though the guest is up. */
export const notEnded = (version: string, minutes: number): Failure =>
  refused({
    what: `A VM made of image version ${nameOf(version)} has booted and its agent reports, but Azure did not end its creation within ${minutes} minutes. This says nothing against the image.`,
    why: 'The operation of Azure is stuck.',
    remedy: 'Re-run the failed job; it makes another VM.',
  });

/** Remedies for what kept Azure from making the VM, by its code. */
const SURROUNDINGS: readonly (readonly [code: RegExp, remedy: string])[] = [
  [
    /Quota/i,
    'Give `verify-vm-size` a size of a family with free quota, or ask for more: `az vm list-usage --location …` shows what is used.',
  ],
  [
    /Subnet|InvalidResourceReference/i,
    'Check `verify-subnet`: it must have a free address, be free to join, and be in the home region.',
  ],
  [
    /SkuNotAvailable|Allocation|Overconstrained|Capacity/i,
    'Give another `verify-vm-size`, or re-run the failed job later: Azure has no capacity for this size now.',
  ],
];

/** Why Azure made no VM, which says nothing of the image. */
export function notMade(version: string, cause: Failure): Failure {
  const text = `${cause.code ?? ''} ${cause.why ?? ''}`;
  const remedy = SURROUNDINGS.find(([code]) => code.test(text))?.[1];
  return cause.with({
    what: `No throw-away VM could be made of image version ${nameOf(version)}. This says nothing of the image. ${cause.what}`,
    remedy: [remedy, cause.remedy].filter(Boolean).join(' '),
    cause,
  });
}

/** Codes by which Azure says that the guest did not provision itself. */
export const isOfImage = ({ code = '' }: Failure): boolean =>
  /^OSProvisioning|ProvisioningTimedOut|^VMBootFail|^BootFail/i.test(code);

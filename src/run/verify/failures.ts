import { type Failure, refused } from '../../domain/failure.ts';
import type { ImageVersion } from '../../domain/gallery.ts';
import { isOutOfLatest } from '../../domain/latest.ts';
import { nameOf } from '../../domain/resource-id.ts';
import { joined } from '../../domain/words.ts';
import type { StepOf } from '../../plan/plan.ts';
import { stepToPaste } from '../../plan/step-to-paste.ts';
import type { Compute } from '../ports.ts';
import { evidenceOf } from './console.ts';

/* How a verification ends badly, of the image or of what surrounds it, in words. */

/**
 * Says of an image that does not pass what becomes of `latest`: what is in it stays there until somebody
 * takes it out.
 */
export function outOfLatest(failure: Failure, version: ImageVersion | undefined): Failure {
  const isIn = version !== undefined && !isOutOfLatest(version);
  const remedy = [
    failure.remedy,
    !isIn && 'This run does not put the version into `latest`.',
    'Fix the image and build a new version.',
    isIn && 'The version stays in `latest`. To take it out, run this step:',
  ];
  return failure.with({
    remedy: joined(' ', remedy),
    ...(isIn && {
      paste: stepToPaste({
        operation: 'promote',
        'source-image-version': version.id,
        'exclude-from-latest': 'true',
      }),
    }),
  });
}

const vmOf = (version: string): string => `A VM made of image version ${nameOf(version)}`;

const minutesOf = ({ timeoutSeconds }: StepOf<'verify'>): number =>
  Math.round(timeoutSeconds / 6) / 10;

/**
 * What it says against the image that its VM was not provisioned; throws what says nothing about the image.
 *
 * @param is `late`: the time for the verification was over; `halted`: the console shows that it has ended
 * @param failure Azure's, or what it said last
 */
export async function notBooted(
  compute: Compute,
  step: StepOf<'verify'>,
  is: 'late' | 'halted' | 'refused',
  failure: Failure,
): Promise<Failure> {
  const { id, version } = step.vm;
  const minutes = minutesOf(step);
  if (is === 'refused' && !isOfImage(failure)) throw notMade(version, failure);
  if (is === 'late') {
    const seen = await compute.vm(id);
    // What never had power says nothing about the image.
    if (!seen || seen.power === 'unknown') throw notMade(version, failure);
    // Nothing can be run in a VM that Azure still makes, and nothing speaks against the image.
    if (seen.agentReady)
      throw refused({
        what: `A VM made of image version ${nameOf(version)} has booted and its agent reports, but Azure did not end its creation within ${minutes} minutes. This says nothing about the image.`,
        why: 'The operation of Azure is stuck.',
        remedy: 'Re-run the failed job; it makes another VM.',
      });
  }
  const why = await evidenceOf(compute, id);
  switch (is) {
    case 'late':
      return refused({
        what: `${vmOf(version)} was not provisioned within ${minutes} minutes.`,
        why,
        remedy:
          'Look in the log for where the boot stops. If the image only needs longer, raise `verify-timeout-minutes`.',
      });
    case 'halted':
      return refused({
        what: `${vmOf(version)} did not boot: its serial log ends in a state that it does not leave by itself.`,
        why,
        remedy: 'Look in the log for the disk, the file system or the kernel that is named there.',
      });
    case 'refused': {
      const { code } = failure;
      return refused({
        what: `${vmOf(version)} did not boot: Azure ended its provisioning${code ? ` with \`${code}\`` : ''}.`,
        why: `${failure.why ?? failure.what} ${why}`,
        remedy:
          'Look in the log for a kernel panic, a disk that was not found, or an agent that does not start. An image that was never deprovisioned, or whose definition should be specialized, ends so too.',
        ...(code && { code }),
        cause: failure,
      });
    }
  }
}

/** It is provisioned, yet nothing can be asked of it. */
export const agentSilent = async (compute: Compute, step: StepOf<'verify'>): Promise<Failure> =>
  refused({
    what: `${vmOf(step.vm.version)} booted, but its guest agent did not report within ${minutesOf(step)} minutes.`,
    why: await evidenceOf(compute, step.vm.id),
    remedy:
      'Check that the agent is installed and enabled in the image, and that the subnet in `verify-subnet` lets it reach 168.63.129.16.',
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

/** Why Azure made no VM, which says nothing about the image. */
function notMade(version: string, cause: Failure): Failure {
  const text = `${cause.code ?? ''} ${cause.why ?? ''}`;
  const remedy = SURROUNDINGS.find(([code]) => code.test(text))?.[1];
  return cause.with({
    what: `No throw-away VM could be made of image version ${nameOf(version)}. This says nothing about the image. ${cause.what}`,
    remedy: joined(' ', [remedy, cause.remedy]),
    cause,
  });
}

/** Codes by which Azure says that the guest did not provision itself. */
const isOfImage = ({ code = '' }: Failure): boolean =>
  /^OSProvisioning|ProvisioningTimedOut|^VMBootFail|^BootFail/i.test(code);

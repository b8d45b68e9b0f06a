import type { Verification } from '../domain/verified.ts';
import { code, duration, folded } from './plain.ts';
import type { RunRecord } from './record.ts';

/** What is known of whether the image works, in a fold; empty when nothing is. */
export function verificationOf({ verification, steps }: RunRecord): string {
  if (!verification) return '';
  const { passed, vmSize, region } = verification;
  const parts = timesOf(verification).join(', ');
  const isGone = steps.some(
    ({ step, outcome }) => outcome === 'done' && step.do === 'delete' && step.label === 'verify-vm',
  );
  return folded(
    `Verification: ${passed ? 'passed' : 'failed'}${parts ? `: ${parts}` : ''}`,
    `A throw-away VM of size ${code(vmSize)} in ${code(region)}.${isGone ? ' It was deleted.' : ''}`,
  );
}

/** How long each part took, and how the script ended. */
export function timesOf({ boot, agent, script, exitCode }: Verification): string[] {
  const part = (name: string, seconds: number | undefined) =>
    seconds === undefined ? [] : [`${name} ${duration(seconds)}`];
  return [
    ...part('boot', boot),
    ...part('agent', agent),
    ...part('script', script),
    ...(exitCode === undefined ? [] : [`exit code ${exitCode}`]),
  ];
}

import type { FailureText } from '../domain/failure.ts';

/**
 * A step of a workflow that calls this action, ready to paste.
 *
 * @param inputs those that matter, by name; the sign-in is that of the job
 */
export const stepToPaste = (
  inputs: Readonly<Record<string, string>>,
): NonNullable<FailureText['paste']> => ({
  language: 'yaml',
  text: [
    '- uses: owner/azure-golden-image@<commit>',
    '  with:',
    '    # the sign-in inputs of this job, and:',
    ...Object.entries(inputs).map(([name, value]) => `    ${name}: ${value}`),
  ].join('\n'),
});

/** How a VM gets the disks of its snapshots back, as a sentence and a step. */
export const wayBack = (vm: string, isGeneralized: boolean) => ({
  text: 'To give the VM back the disks of its snapshots instead, run this step:',
  paste: stepToPaste({ operation: 'restore', vm, ...(isGeneralized && { recreate: 'true' }) }),
});

import { connect } from './azure/connect.ts';
import { hasAzSession } from './azure/sign-in/az-session.ts';
import { asFailure, Failure } from './domain/failure.ts';
import type { Target } from './domain/target.ts';
import { counted } from './domain/words.ts';
import { leaveComment } from './github/comment.ts';
import { append, whyNotWritable, writeWhole } from './github/files.ts';
import { isShutOut, shutOut } from './github/fork.ts';
import { gitHubIdToken } from './github/id-token.ts';
import type { InputSource } from './github/inputs/reader.ts';
import { assignmentOf, type Inputs, readInputs, refuse } from './github/inputs/requests.ts';
import { manifestOf } from './github/outputs.ts';
import { exitCodeOf, type RunRecord } from './github/record.ts';
import { GitHubReporter } from './github/report.ts';
import { inputSource, mask, tell, unwritableFiles } from './github/runner.ts';
import { fittedSummary, portalOf, summaryOf } from './github/summary.ts';
import { gitHubOrigin, pullRequestIn } from './github/workflow-run.ts';
import { converge } from './run/converge.ts';
import type { Operation } from './run/operation.ts';
import { captureOperation } from './run/operations/capture.ts';
import { promoteOperation } from './run/operations/promote.ts';
import { pruneOperation } from './run/operations/prune.ts';
import { restoreOperation } from './run/operations/restore.ts';
import { verifyOperation } from './run/operations/verify.ts';
import { waitOperation } from './run/operations/wait.ts';
import type { Compute } from './run/ports.ts';
import { aborted } from './run/wait.ts';

/** Milliseconds that a cancelled run may take to leave its record; GitHub grants 7.5 s. */
const GRACE_MS = 1500;

/** The `main` of the action: reads the inputs, brings Azure there, reports. Throws only its own faults. */
export async function runMain(): Promise<void> {
  const began = Date.now();
  const end = new AbortController();
  const release = listenForSignals(end);
  let compute: Compute | undefined;
  const source = inputSource(() => hasAzSession(process.env));
  const inputs = readInputs(source);
  const { operation, dryRun, environment, comment, token } = inputs;
  mask(token);
  const report = new GitHubReporter({ operation, dryRun, portal: portalOf(environment) });
  const unwritable = inputs.resultFile && whyNotWritable(inputs.resultFile);
  const withoutAzure = dryRun && isShutOut(pullRequestIn(), source);
  let failure: Failure | undefined;
  try {
    judgeFiles(unwritable);
    if (withoutAzure) {
      // Variables of the repository are withheld: what is not given is no mistake.
      refuse(inputs.mistakes.filter(({ missing }) => !missing));
      const findings = [shutOut(comment)];
      report.announce({ planned: [], findings, unchecked: [], before: [] });
    } else {
      const connected = (to: Compute) => {
        compute = to;
      };
      await Promise.race([aborted(end.signal), work(inputs, report, end, connected)]);
    }
  } catch (thrown) {
    failure = asFailure(end.signal.aborted ? end.signal.reason : thrown);
  }
  const seconds = (Date.now() - began) / 1000;
  const record = report.ended(seconds, compute?.wrote ?? false, failure);
  process.exitCode = exitCodeOf(record);
  const resultFile = unwritable ? undefined : inputs.resultFile;
  await leaveRecord(record, { ...inputs, resultFile, comment: comment && !withoutAzure }, source);
  release();
  // Whatever still waits for an answer is not waited for.
  if (end.signal.aborted) process.exit(1);
}

/**
 * Writes what remains of a run: the job summary, the result file, the comment on the pull request.
 * Never fails the job, and ends in time whatever GitHub does.
 */
async function leaveRecord(record: RunRecord, inputs: Inputs, source: InputSource): Promise<void> {
  const { resultFile, comment } = inputs;
  const summary = summaryOf(record);
  const file = process.env.GITHUB_STEP_SUMMARY;
  const unsaid = file && append(file, fittedSummary(summary));
  if (unsaid) tell(`The job summary could not be written: ${unsaid}.`);
  const result = `${JSON.stringify(manifestOf(record, gitHubOrigin()), undefined, 2)}\n`;
  const missing = resultFile && writeWhole(resultFile, result);
  if (missing) tell(`\`result-file\` could not be written: ${missing}.`);
  if (comment) await leaveComment(summary, inputs, source);
}

/** Throws what is wrong with the files that the run is to write, before it changes anything. */
function judgeFiles(unwritable: string | undefined): void {
  const wrong = unwritableFiles();
  if (unwritable) wrong.push(`\`result-file\` cannot be written: ${unwritable}.`);
  if (wrong.length === 0) return;
  throw new Failure({
    kind: 'input',
    what: wrong.join('\n'),
    remedy: 'Give the step files that it is allowed to write. Nothing was changed.',
  });
}

/** All that needs Azure; tells when it is connected, since what follows may throw. */
async function work(
  inputs: Inputs,
  report: GitHubReporter,
  end: AbortController,
  connected: (compute: Compute) => void,
): Promise<void> {
  const { request, signIn } = assignmentOf(inputs);
  const { dryRun, pollSeconds, timeoutSeconds } = inputs;
  const timer = setTimeout(() => end.abort(timedOut(timeoutSeconds)), timeoutSeconds * 1000);
  try {
    const shared = { signal: end.signal, pollSeconds, mask };
    const compute = await connect({
      ...shared,
      signIn,
      getIdToken: gitHubIdToken,
      say: (line) => report.info(line),
    });
    connected(compute);
    const carryOut = <T extends Target>(operation: Operation<T>) =>
      converge({ ...shared, compute, report, dryRun, operation });
    const origin = gitHubOrigin();
    switch (request.operation) {
      case 'wait':
        return await carryOut(waitOperation(request));
      case 'prune':
        return await carryOut(pruneOperation(request, origin));
      case 'promote':
        return await carryOut(promoteOperation(request, origin));
      case 'verify':
        return await carryOut(verifyOperation(request, origin));
      case 'restore':
        return await carryOut(restoreOperation(request, origin));
      case 'capture':
        return await carryOut(captureOperation(request, origin));
    }
  } finally {
    clearTimeout(timer);
  }
}

function listenForSignals(end: AbortController): () => void {
  const cancel = () => {
    setTimeout(() => process.exit(1), GRACE_MS).unref();
    end.abort(cancelled());
  };
  process.on('SIGINT', cancel);
  process.on('SIGTERM', cancel);
  return () => {
    process.off('SIGINT', cancel);
    process.off('SIGTERM', cancel);
  };
}

/** The end of a run that somebody cancelled. */
export const cancelled = (): Failure =>
  new Failure({
    kind: 'cancelled',
    what: 'The run was cancelled.',
    why: 'Operations that Azure has accepted continue.',
    remedy: 'Re-run the failed job; it resumes here.',
  });

/** The end of a run that used up its time. */
export const timedOut = (seconds: number): Failure =>
  new Failure({
    kind: 'timeout',
    what: `The run timed out: \`timeout-minutes\` allows ${counted(seconds / 60, 'minute')}.`,
    why: 'Operations that Azure has accepted continue.',
    remedy:
      'Re-run the failed job; it resumes here. If this happens often, raise `timeout-minutes`, and `timeout-minutes` of the job.',
  });

import { commentOf, markerOf } from './comment.ts';
import { append, writeWhole } from './files.ts';
import type { Inputs } from './inputs/inputs.ts';
import type { InputSource } from './inputs/reader.ts';
import { manifestOf } from './outputs.ts';
import { keepComment, whyNoComment } from './pull-request.ts';
import type { RunRecord } from './record.ts';
import { say, tell } from './runner.ts';
import { fittedSummary, summaryOf } from './summary.ts';
import { currentEvent, gitHubOrigin, pullRequestIn, workflowRun } from './workflow-run.ts';

/** Seconds that everything a run leaves may take. */
const REPORT_SECONDS = 45;

/**
 * Writes what remains of a run: the job summary, the result file, the comment on the pull request.
 * Never fails the job, and ends in time whatever GitHub does.
 */
export async function leaveRecord(
  record: RunRecord,
  { resultFile, comment, token, pollSeconds }: Inputs,
  source: InputSource,
): Promise<void> {
  const summary = summaryOf(record);
  const file = process.env.GITHUB_STEP_SUMMARY;
  const unsaid = file && append(file, fittedSummary(summary));
  if (unsaid) tell(`The job summary could not be written: ${unsaid}.`);
  const result = `${JSON.stringify(manifestOf(record, gitHubOrigin()), undefined, 2)}\n`;
  const missing = resultFile && writeWhole(resultFile, result);
  if (missing) tell(`\`result-file\` could not be written: ${missing}.`);
  if (comment) await leaveComment(summary, token, source, pollSeconds);
}

async function leaveComment(
  summary: string,
  token: string,
  source: InputSource,
  pollSeconds: number | undefined,
): Promise<void> {
  const pull = pullRequestIn();
  if (!pull) {
    const { problem } = currentEvent();
    tell(
      problem
        ? `\`comment\` is true, but the file of \`GITHUB_EVENT_PATH\` cannot be read: ${problem}. The job summary has all of it.`
        : `\`comment\` is true, but the event ${process.env.GITHUB_EVENT_NAME} that started this run has no pull request to comment on. The job summary has all of it.`,
      'notice',
    );
    return;
  }
  const run = workflowRun();
  const marker = markerOf(run, subjectOfComment(source));
  const text = commentOf(marker, summary, run);
  const signal = AbortSignal.timeout(REPORT_SECONDS * 1000);
  try {
    const outcome = await keepComment(pull.number, marker, text, token, signal, pollSeconds);
    say(`The comment on pull request #${pull.number}: ${outcome}.`);
  } catch (error) {
    tell(whyNoComment(error, pull.number), 'notice');
  }
}

/** Inputs that tell which VM and which definition. */
const SUBJECT = [
  'subscription-id',
  'resource-group',
  'vm',
  'gallery',
  'gallery-resource-group',
  'gallery-subscription-id',
  'image-definition',
] as const;

const subjectOfComment = ({ get }: InputSource) => ({
  ...Object.fromEntries(SUBJECT.map((name) => [name, get(name)])),
  // Of a version, only the definition: the next one is to have the same comment.
  source: get('source-image-version')
    .trim()
    .replace(/\/[^/]*$/, ''),
});

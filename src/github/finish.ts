import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as core from '@actions/core';
import { context } from '@actions/github';
import { type CommentOrigin, type CommentSubject, commentOf, markerOf } from './comment.ts';
import type { InputSource } from './inputs/reader.ts';
import type { Reporting } from './inputs/reporting.ts';
import { keepComment, pullRequestIn, whyNoComment } from './pull-request.ts';
import { outputsOf, type RunRecord } from './record.ts';
import { summaryOf } from './summary.ts';

/**
 * Writes what remains of a run: the job summary, the result file, the comment on the pull request.
 * Never fails the job.
 */
export async function leaveRecord(
  record: RunRecord,
  { resultFile, comment, token }: Reporting,
  source: InputSource,
): Promise<void> {
  const summary = summaryOf(record);
  try {
    if (process.env.GITHUB_STEP_SUMMARY) await core.summary.addRaw(summary).write();
  } catch (error) {
    core.warning(`The job summary could not be written: ${error}`);
  }
  if (resultFile) writeResult(record, resultFile);
  if (comment) await leaveComment(summary, token, source);
}

function writeResult(record: RunRecord, resultFile: string): void {
  try {
    mkdirSync(dirname(resultFile), { recursive: true });
    writeFileSync(resultFile, `${JSON.stringify(outputsOf(record), undefined, 2)}\n`);
  } catch (error) {
    core.warning(`\`result-file\` could not be written: ${error}`);
  }
}

const TITLE = { title: 'Azure Golden Image' };

async function leaveComment(summary: string, token: string, source: InputSource): Promise<void> {
  const pull = pullRequestIn();
  if (!pull) {
    core.notice(
      `\`comment\` is true, but the event ${context.eventName} that started this run has no pull request to comment on. The job summary has all of it.`,
      TITLE,
    );
    return;
  }
  const origin = originOfComment();
  const marker = markerOf(origin, subjectOfComment(source));
  try {
    const outcome = await keepComment(
      pull.number,
      marker,
      commentOf(marker, summary, origin),
      token,
    );
    core.info(`The comment on pull request #${pull.number}: ${outcome}.`);
  } catch (error) {
    core.notice(whyNoComment(error, pull.number), TITLE);
  }
}

function originOfComment(): CommentOrigin {
  const { env } = process;
  const head: unknown = context.payload.pull_request?.head?.sha;
  return {
    repository: env.GITHUB_REPOSITORY ?? '',
    workflow: env.GITHUB_WORKFLOW_REF?.split('@')[0] || context.workflow,
    workflowName: context.workflow,
    job: context.job,
    runId: String(context.runId),
    runAttempt: env.GITHUB_RUN_ATTEMPT ?? '',
    commits: [context.sha, typeof head === 'string' ? head : ''],
    serverUrl: context.serverUrl,
  };
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

const subjectOfComment = ({ get }: InputSource): CommentSubject => ({
  ...Object.fromEntries(SUBJECT.map((name) => [name, get(name)])),
  // Of a version, only the definition: the next one is to have the same comment.
  source: get('source-image-version')
    .trim()
    .replace(/\/[^/]*$/, ''),
});

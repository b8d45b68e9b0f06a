import { createHash } from 'node:crypto';
import { code, fittedLines, markdown } from './plain.ts';
import type { WorkflowRun } from './workflow-run.ts';

/** GitHub's limit of a comment's body, characters (its answer 422: "Body is too long"). */
export const LONGEST_BODY = 65_536;

/**
 * Hidden in the comment, so that it is found again: one for each workflow, job, VM and definition.
 * What differs in each run although it means the same, such as the run's ID in the name of a VM
 * that is built for it, is left out.
 *
 * @param resources what the comment is about, as the inputs have it: known also when they are wrong
 */
export function markerOf(run: WorkflowRun, resources: Readonly<Record<string, string>>): string {
  const { workflow, job } = run;
  const about = Object.entries(resources).map(([name, value]) => [name, lasting(value, run)]);
  const key = createHash('sha256')
    .update(JSON.stringify([workflow, job, about]))
    .digest('hex');
  return `<!-- azure-golden-image ${key.slice(0, 32)} -->`;
}

function lasting(value: string, { runId, runAttempt, commits }: WorkflowRun): string {
  const attempt = `(?:([-_.])${runAttempt}(?![0-9]))?`;
  const run = runId.length > 5 ? [new RegExp(`${runId}${attempt}`, 'g')] : [];
  const shas = commits
    .filter((sha) => /^[0-9a-f]{40}$/.test(sha))
    .map((sha) => new RegExp(`${sha.slice(0, 7)}[0-9a-f]*`, 'g'));
  return [...run, ...shas].reduce(
    (text, part) => text.replace(part, '*'),
    value.trim().toLowerCase(),
  );
}

const FOOTER = '\n\n<sub>';

/** A comment that GitHub takes: marker, the summary, and where it comes from. */
export function commentOf(marker: string, summary: string, origin: WorkflowRun): string {
  const { repository, workflowName, job, runId, serverUrl } = origin;
  const run = `${serverUrl}/${repository}/actions/runs/${runId}`;
  const footer = `${FOOTER}${markdown(workflowName)} / ${code(job)}: <a href="${run}">the run that last changed this</a></sub>\n`;
  const cut = `\n\n… and more: <a href="${run}">the summary of the run</a> has all of it.`;
  const room = LONGEST_BODY - marker.length - 1 - footer.length;
  return `${marker}\n${fittedLines(summary.trimEnd(), room, cut)}${footer}`;
}

/** Whether two comments say the same, whichever run they come from. */
export const sameText = (one: string, other: string): boolean =>
  withoutFooter(one) === withoutFooter(other);

function withoutFooter(body: string): string {
  const text = body.replaceAll('\r\n', '\n').trimEnd();
  const at = text.lastIndexOf(FOOTER);
  return at < 0 ? text : text.slice(0, at);
}

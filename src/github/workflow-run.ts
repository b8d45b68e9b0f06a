import { readFileSync, statSync } from 'node:fs';
import { messageOf } from '../domain/failure.ts';
import { JOB_TAG, RUN_TAG } from '../domain/owner.ts';
import { isRecord } from '../domain/plain-objects.ts';
import { REPOSITORY_TAG } from '../domain/snapshot-sets.ts';
import { OUR_PREFIX, type Tags } from '../domain/tags.ts';
import type { Origin } from '../plan/origin.ts';

/** GitHub's own limit of a webhook's payload ("Webhook events and payloads": 25 MB). */
const LARGEST_EVENT = 25 * 1024 * 1024;

let known: ReturnType<typeof readEvent> | undefined;

/** The event that started the workflow, in the file that the runner names; read once. */
export function currentEvent() {
  known ??= readEvent(process.env.GITHUB_EVENT_PATH);
  return known;
}

/** The payload of an event, empty where there is none; or why it cannot be read. Never throws. */
export function readEvent(path: string | undefined): {
  readonly payload: Payload;
  readonly problem?: string;
} {
  if (!path) return { payload: {} };
  try {
    const stats = statSync(path);
    if (!stats.isFile()) return { payload: {}, problem: 'it is not a file' };
    if (stats.size > LARGEST_EVENT) return { payload: {}, problem: `it has ${stats.size} bytes` };
    const value: unknown = JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
    return isRecord(value)
      ? { payload: value as Payload }
      : { payload: {}, problem: 'it holds no JSON object' };
  } catch (error) {
    return { payload: {}, problem: messageOf(error) };
  }
}

/** As much of a webhook's payload as tells the pull request. */
export interface Payload {
  readonly pull_request?: {
    readonly number?: number;
    readonly head?: {
      readonly repo?: { readonly full_name?: string } | null;
      readonly sha?: unknown;
    };
    readonly base?: { readonly repo?: { readonly full_name?: string } };
  };
  /** Of `issue_comment`; has a `pull_request` when it is one. */
  readonly issue?: { readonly number?: number; readonly pull_request?: unknown };
  readonly workflow_run?: { readonly pull_requests?: readonly { readonly number?: number }[] };
}

/**
 * The pull request in the event that started the workflow, and whether its branch lies in another
 * repository; `undefined` when it has none.
 */
export function pullRequestIn(payload: Payload = currentEvent().payload) {
  const { pull_request: pull, issue, workflow_run: run } = payload;
  const number =
    pull?.number ?? (issue?.pull_request ? issue.number : run?.pull_requests?.[0]?.number);
  // Becomes part of a path.
  if (!Number.isSafeInteger(number) || number === undefined || number < 1) return undefined;
  const base = pull?.base?.repo?.full_name;
  // A fork that was deleted meanwhile is null.
  return { number, fromFork: base !== undefined && pull?.head?.repo?.full_name !== base };
}

/** The run of the workflow, as GitHub's variables and its event tell it. */
export type WorkflowRun = ReturnType<typeof workflowRun>;

/** This run; empty is what GitHub does not say, as where somebody starts the bundle by hand. */
export function workflowRun() {
  const { env } = process;
  const sha = currentEvent().payload.pull_request?.head?.sha;
  const workflowName = env.GITHUB_WORKFLOW ?? '';
  return {
    /** `owner/name`. */
    repository: env.GITHUB_REPOSITORY ?? '',
    /** The workflow's file when known, or its name. */
    workflow: env.GITHUB_WORKFLOW_REF?.split('@')[0] || workflowName,
    workflowName,
    job: env.GITHUB_JOB ?? '',
    runId: env.GITHUB_RUN_ID ?? '',
    runAttempt: env.GITHUB_RUN_ATTEMPT ?? '',
    /** Commits that the run is of: the merge and the branch. */
    commits: [env.GITHUB_SHA ?? '', typeof sha === 'string' ? sha : ''] as const,
    serverUrl: env.GITHUB_SERVER_URL || 'https://github.com',
  };
}

/** The same for owner and provenance tags. */
export function gitHubOrigin(): Origin {
  const { repository, workflowName, job, runId, runAttempt, commits, serverUrl } = workflowRun();
  const number = currentEvent().payload.pull_request?.number;
  const all: Tags = {
    [REPOSITORY_TAG]: repository,
    [`${OUR_PREFIX}commit`]: commits[0],
    [`${OUR_PREFIX}ref`]: process.env.GITHUB_REF ?? '',
    [`${OUR_PREFIX}workflow`]: workflowName,
    [JOB_TAG]: job,
    [`${OUR_PREFIX}actor`]: process.env.GITHUB_ACTOR ?? '',
    [`${OUR_PREFIX}pull-request`]: typeof number === 'number' ? String(number) : '',
    [RUN_TAG]: `${serverUrl}/${repository}/actions/runs/${runId}/attempts/${runAttempt || '1'}`,
  };
  return {
    repository,
    runId,
    provenance: Object.fromEntries(Object.entries(all).filter(([, value]) => value)),
  };
}

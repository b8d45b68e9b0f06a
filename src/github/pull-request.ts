import { context, getOctokit } from '@actions/github';
import { sleep } from '../run/wait.ts';
import { hasMarker, sameText } from './comment.ts';

/** The pull request that a run is about. */
export interface PullRequest {
  readonly number: number;
  /** Its branch lies in another repository. */
  readonly fromFork: boolean;
}

/** As much of a webhook's payload as tells the pull request. */
export interface Payload {
  readonly pull_request?: {
    readonly number?: number;
    readonly head?: { readonly repo?: { readonly full_name?: string } | null };
    readonly base?: { readonly repo?: { readonly full_name?: string } };
  };
  /** Of `issue_comment`; has a `pull_request` when it is one. */
  readonly issue?: { readonly number?: number; readonly pull_request?: unknown };
  readonly workflow_run?: { readonly pull_requests?: readonly { readonly number?: number }[] };
}

/** The pull request in the event that started the workflow; `undefined` when it has none. */
export function pullRequestIn(payload: Payload = context.payload): PullRequest | undefined {
  const { pull_request: pull, issue, workflow_run: run } = payload;
  const number =
    pull?.number ?? (issue?.pull_request ? issue.number : run?.pull_requests?.[0]?.number);
  if (number === undefined) return undefined;
  const base = pull?.base?.repo?.full_name;
  // A fork that was deleted meanwhile is null.
  return { number, fromFork: base !== undefined && pull?.head?.repo?.full_name !== base };
}

/** What became of the comment. */
export type Outcome = 'created' | 'updated' | 'unchanged';

const ATTEMPTS = 3;
const ATTEMPT_MS = 20_000;
/** Seconds; GitHub asks for a minute after a secondary limit, more than a comment is worth. */
const LONGEST_PAUSE = 10;

type Octokit = ReturnType<typeof getOctokit>;

/**
 * Brings the one comment with this marker to this text: creates it, updates it in place, or leaves
 * it alone when it says the same. A comment with the marker by somebody else is never touched.
 *
 * Tries again after what may pass; looking first makes that safe, also when a comment was made
 * and the answer lost. Throws what GitHub answered last.
 */
export async function keepComment(
  pullRequest: number,
  marker: string,
  body: string,
  token: string,
): Promise<Outcome> {
  const octokit = getOctokit(token);
  for (let attempt = 1; ; attempt++) {
    try {
      return await sync(octokit, pullRequest, marker, body);
    } catch (error) {
      const pause = pauseAfter(error, attempt);
      if (attempt >= ATTEMPTS || pause === undefined || pause > LONGEST_PAUSE) throw error;
      await sleep(pause);
    }
  }
}

async function sync(octokit: Octokit, pullRequest: number, marker: string, body: string) {
  const { issues } = octokit.rest;
  // Given with each call: among the client's own options it would take the place of the proxy.
  const common = { ...context.repo, request: { signal: AbortSignal.timeout(ATTEMPT_MS) } };
  const found = await findOwn(octokit, common, pullRequest, marker);
  if (!found) {
    await issues.createComment({ ...common, issue_number: pullRequest, body });
    return 'created';
  }
  if (sameText(found.body ?? '', body)) return 'unchanged';
  await issues.updateComment({ ...common, comment_id: found.id, body });
  return 'updated';
}

type Common = typeof context.repo & { readonly request: { readonly signal: AbortSignal } };

/** The first comment of our own with the marker, on whichever page it is. */
async function findOwn(octokit: Octokit, common: Common, pullRequest: number, marker: string) {
  const pages = octokit.paginate.iterator(octokit.rest.issues.listComments, {
    ...common,
    issue_number: pullRequest,
    per_page: 100,
  });
  let self: string | undefined;
  for await (const { data } of pages)
    for (const comment of data) {
      if (!hasMarker(comment.body ?? '', marker)) continue;
      self ??= await ownLogin(octokit, common);
      if (bare(comment.user?.login ?? '') === self) return comment;
    }
  return undefined;
}

/**
 * Who the token belongs to. `GET /user` is refused to the tokens of apps, and so to a workflow's
 * own; GraphQL's `viewer` answers all (marocchino/sticky-pull-request-comment#332). It calls a bot
 * with or without `[bot]`, REST always with it.
 */
async function ownLogin(octokit: Octokit, { request }: Common): Promise<string> {
  const { viewer } = await octokit.graphql<{ viewer: { login: string } }>('{ viewer { login } }', {
    request,
  });
  return bare(viewer.login);
}

const bare = (login: string): string => login.replace(/\[bot\]$/, '').toLowerCase();

interface HttpFailure {
  readonly status?: number;
  readonly response?: { readonly headers?: Readonly<Record<string, string | number | undefined>> };
}

/** Seconds to wait before another attempt; `undefined` when none would help. */
function pauseAfter(error: unknown, attempt: number): number | undefined {
  const { status, response } = error as HttpFailure;
  const asked = Number(response?.headers?.['retry-after'] ?? Number.NaN);
  const limited = status === 429 || (status === 403 && !Number.isNaN(asked));
  const passing = status === undefined || status >= 500 || limited;
  return passing ? (Number.isNaN(asked) ? attempt : asked) : undefined;
}

/** Why the comment could not be kept, and what to do, for a notice. */
export function whyNoComment(error: unknown, pullRequest: number): string {
  const { status } = error as HttpFailure;
  const message = error instanceof Error ? error.message : String(error);
  const said = `The comment on pull request #${pullRequest} could not be kept up to date`;
  const instead = 'The job summary has all of it.';
  return status === 401 || status === 403 || status === 404
    ? `${said}: GitHub answered ${status} (${message}). \`github-token\` lacks the right. Add \`permissions: pull-requests: write\` to the job; a run for a pull request from a fork gets a token that may only read. ${instead}`
    : `${said}: ${status ? `GitHub answered ${status} (${message})` : `GitHub could not be reached (${message})`}. ${instead}`;
}

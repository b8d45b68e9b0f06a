import { messageOf } from '../domain/failure.ts';
import { sleep } from '../run/wait.ts';
import { commentOf, markerOf, sameText } from './comment-text.ts';
import type { InputSource } from './inputs/reader.ts';
import type { Inputs } from './inputs/requests.ts';
import { GitHubRefusal, gitHubApi, PAGE } from './rest.ts';
import { say, tell } from './runner.ts';
import { currentEvent, pullRequestIn, workflowRun } from './workflow-run.ts';

/** Seconds for keeping the comment up to date, whatever GitHub does. */
const COMMENT_SECONDS = 45;

/** Keeps the comment on the pull request up to date; never fails, and ends in time whatever GitHub does. */
export async function leaveComment(
  summary: string,
  { token, pollSeconds }: Pick<Inputs, 'token' | 'pollSeconds'>,
  source: InputSource,
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
  const marker = markerOf(run, resourcesOf(source));
  const text = commentOf(marker, summary, run);
  const signal = AbortSignal.timeout(COMMENT_SECONDS * 1000);
  try {
    const outcome = await keepComment(pull.number, marker, text, token, signal, pollSeconds);
    say(`The comment on pull request #${pull.number}: ${outcome}.`);
  } catch (error) {
    tell(whyNoComment(error, pull.number), 'notice');
  }
}

/** Inputs that tell which VM and which definition. */
const RESOURCES = [
  'subscription-id',
  'resource-group',
  'vm',
  'gallery',
  'gallery-resource-group',
  'gallery-subscription-id',
  'image-definition',
] as const;

const resourcesOf = ({ get }: InputSource) => ({
  ...Object.fromEntries(RESOURCES.map((name) => [name, get(name)])),
  // Of a version, only the definition: the next one is to have the same comment.
  source: get('source-image-version')
    .trim()
    .replace(/\/[^/]*$/, ''),
});

const ATTEMPTS = 3;
/** Seconds; GitHub asks for a minute after a secondary limit, more than a comment is worth. */
const LONGEST_PAUSE = 10;
/** GitHub takes no more than 2,500 comments on one issue ("Locked: too many comments"). */
const MOST_PAGES = 25;

/** As much of a comment as matters; nothing in an answer is relied on before it was looked at. */
interface Comment {
  readonly id?: unknown;
  readonly body?: unknown;
  readonly user?: {
    readonly id?: unknown;
    readonly login?: unknown;
    readonly type?: unknown;
  } | null;
}

/**
 * Brings the one comment with this marker to this text: creates it, updates it in place, or leaves
 * it alone when it says the same. A comment with the marker by somebody else is never touched.
 *
 * Tries again after what may pass; looking first makes that safe, also when a comment was made
 * and the answer lost. Throws what GitHub answered last, or the signal's reason.
 *
 * @param pollSeconds the user's `poll-interval`, which no pause exceeds that GitHub did not ask for
 */
async function keepComment(
  pullRequest: number,
  marker: string,
  body: string,
  token: string,
  signal: AbortSignal,
  pollSeconds?: number,
): Promise<'created' | 'updated' | 'unchanged'> {
  const { GITHUB_API_URL, GITHUB_REPOSITORY = '' } = process.env;
  const api = gitHubApi(GITHUB_API_URL || 'https://api.github.com', token, signal);
  const issues = `/repos/${GITHUB_REPOSITORY}/issues`;
  for (let attempt = 1; ; attempt++) {
    try {
      return await sync(api, issues, pullRequest, marker, body);
    } catch (error) {
      signal.throwIfAborted();
      const pause = pauseAfter(error, Math.min(attempt, pollSeconds ?? Infinity));
      if (attempt >= ATTEMPTS || pause === undefined || pause > LONGEST_PAUSE) throw error;
      await sleep(pause, signal);
    }
  }
}

async function sync(
  api: ReturnType<typeof gitHubApi>,
  issues: string,
  pullRequest: number,
  marker: string,
  body: string,
) {
  const comments = `${issues}/${pullRequest}/comments`;
  const found = await findOwn(api, comments, marker);
  if (!found) {
    await api.call('POST', comments, { body });
    return 'created';
  }
  if (sameText(String(found.body), body)) return 'unchanged';
  await api.call('PATCH', `${issues}/comments/${found.id}`, { body });
  return 'updated';
}

/** The first comment of our own that begins with the marker, on whichever page it is. */
async function findOwn(api: ReturnType<typeof gitHubApi>, comments: string, marker: string) {
  let self: Awaited<ReturnType<typeof api.viewer>> | undefined;
  for (let number = 1; number <= MOST_PAGES; number++) {
    const { items, more } = await api.page(comments, number);
    for (const comment of items as (Comment | null)[]) {
      if (typeof comment?.body !== 'string' || !comment.body.startsWith(marker)) continue;
      self ??= await api.viewer();
      if (isBy(self, comment) && Number.isSafeInteger(comment.id)) return comment;
    }
    if (!more) return undefined;
  }
  const many = `The pull request has more than ${MOST_PAGES * PAGE} comments`;
  throw new GitHubRefusal(many, { isFinal: true });
}

/**
 * Whether a comment is by the holder of the token, by type and ID: logins change hands. `GET /user`
 * is refused to the tokens of apps, and so to a workflow's own; GraphQL's `viewer` answers all
 * (fullsend-ai/fullsend#1953). It calls a bot with or without `[bot]`, REST always with it.
 */
function isBy(self: { readonly id: number; readonly login: string }, { user }: Comment): boolean {
  if (user?.id !== self.id || typeof user.login !== 'string') return false;
  const isBot = user.login.endsWith('[bot]');
  return (user.type === 'Bot') === isBot && bare(user.login) === bare(self.login);
}

const bare = (login: string): string => login.replace(/\[bot\]$/, '').toLowerCase();

/** Seconds to wait before another attempt; `undefined` when none would help. */
function pauseAfter(error: unknown, own: number): number | undefined {
  if (!(error instanceof GitHubRefusal)) return own;
  const { status, retryAfter, isFinal } = error;
  if (isFinal) return undefined;
  const limited = status === 429 || (status === 403 && retryAfter !== undefined);
  const passing = status === undefined || status >= 500 || limited;
  if (!passing) return undefined;
  return limited || status === 503 ? (retryAfter ?? own) : own;
}

/** Why the comment could not be kept, and what to do, for a notice. */
export function whyNoComment(error: unknown, pullRequest: number): string {
  const { status } = error as { readonly status?: number };
  const message = messageOf(error);
  const said = `The comment on pull request #${pullRequest} could not be kept up to date`;
  const instead = 'The job summary has all of it.';
  const reached =
    error instanceof GitHubRefusal ? message : `GitHub could not be reached (${message})`;
  return status === 401 || status === 403 || status === 404
    ? `${said}: GitHub answered ${status} (${message}). \`github-token\` lacks the right. Add \`permissions: pull-requests: write\` to the job; a run for a pull request from a fork gets a token that is only allowed to read. ${instead}`
    : `${said}: ${status ? `GitHub answered ${status} (${message})` : reached}. ${instead}`;
}

/** Tokens of GitHub's REST API: whose they are, what they are allowed to do, and the refusals of the rest. */
import type { Context } from 'hono';
import type { Env } from './arm.ts';
import { respond } from './arm.ts';

/** What a workflow run has by default in the local Azure: it may write comments. */
export const GITHUB_TOKEN = 'local-github-token';

/** Whose a token is, and what it may do to issues and pull requests. */
interface Holder {
  readonly user: { readonly login: string; readonly id: number; readonly type: 'Bot' | 'User' };
  /** `hidden`: the repository does not exist for it. */
  readonly may: 'write' | 'read' | 'nothing' | 'hidden';
}

const BOT = { login: 'github-actions[bot]', id: 41898282, type: 'Bot' } as const;
const OCTOCAT = { login: 'octocat', id: 583231, type: 'User' } as const;

/** The tokens that the API takes; any other is refused. */
const HOLDERS: ReadonlyMap<string, Holder> = new Map(
  Object.entries<Holder>({
    [GITHUB_TOKEN]: { user: BOT, may: 'write' },
    // As a run for a pull request from a fork has it.
    'local-github-token-read': { user: BOT, may: 'read' },
    // As a job with other permissions than `pull-requests` has it, in a private repository.
    'local-github-token-nothing': { user: BOT, may: 'nothing' },
    'local-github-token-octocat': { user: OCTOCAT, may: 'write' },
    // A person whose login is the bot's but for `[bot]`.
    'local-github-token-namesake': {
      user: { ...OCTOCAT, login: 'github-actions', id: 2 },
      may: 'write',
    },
    'local-github-token-stranger': {
      user: { ...OCTOCAT, login: 'stranger', id: 1 },
      may: 'hidden',
    },
  }),
);

const tokenOf = (context: Context<Env>): string | undefined =>
  context.req.header('authorization')?.replace(/^(token|bearer)\s+/i, '');

/** Whose token a request bears. */
export const holderOf = (context: Context<Env>): Holder | undefined =>
  HOLDERS.get(tokenOf(context) ?? '');

/** The refusal of a request that its token does not allow, as GitHub words it. */
export function guarded(context: Context<Env>): Response | undefined {
  const holder = holderOf(context);
  if (holder === undefined) return unauthorized(context);
  const needed = context.req.method === 'GET' ? ['read', 'write'] : ['write'];
  if (holder.may === 'hidden') return notFound();
  return needed.includes(holder.may) ? undefined : forbidden(needed[0] ?? '');
}

function unauthorized(context: Context<Env>): Response {
  const message = tokenOf(context) === undefined ? 'Requires authentication' : 'Bad credentials';
  return respond({ status: 401, body: { message, status: '401' } });
}

/** (doc "Permissions required for GitHub Apps"; iss peter-evans/create-or-update-comment#188.) */
function forbidden(needed: string): Response {
  const body = {
    message: 'Resource not accessible by integration',
    documentation_url: 'https://docs.github.com/rest/issues/comments',
    status: '403',
  };
  const accepted = `issues=${needed}; pull_requests=${needed}`;
  return respond({ status: 403, body, headers: { 'x-accepted-github-permissions': accepted } });
}

/** GitHub's answer for what is not there, or not to be seen. */
export const notFound = (): Response =>
  respond({ status: 404, body: { message: 'Not Found', status: '404' } });

/**
 * GraphQL, as far as to ask who one is (iss marocchino/sticky-pull-request-comment#332, and for the
 * ID fullsend-ai/fullsend#1953).
 */
export function viewer(context: Context<Env>): Response {
  const holder = holderOf(context);
  if (holder === undefined) return unauthorized(context);
  const { login, id } = holder.user;
  const databaseId = context.env.text.includes('databaseId') ? { databaseId: id } : {};
  return respond({ status: 200, body: { data: { viewer: { login, ...databaseId } } } });
}

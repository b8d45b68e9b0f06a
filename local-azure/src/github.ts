/** What the action uses of GitHub: ID tokens, and comments on issues and pull requests. */
import type { Context, Hono } from 'hono';
import type { Env } from './arm.ts';
import { respond } from './arm.ts';
import { guarded, holderOf, notFound, viewer } from './github-tokens.ts';
import { GITHUB_ISSUER } from './identity.ts';
import { isObject, type JsonObject, textAt } from './json.ts';
import { gitHubSigner } from './jwt.ts';
import type { Random } from './random.ts';

/** What `ACTIONS_ID_TOKEN_REQUEST_TOKEN` must be. */
export const ID_TOKEN_REQUEST_TOKEN = 'local-github-id-token-request';
/** GitHub's own host, for clients that reach it through a proxy that leads here. */
export const GITHUB_API_HOST = 'api.github.com';
/** Base path of GitHub's REST API. */
export const GITHUB_API = '/github';
/** Those of GitHub Enterprise Server: GraphQL stands beside the version of REST. */
const ENTERPRISE = { rest: '/api/v3', graphql: '/api/graphql' } as const;
/** Path and query of the ID-token endpoint; clients append `&audience=`. */
export const ID_TOKEN_URL = '/actions/idtoken?api-version=2.0';

const PAGE = 30;
const LARGEST_PAGE = 100;
const LONGEST_BODY = 65_536;

/** Owner and repository of the workflow run that ID tokens are for. */
const OWNER = { name: 'contoso', id: '6844498' };
const REPOSITORY = { name: 'images', id: '74729214' };

/**
 * How a token's subject names the repository: with the IDs of owner and repository, as GitHub does for
 * repositories created, renamed or transferred since 15 July 2026, or with names alone, as before and
 * on GitHub Enterprise Server (Learn, "Migrate GitHub Actions federated credentials to immutable
 * subjects").
 */
export type SubjectForm = 'ids' | 'names';

const SUBJECTS: Readonly<Record<SubjectForm, string>> = {
  ids: `repo:${OWNER.name}@${OWNER.id}/${REPOSITORY.name}@${REPOSITORY.id}`,
  names: `repo:${OWNER.name}/${REPOSITORY.name}`,
};

/** A comment as the REST API shows it. */
interface Comment extends JsonObject {
  id: number;
  body: string;
}

/** GitHub's state: comments by `owner/repo#number`, in lower case. */
export class GitHub {
  readonly comments = new Map<string, Comment[]>();
  readonly #random: Random;
  readonly #assertionSeconds: number;
  readonly #subject: string;
  readonly #issuer: string;
  #nextId = 1001;

  constructor(
    random: Random,
    token: {
      readonly seconds: number;
      readonly subject: SubjectForm | undefined;
      readonly issuer: string | undefined;
    },
  ) {
    this.#random = random;
    this.#assertionSeconds = token.seconds;
    this.#subject = SUBJECTS[token.subject ?? (token.issuer === undefined ? 'ids' : 'names')];
    this.#issuer = token.issuer ?? GITHUB_ISSUER;
  }

  /** An ID token for a workflow run on `main`, with the claims of GitHub's documented example. */
  idToken(audience: string): string {
    const now = Math.floor(Date.now() / 1000);
    const repository = `${OWNER.name}/${REPOSITORY.name}`;
    return gitHubSigner.sign({
      jti: this.#random.uuid(),
      sub: `${this.#subject}:ref:refs/heads/main`,
      aud: audience,
      ref: 'refs/heads/main',
      sha: this.#random.hex(40),
      repository,
      repository_owner: OWNER.name,
      repository_owner_id: OWNER.id,
      repository_id: REPOSITORY.id,
      repository_visibility: 'private',
      run_id: '8203415672',
      run_number: '42',
      run_attempt: '1',
      runner_environment: 'github-hosted',
      actor: 'octocat',
      actor_id: '583231',
      workflow: 'image',
      workflow_ref: `${repository}/.github/workflows/image.yml@refs/heads/main`,
      job_workflow_ref: `${repository}/.github/workflows/image.yml@refs/heads/main`,
      head_ref: '',
      base_ref: '',
      event_name: 'push',
      ref_type: 'branch',
      iss: this.#issuer,
      nbf: now - 600,
      exp: now + this.#assertionSeconds,
      iat: now,
    });
  }

  /** Registers the ID-token endpoint, its issuer's keys, and the REST calls. */
  register(app: Hono<Env>): void {
    app.get('/actions/idtoken', (context) => this.#idToken(context));
    const keys = (): Response => respond({ status: 200, body: { keys: [gitHubSigner.jwk()] } });
    app.get('/actions/.well-known/jwks', keys);
    for (const base of [GITHUB_API, ENTERPRISE.rest]) {
      const inIssue = `${base}/repos/:owner/:repo/issues/:number/comments`;
      const one = `${base}/repos/:owner/:repo/issues/comments/:id`;
      app.get(inIssue, (context) => guarded(context) ?? this.#list(context));
      app.post(inIssue, (context) => guarded(context) ?? this.#create(context));
      app.on(['GET', 'PATCH', 'DELETE'], one, (context) => guarded(context) ?? this.#one(context));
    }
    for (const path of [`${GITHUB_API}/graphql`, ENTERPRISE.graphql])
      app.post(path, (context) => viewer(context));
  }

  #idToken(context: Context<Env>): Response {
    if (context.req.header('authorization') !== `Bearer ${ID_TOKEN_REQUEST_TOKEN}`) {
      return respond({ status: 401, body: { message: 'Unauthorized' } });
    }
    const audience = new URL(context.req.url).searchParams.get('audience');
    const value = this.idToken(audience ?? 'https://github.com/contoso');
    return respond({ status: 200, body: { count: value.length, value } });
  }

  #list(context: Context<Env>): Response {
    const url = new URL(context.req.url);
    const size = Math.min(Number(url.searchParams.get('per_page') ?? PAGE), LARGEST_PAGE);
    const page = Number(url.searchParams.get('page') ?? 1);
    const all = this.#commentsOf(context);
    const headers: Record<string, string> = {};
    if (all.length > page * size) {
      url.searchParams.set('page', String(page + 1));
      headers.link = `<${url}>; rel="next"`;
    }
    return respond({ status: 200, body: all.slice((page - 1) * size, page * size), headers });
  }

  #create(context: Context<Env>): Response {
    const body = bodyOf(context);
    if (body === undefined) return unprocessable();
    if (body.length > LONGEST_BODY) return tooLong();
    const id = this.#nextId++;
    const [owner, repo, , number] =
      new URL(context.req.url).pathname.split('/repos/')[1]?.split('/') ?? [];
    const { origin } = new URL(context.req.url);
    const comment: Comment = {
      id,
      node_id: `IC_${id}`,
      url: `${origin}${GITHUB_API}/repos/${owner}/${repo}/issues/comments/${id}`,
      html_url: `https://github.com/${owner}/${repo}/issues/${number}#issuecomment-${id}`,
      issue_url: `${origin}${GITHUB_API}/repos/${owner}/${repo}/issues/${number}`,
      body,
      user: { ...holderOf(context)?.user },
      created_at: seconds(),
      updated_at: seconds(),
      author_association: 'NONE',
    };
    this.#commentsOf(context).push(comment);
    return respond({ status: 201, body: comment });
  }

  #one(context: Context<Env>): Response {
    const id = Number(context.req.param('id'));
    for (const comments of this.comments.values()) {
      const index = comments.findIndex((each) => each.id === id);
      const comment = comments[index];
      if (comment === undefined) continue;
      if (context.req.method === 'DELETE') {
        comments.splice(index, 1);
        return respond({ status: 204 });
      }
      if (context.req.method === 'PATCH') {
        const body = bodyOf(context);
        if (body === undefined) return unprocessable();
        if (body.length > LONGEST_BODY) return tooLong();
        Object.assign(comment, { body, updated_at: seconds() });
      }
      return respond({ status: 200, body: comment });
    }
    return notFound();
  }

  #commentsOf(context: Context<Env>): Comment[] {
    const { owner, repo, number } = context.req.param();
    const key = `${owner}/${repo}#${number}`.toLowerCase();
    const known = this.comments.get(key) ?? [];
    this.comments.set(key, known);
    return known;
  }
}

function bodyOf(context: Context<Env>): string | undefined {
  try {
    const value: unknown = JSON.parse(context.env.text);
    return isObject(value) ? textAt(value, 'body') : undefined;
  } catch {
    return undefined;
  }
}

function unprocessable(): Response {
  const message = "Invalid request.\n\nFor 'properties/body', nil is not a string.";
  return respond({ status: 422, body: { message, status: '422' } });
}

/** (iss actions/toolkit and others: 422 "Body is too long".) */
function tooLong(): Response {
  const detail = `Body is too long (maximum is ${LONGEST_BODY} characters)`;
  const errors = [
    { resource: 'IssueComment', code: 'unprocessable', field: 'data', message: detail },
  ];
  return respond({ status: 422, body: { message: 'Validation Failed', errors, status: '422' } });
}

function seconds(): string {
  return `${new Date(Date.now()).toISOString().slice(0, 19)}Z`;
}

import { addAbortSignal } from 'node:stream';
import { HttpClient, type HttpClientResponse } from '@actions/http-client';
import { jsonIn } from '../domain/plain-objects.ts';
import { aborted } from '../run/wait.ts';

/** An answer of GitHub's that is not what was asked for. */
export class GitHubRefusal extends Error {
  override readonly name = 'GitHubRefusal';
  /** HTTP status; absent when the answer itself was malformed. */
  readonly status?: number;
  /** Seconds that GitHub asks to wait. */
  readonly retryAfter?: number;
  /** Asking again would give the same. */
  readonly isFinal?: true;

  constructor(
    message: string,
    more: Partial<Pick<GitHubRefusal, 'status' | 'retryAfter' | 'isFinal'>> = {},
  ) {
    super(message);
    Object.assign(this, more);
  }
}

/** Milliseconds without a byte after which a request has failed. */
const SILENCE_MS = 10_000;
/** Bytes of one answer: 100 comments of the longest kind, in UTF-8 and escaped, have less. */
const LARGEST_ANSWER = 32 * 1024 * 1024;
/** Items of a page: the most that GitHub gives. */
export const PAGE = 100;

/**
 * GitHub's REST and GraphQL API for one token, through the proxy of the environment. Every URL is
 * built here: no link in an answer is followed. A request ends with the signal, after ten seconds
 * of silence, or when its answer is too large.
 */
export function gitHubApi(url: string, token: string, signal: AbortSignal) {
  const rest = url.replace(/\/+$/, '');
  const headers = {
    accept: 'application/vnd.github+json',
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'x-github-api-version': '2022-11-28',
  };
  const client = new HttpClient('azure-golden-image', [], {
    allowRedirects: false,
    allowRetries: false,
    socketTimeout: SILENCE_MS,
  });

  /** The JSON of a successful answer; throws a `GitHubRefusal` for any other. */
  const call = async (method: 'POST' | 'PATCH', path: string, body: unknown, base = rest) =>
    (await ask(method, `${base}${path}`, body)).value;

  /**
   * A page of a list, and whether another follows. GitHub says so in `Link` ("Using pagination in the
   * REST API"), also on a page that is shorter than was asked for. A proxy may have dropped that header,
   * so a full page counts too.
   */
  async function page(path: string, number: number): Promise<{ items: unknown[]; more: boolean }> {
    const url = `${rest}${path}?per_page=${PAGE}&page=${number}`;
    const { value, link = '' } = await ask('GET', url);
    if (!Array.isArray(value)) throw new GitHubRefusal('GitHub answered with no list');
    return { items: value, more: value.length >= PAGE || /;\s*rel="?next\b/i.test(`${link}`) };
  }

  async function ask(method: 'GET' | 'POST' | 'PATCH', url: string, body?: unknown) {
    signal.throwIfAborted();
    const text = body === undefined ? null : JSON.stringify(body);
    const asked = client.request(method, url, text, { ...headers });
    const answer = await Promise.race([asked, aborted(signal)]);
    const said = await bodyOf(answer, signal);
    const status = answer.message.statusCode ?? 0;
    const value = jsonIn(said);
    if (status >= 200 && status < 300) {
      if (value === undefined) throw new GitHubRefusal('GitHub answered with no JSON');
      return { value, link: answer.message.headers.link };
    }
    const { message } = (value ?? {}) as { message?: unknown };
    const asks = Number(answer.message.headers['retry-after'] ?? Number.NaN);
    throw new GitHubRefusal(
      typeof message === 'string' ? message.slice(0, 500) : `HTTP ${status}`,
      { status, ...(!Number.isNaN(asks) && { retryAfter: asks }) },
    );
  }

  /** Whose token it is. GitHub Enterprise Server has GraphQL beside the REST API's `/v3`. */
  async function viewer(): Promise<{ readonly id: number; readonly login: string }> {
    const query = '{ viewer { login databaseId } }';
    const found = (await call('POST', '/graphql', { query }, rest.replace(/\/v3$/, ''))) as {
      data?: { viewer?: { login?: unknown; databaseId?: unknown } | null } | null;
    } | null;
    const { login, databaseId } = found?.data?.viewer ?? {};
    if (typeof login !== 'string' || typeof databaseId !== 'number')
      throw new GitHubRefusal('GitHub did not say whose token this is');
    return { id: databaseId, login };
  }

  return { call, page, viewer };
}

async function bodyOf({ message }: HttpClientResponse, signal: AbortSignal): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of addAbortSignal(signal, message)) {
    size += part.length;
    if (size > LARGEST_ANSWER) throw new GitHubRefusal('GitHub’s answer does not end');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

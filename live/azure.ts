/** Azure Resource Manager as the Azure CLI is signed in to it; a refusal is an answer like any other. */
import { execFileSync } from 'node:child_process';
import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  // biome-ignore lint/suspicious/noExplicitAny: whatever Azure says; each question looks for itself
  readonly body: any;
}

const az = (...parameters: string[]): string =>
  execFileSync('az', [...parameters, '--output', 'tsv'], { encoding: 'utf8' }).trim();

const endpoint = az('cloud', 'show', '--query', 'endpoints.resourceManager').replace(/\/$/, '');
const [token = '', subscription = ''] = az(
  ...['account', 'get-access-token', '--query', '[accessToken, subscription]'],
).split(/\s+/);

export const subscriptionId = `/subscriptions/${subscription}`;

/** Sends a request to a path with its `api-version`, or to a URL that Azure gave. */
export function ask(method: string, path: string, body?: unknown): Promise<Answer> {
  const url = new URL(path, endpoint);
  if (url.origin !== new URL(endpoint).origin) throw new Error(`${url.host} gets no token`);
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: text && read(text),
        }),
      );
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** What a gateway says in HTML is shown as it is, like any other answer. */
function read(text: string) {
  try {
    return JSON.parse(text);
  } catch {
    return { error: { code: 'no JSON', message: text.slice(0, 200) } };
  }
}

/** `accepted`, `refused`, or that Azure did not come to an answer; the code of an error goes to the log. */
export function outcome({ status, body }: Answer): string {
  const error = body?.error ?? body;
  if (status < 400) return 'accepted';
  console.error(`refused with ${status}: ${error?.code} ${error?.message}`);
  return status === 401 || status === 403 || isBusy(status) ? `no answer, ${status}` : 'refused';
}

const isBusy = (status: number) => status === 429 || status >= 500;

/** Whether an operation goes on, as its answer to a poll says. */
export const isAtIt = ({ status, body }: Answer) =>
  status === 202 || /progress|running/i.test(body?.status ?? '');

/** Waits for the operation that an answer started: how it ended, or `InProgress` when the time is over. */
export async function settled(started: Answer, mostSeconds = 3600): Promise<Answer> {
  const { headers } = started;
  const poll = headers['azure-asyncoperation'] ?? headers.location;
  if (started.status >= 400 || typeof poll !== 'string') return started;
  const end = Date.now() + (mostSeconds * 1000) / speed;
  for (;;) {
    const answer = await ask('GET', poll);
    const isOver = Date.now() >= end;
    const { status } = answer;
    if (!(isBusy(status) || isAtIt(answer)) || isOver) return answer;
    await pause(5);
  }
}

/** Seconds of Azure's in one of ours: more than one on a local Azure. */
export const speed = Number(process.env.LIVE_SPEED ?? 1);
export const pause = (seconds: number) => sleep((seconds * 1000) / speed);

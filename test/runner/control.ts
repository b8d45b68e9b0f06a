import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import type { Listening } from './local-azure-process.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** One request with nothing but HTTP, trusting the local Azure's own authority. */
export function http(
  { endpoint, caFile }: Pick<Listening, 'endpoint' | 'caFile'>,
  method: string,
  path: string,
  options: { readonly body?: unknown; readonly headers?: Record<string, string> } = {},
): Promise<Answer> {
  const body = textOf(options.body);
  return new Promise((resolve, reject) => {
    const headers = {
      ...(body !== undefined && {
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(body)),
      }),
      ...options.headers,
    };
    const call = request(
      new URL(path, endpoint),
      { method, headers, ca: readFileSync(caFile), agent: false },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        );
      },
    );
    call.on('error', reject);
    call.end(body);
  });
}

/** The text that carries this body: itself if it is one. */
export const textOf = (body: unknown): string | undefined =>
  body === undefined || typeof body === 'string' ? body : JSON.stringify(body);

export interface SeenRequest {
  readonly time: string;
  readonly method: string;
  readonly path: string;
  readonly status?: number;
  readonly body?: unknown;
}

export interface ArmResource {
  readonly id: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly properties?: Record<string, unknown>;
  readonly [name: string]: unknown;
}

/** The local Azure's own controls, over HTTPS. */
export const controls = (azure: Listening) =>
  controlsThrough((method, path, body) => http(azure, method, path, { body }));

/** The same, whatever carries a request. */
export const controlsThrough = (
  send: (method: string, path: string, body?: unknown) => Promise<Pick<Answer, 'status' | 'text'>>,
) => {
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const answer = await send(method, `/_local/${path}`, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.text ? JSON.parse(answer.text) : undefined;
  };
  return {
    requests: async () => (await call('GET', 'requests')) as SeenRequest[],
    secrets: async () => (await call('GET', 'secrets')) as string[],
    forgetRequests: () => call('DELETE', 'requests'),
    world: async () => (await call('GET', 'world')) as ArmResource[],
    setWorld: (world: readonly ArmResource[]) => call('PUT', 'world', world),
    fault: (rule: unknown) => call('POST', 'faults', rule),
    clearFaults: () => call('DELETE', 'faults'),
    advance: (seconds: number) => call('POST', 'clock', { advanceSeconds: seconds }),
  };
};

/** What was written to ARM: all but reads, and each POST that only asks. */
export const writesAmong = (requests: readonly SeenRequest[]): string[] =>
  requests
    .filter(({ method, path }) => method !== 'GET' && path.startsWith('/subscriptions/'))
    .filter(({ path }) => !/(retrieveBootDiagnosticsData|checkPolicyRestrictions)$/i.test(path))
    .map(({ method, path }) => `${method} ${path}`);

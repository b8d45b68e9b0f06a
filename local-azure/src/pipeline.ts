/** What happens to every request around its handler: record, fate, sign-in, limits, headers. */
import { type Arm, GATEWAY_MARK, respond, respondToError } from './arm.ts';
import { principalOf, requireToken } from './authentication.ts';
import type { Cloud } from './cloud.ts';
import { armError, ConnectionReset } from './errors.ts';
import { type Fault, type Faults, isArmPath } from './faults.ts';
import type { Requests } from './requests.ts';
import type { Throttle } from './throttle.ts';
import type { Gust, Weather } from './weather/weather.ts';

/** What the pipeline is made of. */
interface PipelineParts {
  readonly arm: Arm;
  readonly requests: Requests;
  readonly faults: Faults;
  readonly weather: Weather;
  /** Undefined: no limits. */
  readonly throttle: Throttle | undefined;
  /** Whether ARM asks for access tokens. */
  readonly authentication: boolean;
  readonly cloud: Cloud;
}

const MAX_BODY_BYTES = 4 * 1024 * 1024;
const MOST_DISCARDED = 16 * MAX_BODY_BYTES;

/** The way of a request through the local Azure. */
export class Pipeline {
  readonly #parts: PipelineParts;

  constructor(parts: PipelineParts) {
    this.#parts = parts;
  }

  /** Answers a request; rejects with `ConnectionReset` when a fault cuts its connection. */
  async fetch(request: Request): Promise<Response> {
    const { arm, requests, faults, weather } = this.#parts;
    const url = new URL(request.url);
    try {
      arm.timeline.settle();
    } catch (error) {
      return respondToError(error);
    }
    if (url.pathname.startsWith('/_local/')) {
      const text = await received(request);
      return arm.app.fetch(request, {
        requestId: '',
        text,
        fault: undefined,
        principal: principalOf(request),
      });
    }
    const entry = requests.arrive(arm.now(), request.method, url);
    const gust = weather.meet(request.method, url.pathname);
    const fault = faults.meet(request.method, url.pathname) ?? gust.fault;
    const text = await readBody(request);
    if (text instanceof Response) {
      entry.status = text.status;
      return text;
    }
    requests.keep(entry, text, request.headers.get('content-type'));
    if (fault !== undefined && 'reset' in fault) throw new ConnectionReset();
    if (fault !== undefined && 'hang' in fault) await abandoned(request.signal);
    await this.#delayed(gust, request.signal);
    const answer = await this.#answer(request, text, fault);
    if (fault !== undefined && 'loseResponse' in fault) throw new ConnectionReset();
    const response = await gust.change(answer, request);
    entry.status = response.status;
    return response;
  }

  /** Holds a request back, in emulated time; a client that goes meanwhile is not answered. */
  async #delayed({ delaySeconds }: Gust, signal: AbortSignal): Promise<void> {
    if (delaySeconds === 0) return;
    const milliseconds = (delaySeconds * 1000) / this.#parts.arm.timeline.clock.speed;
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<void>((done) => {
      timer = setTimeout(done, milliseconds);
    });
    await Promise.race([over, abandoned(signal)]).finally(() => clearTimeout(timer));
  }

  async #answer(request: Request, sent: string, fault: Fault | undefined): Promise<Response> {
    const { arm, throttle, authentication, cloud, weather } = this.#parts;
    const { pathname } = new URL(request.url);
    const requestId = arm.random.uuid();
    const common = commonHeaders(request, requestId, arm);
    try {
      arm.timeline.settle();
      if (fault !== undefined && 'status' in fault) return faultReply(fault, common);
      if (authentication && isArmPath(pathname)) requireToken(request, cloud);
      const principal = principalOf(request);
      const limits = isArmPath(pathname)
        ? throttle?.draw(request.method, pathname, principal.objectId)
        : undefined;
      const { method } = request;
      const isArm = isArmPath(pathname);
      const text = isArm ? weather.rewritten({ method, path: pathname, text: sent }) : sent;
      const response = await arm.app.fetch(request, { requestId, text, fault, principal });
      return withHeaders(response, { ...common, ...(limits && limitsShown(response, limits)) });
    } catch (error) {
      return withHeaders(respondToError(error), common);
    }
  }
}

/** The body as text, or ARM's refusal of more than 4 MB (limit documented; code from memory). */
async function readBody(request: Request): Promise<string | Response> {
  const declared = request.headers.get('content-length');
  const isSmall = declared !== null && Number(declared) <= MAX_BODY_BYTES;
  const text = isSmall ? await received(request) : await limited(request);
  if (text !== undefined) return text;
  const message = 'The request content size exceeds the maximum size of 4 MB.';
  return respondToError(armError(413, 'RequestContentTooLarge', message));
}

/** The body; a client that goes before all of it has come is not answered. */
function received(request: Request): Promise<string> {
  return request.text().catch(() => {
    throw new ConnectionReset();
  });
}

/**
 * A body that is large or does not say its size; undefined when it is too large. What is too much is
 * read without being kept, because many clients hear no answer before they have sent everything.
 */
async function limited(request: Request): Promise<string | undefined> {
  if (Number(request.headers.get('content-length')) > MOST_DISCARDED) return undefined;
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of request.body ?? []) {
      size += chunk.length;
      if (size <= MAX_BODY_BYTES) chunks.push(chunk);
      if (size > MOST_DISCARDED) return undefined;
    }
  } catch {
    throw new ConnectionReset();
  }
  return size > MAX_BODY_BYTES ? undefined : new TextDecoder().decode(Buffer.concat(chunks));
}

/** Never resolves; rejects when the client gives up, so that nothing is held for ever. */
function abandoned(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const giveUp = (): void => reject(new ConnectionReset());
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
  });
}

function faultReply(
  fault: Extract<Fault, { status: number }>,
  common: Record<string, string>,
): Response {
  const code = `Fault${fault.status}`;
  const body = fault.body ?? { error: { code, message: 'A fault rule of the local Azure.' } };
  return withHeaders(respond({ status: fault.status, body }), { ...common, ...fault.headers });
}

function commonHeaders(request: Request, requestId: string, arm: Arm): Record<string, string> {
  const correlation = request.headers.get('x-ms-correlation-request-id') ?? arm.random.uuid();
  const client = request.headers.get('x-ms-client-request-id');
  return {
    'cache-control': 'no-cache',
    // (RFC 9110, 6.6.1; recorded throughout.)
    date: new Date(arm.now()).toUTCString(),
    'x-content-type-options': 'nosniff',
    'x-ms-request-id': requestId,
    'x-ms-correlation-request-id': correlation,
    'x-ms-routing-request-id': `WESTEUROPE:${correlation}`,
    ...(client === null ? {} : { 'x-ms-client-request-id': client }),
  };
}

/** What the gateway answers by itself tells nothing of the provider's limits (recorded). */
function limitsShown(response: Response, limits: Record<string, string>): Record<string, string> {
  const isGateways = response.headers.get('x-ms-failure-cause') === 'gateway';
  if (!isGateways && !response.headers.has(GATEWAY_MARK)) return limits;
  const own = Object.entries(limits).filter(
    ([name]) => name !== 'x-ms-ratelimit-remaining-resource',
  );
  return Object.fromEntries(own);
}

/** The response itself, changed: a new one would read the body of the old one as a stream. */
function withHeaders(response: Response, headers: Record<string, string>): Response {
  response.headers.delete(GATEWAY_MARK);
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
  return response;
}

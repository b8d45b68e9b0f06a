import {
  createHttpHeaders,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
  RestError,
} from '@azure/core-rest-pipeline';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { inProcessHttpClient } from '../../local-azure/src/in-process.ts';
import { Failure } from '../../src/domain/failure.ts';
import type { Fate } from './fates.ts';

/** A request of a run. */
export interface SentRequest {
  readonly method: string;
  readonly path: string;
}

/** Names that differ from run to run: of operations, and of run commands, which carry a nonce. */
const FLEETING = /(operations\/|runCommands\/golden-image-)[^/]+$/i;

/** What tells a request from others of the same run, and is the same in every run. */
export const keyOf = ({ method, path }: SentRequest): string =>
  `${method} ${path.replace(FLEETING, '$1*')}`;

/**
 * A fate that waits for a request: the one with this key that comes after so many others. Numbers
 * of all requests would not do, since requests side by side change places from run to run.
 */
export interface Blow {
  readonly key: string;
  readonly after: number;
  readonly fate: Fate;
}

/** The network between one attempt and Azure: counts requests, and lets blows fall. */
export class Network implements HttpClient {
  readonly sent: SentRequest[] = [];
  /** Resolves when a blow has cut the attempt off for good. */
  readonly abandoned: Promise<void>;
  /** Aborted when a blow cancels the run. */
  readonly cancel = new AbortController();
  /** Blows that fell. */
  hits = 0;
  readonly #azure: LocalAzure;
  readonly #way: HttpClient;
  readonly #blows: readonly Blow[];
  /** How many requests of each key were sent. */
  readonly #seen = new Map<string, number>();
  #abandon: () => void = () => undefined;
  #isDead = false;
  /** What happens before each request from now on. */
  #change: Fate['change'];
  /** Paths that answer 404 from now on. */
  readonly #forgotten = new Set<string>();

  constructor(azure: LocalAzure, blows: readonly Blow[]) {
    this.#azure = azure;
    this.#way = inProcessHttpClient(azure);
    this.#blows = blows;
    this.abandoned = new Promise((done) => {
      this.#abandon = done;
    });
  }

  async sendRequest(request: PipelineRequest): Promise<PipelineResponse> {
    if (this.#isDead) return forever();
    const { pathname } = new URL(request.url);
    const sent = { method: request.method, path: pathname };
    this.sent.push(sent);
    this.#change?.(this.#azure);
    const blow = this.#next(keyOf(sent));
    if (this.#forgotten.has(pathname)) return answer(request, { status: 404 });
    if (!blow) return this.#pass(request);
    this.hits++;
    return this.#meet(request, blow.fate);
  }

  #next(key: string): Blow | undefined {
    const before = this.#seen.get(key) ?? 0;
    this.#seen.set(key, before + 1);
    return this.#blows.find((blow) => blow.key === key && blow.after === before);
  }

  /** What was under way when the attempt was cut off is not answered either. */
  async #pass(request: PipelineRequest): Promise<PipelineResponse> {
    const response = await this.#way.sendRequest(request).catch((error: unknown) => {
      if (this.#isDead) return forever();
      throw error;
    });
    return this.#isDead ? forever() : response;
  }

  async #meet(request: PipelineRequest, fate: Fate): Promise<PipelineResponse> {
    fate.change?.(this.#azure);
    if (fate.onward) this.#change = fate.change;
    if (fate.reaches) await this.#way.sendRequest(request);
    switch (fate.does) {
      case 'pass':
        return this.#pass(request);
      case 'abandon':
        this.#isDead = true;
        this.#abandon();
        return forever();
      case 'cancel':
        this.cancel.abort(new Failure({ kind: 'cancelled', what: 'The run was cancelled.' }));
        return this.#pass(request);
      case 'hang':
        return untilAborted(request);
      case 'forget':
        this.#forgotten.add(new URL(request.url).pathname);
        return answer(request, { status: 404 });
      case 'break':
        throw new RestError(`connect ${fate.code}`, { code: fate.code, request });
      case 'answer': {
        const date = new Date(this.#azure.clock.now()).toUTCString();
        return answer(request, { status: fate.status, date, ...fate.more?.(this.#azure) });
      }
    }
  }
}

const forever = (): Promise<never> => new Promise(() => undefined);

interface Answer {
  readonly status: number;
  readonly date?: string;
  readonly retryAfter?: string;
}

function answer(request: PipelineRequest, { status, date, retryAfter }: Answer): PipelineResponse {
  const headers = createHttpHeaders({
    ...(date && { date }),
    ...(retryAfter && { 'retry-after': retryAfter }),
  });
  return { request, status, headers, bodyAsText: '' };
}

/** As the SDK's own client gives up: after the request's time, or when it is aborted. */
function untilAborted(request: PipelineRequest): Promise<never> {
  return new Promise((_, reject) => {
    const giveUp = () => {
      clearTimeout(timer);
      reject(Object.assign(new Error('The operation was aborted.'), { name: 'AbortError' }));
    };
    const timer = request.timeout > 0 ? setTimeout(giveUp, request.timeout) : undefined;
    if (request.abortSignal?.aborted) giveUp();
    else request.abortSignal?.addEventListener('abort', giveUp, { once: true });
  });
}

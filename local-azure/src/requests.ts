/** The record of what has been asked of the local Azure, in order of arrival. */
import { isDeeperThan, type Json, type JsonObject } from './json.ts';
import { MOST_LEVELS } from './routing.ts';

/** One request as `GET /_local/requests` shows it. */
export interface RecordedRequest {
  /** Emulated, ISO 8601. */
  readonly time: string;
  readonly method: string;
  readonly path: string;
  readonly query: Record<string, string>;
  /** 0 while unanswered, and for good when no answer reached the client. */
  status: number;
  body?: Json;
}

/** How many requests are kept. */
export const MOST_REQUESTS = 20_000;
/** How much of their bodies is kept, in UTF-16 units. */
export const MOST_BODY = 64 * 1024 * 1024;

/** The newest requests since the start or the last `clear`. */
export class Requests {
  #all: RecordedRequest[] = [];
  /** Sizes of the bodies, by request. */
  readonly #sizes = new Map<RecordedRequest, number>();
  #size = 0;

  /** Notes the arrival of a request; the caller fills in the status when it knows it. */
  arrive(now: number, method: string, url: URL): RecordedRequest {
    const query: Record<string, string> = {};
    for (const [key, value] of url.searchParams) query[key] = value;
    const path = url.pathname;
    const entry = { time: new Date(now).toISOString(), method, path, query, status: 0 };
    this.#all.push(entry);
    // In large steps: a list that is cut at each request would be copied each time.
    if (this.#all.length > MOST_REQUESTS * 1.25) this.#forget(this.#all.length - MOST_REQUESTS);
    return entry;
  }

  /** Notes what a request brought; older ones lose theirs, oldest first, where all is too much. */
  keep(entry: RecordedRequest, text: string, contentType: string | null): void {
    const body = recordedBody(text, contentType);
    if (body === undefined) return;
    entry.body = body;
    this.#sizes.set(entry, text.length);
    this.#size += text.length;
    for (const [oldest] of this.#sizes) {
      if (this.#size <= MOST_BODY) return;
      this.#drop(oldest);
    }
  }

  all(): readonly RecordedRequest[] {
    return this.#all.slice(-MOST_REQUESTS);
  }

  clear(): void {
    this.#all = [];
    this.#sizes.clear();
    this.#size = 0;
  }

  #forget(count: number): void {
    for (const entry of this.#all.splice(0, count)) this.#drop(entry);
  }

  #drop(entry: RecordedRequest): void {
    this.#size -= this.#sizes.get(entry) ?? 0;
    this.#sizes.delete(entry);
    delete entry.body;
  }
}

/** A body as it is recorded: JSON as JSON, forms as an object, anything else as text. */
function recordedBody(text: string, contentType: string | null): Json | undefined {
  if (text === '') return undefined;
  if (contentType?.includes('application/x-www-form-urlencoded') === true) {
    const form: JsonObject = {};
    for (const [key, value] of new URLSearchParams(text)) form[key] = value;
    return form;
  }
  try {
    const value = JSON.parse(text) as Json;
    return isDeeperThan(value, MOST_LEVELS) ? text : value;
  } catch {
    return text;
  }
}

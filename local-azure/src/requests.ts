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

/** Requests since the start or the last `clear`. */
export class Requests {
  #all: RecordedRequest[] = [];

  /** Notes the arrival of a request; the caller fills in status and body when it knows them. */
  arrive(now: number, method: string, url: URL): RecordedRequest {
    const query: Record<string, string> = {};
    for (const [key, value] of url.searchParams) query[key] = value;
    const path = url.pathname;
    const entry = { time: new Date(now).toISOString(), method, path, query, status: 0 };
    this.#all.push(entry);
    return entry;
  }

  all(): readonly RecordedRequest[] {
    return this.#all;
  }

  clear(): void {
    this.#all = [];
  }
}

/** A body as it is recorded: JSON as JSON, forms as an object, anything else as text. */
export function recordedBody(text: string, contentType: string | null): Json | undefined {
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

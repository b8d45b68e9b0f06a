import { readFileSync, statSync } from 'node:fs';
import { messageOf } from '../domain/failure.ts';
import { isRecord } from '../domain/is-record.ts';

/** GitHub's own limit of a webhook's payload ("Webhook events and payloads": 25 MB). */
const LARGEST_EVENT = 25 * 1024 * 1024;

/** The event that started the workflow. */
interface Event {
  /** Its payload; empty where there is none, or none that can be read. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** Why the payload cannot be read. */
  readonly problem?: string;
}

let known: Event | undefined;

/** The event in the file that the runner names; read once. */
export function currentEvent(): Event {
  known ??= readEvent(process.env.GITHUB_EVENT_PATH);
  return known;
}

/** Reads an event; never throws. */
export function readEvent(path: string | undefined): Event {
  if (!path) return { payload: {} };
  try {
    const stats = statSync(path);
    if (!stats.isFile()) return { payload: {}, problem: 'it is not a file' };
    if (stats.size > LARGEST_EVENT) return { payload: {}, problem: `it has ${stats.size} bytes` };
    const value: unknown = JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
    return isRecord(value)
      ? { payload: value }
      : { payload: {}, problem: 'it holds no JSON object' };
  } catch (error) {
    return { payload: {}, problem: messageOf(error) };
  }
}

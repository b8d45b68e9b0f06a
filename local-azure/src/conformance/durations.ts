import { numberAt, textAt } from '../json.ts';
import { operationIn, targetOf } from './resource-path.ts';
import type { Exchange } from './scenario.ts';

/**
 * What a recording tells of how long the operation took that an exchange started, in seconds.
 * The bounds come from what was observed unfinished and finished afterwards, on the recording's
 * own scale, which is whole seconds: an exact duration has to be fitted between them.
 */
export interface RecordedDuration {
  readonly exact: number | undefined;
  readonly moreThan: number;
  readonly atMost: number;
}

const unfinished = new Set(['Creating', 'Updating', 'Deleting', 'InProgress']);

/** How far inside a bound the fitted duration is put, so that rounding cannot cross it. */
const margin = 0.005;

/** Reads how long the operation begun by `exchanges[position]` took; undefined for a read. */
export function recordedDuration(
  exchanges: readonly Exchange[],
  position: number,
): RecordedDuration | undefined {
  const start = exchanges[position];
  if (start === undefined || start.method === 'GET') return undefined;
  const operation = operationIn(start.headers);
  const subject = targetOf(start.method, start.url.pathname).id?.toLowerCase();
  let exact: number | undefined;
  let moreThan = 0;
  let atMost = Number.POSITIVE_INFINITY;
  let isSuperseded = false;
  for (const later of exchanges.slice(position + 1)) {
    const target = targetOf(later.method, later.url.pathname);
    const isPoll = operation !== undefined && target.operation === operation;
    const isSubject = target.id?.toLowerCase() === subject;
    if (isSubject && later.method !== 'GET' && later.status < 400) isSuperseded = true;
    const isRead = isSubject && later.method === 'GET' && !isSuperseded;
    const state = isPoll ? pollState(later) : isRead ? resourceState(start, later) : undefined;
    if (state === undefined) continue;
    const elapsed = later.time - start.time;
    if (state === 'unfinished') moreThan = Math.max(moreThan, elapsed);
    else atMost = Math.min(atMost, elapsed);
    if (isPoll) exact ??= lengthOf(later);
  }
  return { exact, moreThan, atMost };
}

/**
 * When the copy of a snapshot that goes on in the background was first seen complete, in seconds
 * since the scenario began; undefined when it never was.
 */
export function recordedCopyEnd(exchanges: readonly Exchange[], id: string): number | undefined {
  const seen = exchanges.find(
    (later) =>
      later.method === 'GET' &&
      later.url.pathname.toLowerCase() === id.toLowerCase() &&
      numberAt(later.answer, 'properties', 'completionPercent') === 100,
  );
  return seen?.time;
}

/** The recorded length, or else `usual`, moved as little as it takes to lie within the bounds. */
export function fitted({ exact, moreThan, atMost }: RecordedDuration, usual: number): number {
  const wanted = exact ?? usual;
  if (wanted <= moreThan) return Math.min(moreThan + margin, atMost);
  return wanted > atMost ? Math.max(atMost - margin, 0) : wanted;
}

type Observed = 'unfinished' | 'finished' | undefined;

function pollState(poll: Exchange): Observed {
  if (poll.status === 202) return 'unfinished';
  if (poll.status >= 300) return undefined;
  return unfinished.has(textAt(poll.answer, 'status') ?? '') ? 'unfinished' : 'finished';
}

function resourceState(start: Exchange, read: Exchange): Observed {
  if (start.method === 'DELETE') return read.status === 404 ? 'finished' : undefined;
  const state = textAt(read.answer, 'properties', 'provisioningState');
  if (read.status !== 200 || state === undefined) return undefined;
  return unfinished.has(state) ? 'unfinished' : 'finished';
}

function lengthOf(poll: Exchange): number | undefined {
  const start = textAt(poll.answer, 'startTime');
  const end = textAt(poll.answer, 'endTime');
  if (start === undefined || end === undefined) return undefined;
  return (Date.parse(end) - Date.parse(start)) / 1000;
}

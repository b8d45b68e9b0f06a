import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { groupRestorer } from './capital-groups.ts';

/** One recorded request with the answer it got. */
export interface Exchange {
  /** The recording's own number for it, for messages. */
  readonly index: number;
  /** Seconds since the scenario's first exchange, made unique and ascending by `spread`. */
  readonly time: number;
  readonly method: string;
  /** What the recorded client was doing (`cmd`); empty when the recording does not say. */
  readonly command: string;
  readonly url: URL;
  /** Parsed JSON, or undefined when nothing was sent. */
  readonly body: unknown;
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** Parsed JSON, the text when it is not JSON, or undefined when empty. */
  readonly answer: unknown;
}

/** A recorded sequence of exchanges against one subscription. */
export interface Scenario {
  readonly label: string;
  /** Milliseconds since the epoch of the first exchange: its recorded `date`. */
  readonly startedAt: number;
  readonly exchanges: readonly Exchange[];
}

interface RecordedInteraction {
  i: number;
  t: number;
  date?: string;
  cmd?: string | null;
  request: { method: string; uri: string; body?: unknown };
  response: { status: number; headers?: Record<string, string | string[]>; body?: unknown };
}

/** Seconds between exchanges that the recording gives the same whole second. */
const spread = 0.02;

/**
 * Reads every scenario of a directory, which holds them directly or in `scenarios/`.
 * @throws when the directory has none, or a file is not in the recorded format.
 */
export function loadScenarios(directory: string): Scenario[] {
  const inner = join(directory, 'scenarios');
  const home = statSync(inner, { throwIfNoEntry: false })?.isDirectory() ? inner : directory;
  const files = readdirSync(home).filter((name) => name.endsWith('.json'));
  const scenarios = files.sort().flatMap((name) => readScenario(join(home, name)) ?? []);
  if (scenarios.length === 0) throw new Error(`No scenario with interactions in ${home}`);
  return scenarios;
}

/** A file without `interactions` (a table beside the scenarios) is not a scenario. */
function readScenario(file: string): Scenario | undefined {
  const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const interactions = (content as { interactions?: RecordedInteraction[] } | null)?.interactions;
  if (!Array.isArray(interactions) || interactions.length === 0) return undefined;
  const dated = interactions.find((interaction) => Date.parse(dateOf(interaction)) > 0);
  const startedAt = dated === undefined ? Date.now() : Date.parse(dateOf(dated)) - dated.t * 1000;
  return {
    label: basename(file, '.json'),
    startedAt,
    exchanges: exchangesOf(interactions),
  };
}

/** When it was answered: its own date, or the one in the answer's headers. */
function dateOf({ date, response }: RecordedInteraction): string {
  const headers = Object.entries(response.headers ?? {});
  const header = headers.find(([name]) => name.toLowerCase() === 'date')?.[1];
  return [date ?? header ?? ''].flat()[0] ?? '';
}

function exchangesOf(interactions: readonly RecordedInteraction[]): Exchange[] {
  let last = Number.NEGATIVE_INFINITY;
  const restored = groupRestorer(interactions.map(({ request }) => request.uri));
  return interactions.map(({ i, t, cmd, request, response }) => {
    last = t > last ? t : last + spread;
    const headers = Object.entries(response.headers ?? {}).map(
      ([name, value]): [string, string] => [
        name.toLowerCase(),
        Array.isArray(value) ? (value[0] ?? '') : value,
      ],
    );
    return {
      index: i,
      time: last,
      command: typeof cmd === 'string' ? cmd : '',
      method: request.method.toUpperCase(),
      url: new URL(request.uri),
      body: restored(parsed(request.body), request.uri),
      status: response.status,
      headers: new Map(headers),
      answer: restored(parsed(response.body), request.uri),
    };
  });
}

/** Some recorded bodies are the text of a Python bytes literal, `b'…'`, or of one in another. */
function parsed(body: unknown): unknown {
  if (body === null || body === undefined || body === '') return undefined;
  if (typeof body !== 'string') return body;
  let text = body;
  for (let literal = literalIn(text); literal !== undefined; literal = literalIn(text))
    text = literal;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function literalIn(text: string): string | undefined {
  const literal = /^b'([\s\S]*)'$/.exec(text)?.[1];
  return literal?.replaceAll("\\'", "'").replaceAll('\\\\', '\\');
}

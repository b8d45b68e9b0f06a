import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { groupRestorer } from './capital-groups.ts';
import { type RecordedInteraction, readRecorded } from './recorded.ts';

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

/** Seconds between exchanges that the recording gives the same whole second. */
const spread = 0.02;

/** The scenarios of a folder, and its files that should be scenarios and cannot be read. */
export interface Recordings {
  readonly scenarios: readonly Scenario[];
  readonly unreadable: readonly { readonly file: string; readonly problem: string }[];
}

/**
 * Reads every scenario of a folder, which holds them directly or in `scenarios/`.
 * @throws when there is no such folder, or nothing in it is meant to be a scenario
 */
export function readRecordings(directory: string): Recordings {
  const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory();
  if (!isFolder(directory)) throw new Error(`There is no folder ${directory}`);
  const inner = join(directory, 'scenarios');
  const files = [
    ...jsonIn(directory).map((file) => ({ file, mayBeTable: true })),
    ...(isFolder(inner) ? jsonIn(inner) : []).map((file) => ({ file, mayBeTable: false })),
  ];
  const scenarios: Scenario[] = [];
  const unreadable: { file: string; problem: string }[] = [];
  for (const { file, mayBeTable } of files) {
    try {
      const interactions = readRecorded(file, mayBeTable);
      if (interactions !== undefined) scenarios.push(scenarioOf(file, interactions));
    } catch (error) {
      unreadable.push({ file, problem: error instanceof Error ? error.message : String(error) });
    }
  }
  if (scenarios.length === 0 && unreadable.length === 0)
    throw new Error(`There is no scenario in ${directory} or ${inner}`);
  return { scenarios, unreadable };
}

/**
 * The scenarios of a folder, all of which can be read.
 * @throws otherwise
 */
export function loadScenarios(directory: string): readonly Scenario[] {
  const { scenarios, unreadable } = readRecordings(directory);
  const [first] = unreadable;
  if (first !== undefined) throw new Error(`${first.file}: ${first.problem}`);
  return scenarios;
}

function jsonIn(folder: string): string[] {
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && entry.name.endsWith('.json'))
    .map(({ name }) => name);
  return names.sort().map((name) => join(folder, name));
}

function scenarioOf(file: string, interactions: readonly RecordedInteraction[]): Scenario {
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
  return interactions.map(({ i, t, cmd, request, response }, position) => {
    last = t > last ? t : last + spread;
    const headers = Object.entries(response.headers ?? {}).map(
      ([name, value]): [string, string] => [
        name.toLowerCase(),
        Array.isArray(value) ? (value[0] ?? '') : value,
      ],
    );
    return {
      index: i ?? position,
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

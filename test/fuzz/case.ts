/** A trial as data: what it needs to be seen again. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FaultRule } from '../../local-azure/src/faults.ts';
import type { WeatherDocument } from '../../local-azure/src/weather/document.ts';
import type { ResourceInput } from '../../local-azure/src/world.ts';

/** Ends an attempt at a request: before Azure acts on it, or after. */
export interface Kill {
  readonly method: string;
  /** Glob of the path: `**` in front, `*` for one segment. */
  readonly path: string;
  readonly when: 'before' | 'after';
  readonly signal: 'SIGKILL' | 'SIGTERM' | 'SIGINT';
}

/** One attempt in bad weather. */
export interface Attempt {
  readonly faults: readonly FaultRule[];
  readonly kill?: Kill;
}

/** A run in fair weather before the trial, which is ended at a request. */
export interface First {
  readonly inputs: Readonly<Record<string, string>>;
  readonly kill: Kill;
}

/** Everything that a trial begins with; after its attempts, one more runs without any of it. */
export interface FuzzCase {
  readonly seed: number;
  readonly world: readonly ResourceInput[];
  readonly inputs: Readonly<Record<string, string>>;
  readonly weather: WeatherDocument;
  readonly attempts: readonly Attempt[];
  readonly first: First | null;
}

const PARTS = ['world', 'inputs', 'weather', 'attempts', 'first'] as const;

/** Writes a case as a folder with a file for each part. */
export function writeCase(folder: string, { seed, ...parts }: FuzzCase, found: unknown): void {
  mkdirSync(folder, { recursive: true });
  const write = (name: string, value: unknown) =>
    writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(value, null, 1)}\n`);
  for (const part of PARTS) write(part, parts[part]);
  write('found', { seed, found });
}

/** Reads a case that `writeCase` wrote; `inputs.json` and the like may be changed by hand. */
export function readCase(folder: string): FuzzCase {
  const read = (name: string) => JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));
  const parts = Object.fromEntries(PARTS.map((part) => [part, read(part)]));
  return { seed: read('found').seed, ...parts } as FuzzCase;
}

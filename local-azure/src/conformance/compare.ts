import { isObject } from '../json.ts';
import { type Aliases, masked } from './mask.ts';

/** What sort of thing two answers disagree on. */
export type DifferenceKind =
  | 'status'
  | 'start'
  | 'header'
  | 'retry-after'
  | 'missing'
  | 'extra'
  | 'value'
  | 'error';

/** One disagreement; `where` is a header's name or a JSON path. */
export interface Difference {
  readonly kind: DifferenceKind;
  readonly where: string;
  readonly recorded: string;
  readonly local: string;
}

/** Fields whose value is a count of changes and says nothing by itself. */
const counters = new Set(['etag']);

/** What the recorder put in the place of passwords and keys. */
const secret = 'MASKED';

/** Compares two JSON bodies field by field, order of object keys aside; teaches `aliases`. */
export function compareBodies(recorded: unknown, local: unknown, aliases: Aliases): Difference[] {
  const differences: Difference[] = [];
  walk('', recorded, local, { aliases, report: (difference) => differences.push(difference) });
  return differences;
}

interface Walk {
  readonly aliases: Aliases;
  readonly report: (difference: Difference) => void;
}

function walk(where: string, recorded: unknown, local: unknown, context: Walk): void {
  if (recorded === undefined && local === undefined) return;
  if (recorded === undefined) {
    context.report({ kind: 'extra', where, recorded: '–', local: shown(local) });
  } else if (local === undefined) {
    context.report({ kind: 'missing', where, recorded: shown(recorded), local: '–' });
  } else if (Array.isArray(recorded) && Array.isArray(local)) {
    walkArrays(where, recorded, local, context);
  } else if (isObject(recorded) && isObject(local)) {
    for (const key of new Set([...Object.keys(recorded), ...Object.keys(local)])) {
      walk(where === '' ? key : `${where}.${key}`, recorded[key], local[key], context);
    }
  } else {
    walkScalars(where, recorded, local, context);
  }
}

/** Lists of resources come in any order; every other array in its own. */
function walkArrays(where: string, recorded: unknown[], local: unknown[], context: Walk): void {
  const theirs = where === 'value' ? inNameOrder(recorded) : recorded;
  const ours = where === 'value' ? inNameOrder(local) : local;
  for (let position = 0; position < Math.max(theirs.length, ours.length); position++) {
    walk(`${where}[${position}]`, theirs[position], ours[position], context);
  }
}

function inNameOrder(items: unknown[]): unknown[] {
  const name = (item: unknown) =>
    isObject(item) && typeof item.name === 'string' ? item.name : '';
  return [...items].sort((a, b) => name(a).localeCompare(name(b)));
}

function walkScalars(where: string, recorded: unknown, local: unknown, context: Walk): void {
  const key = where.slice(where.lastIndexOf('.') + 1);
  if (typeof recorded === 'string' && typeof local === 'string') {
    context.aliases.learn(recorded, local);
    if (counters.has(key) || recorded === secret || masked(recorded) === masked(local)) return;
  }
  if (recorded === local) return;
  if (key === 'completionPercent' && isUnderWay(recorded) && isUnderWay(local)) return;
  const kind = where.startsWith('error.') ? 'error' : 'value';
  context.report({ kind, where, recorded: shown(recorded), local: shown(local) });
}

/** How far a copy has come is a count; that it has begun or ended is not. */
function isUnderWay(percent: unknown): boolean {
  return typeof percent === 'number' && percent > 0 && percent < 100;
}

function shown(value: unknown): string {
  const plain = typeof value === 'string' ? masked(value) : (JSON.stringify(value) ?? 'undefined');
  const text = plain.split(/\r\n|\r|\n/).join('\\n');
  return text.length > 160 ? `${text.slice(0, 157)}…` : text;
}

/**
 * PowerShell's values as JavaScript's: strings, numbers, booleans, null, arrays; objects are plain
 * objects whose members are found in any case, functions among them are methods.
 */
import type { Node } from './syntax.ts';

export type Value = unknown;

/** What runs takes time: it yields the seconds that it sleeps. */
export type Running<T> = Generator<number, T>;

/** `{ … }`, or the body of a function. */
export class ScriptBlock {
  readonly body: Node | undefined;
  readonly parameters: readonly string[];
  constructor(body: Node | undefined, parameters: readonly string[] = []) {
    this.body = body;
    this.parameters = parameters;
  }
}

/** A terminating error; `$_.Exception.Message` is its message. */
export class PowerShellError extends Error {}

/** `exit`. */
export class Exit extends Error {
  readonly code: number;
  constructor(code: number) {
    super(`exit ${code}`);
    this.code = code;
  }
}

/** Something that this interpreter does not know: a test must not pass by it. */
export class NotModelled extends Error {}

export const isTrue = (value: Value): boolean =>
  Array.isArray(value)
    ? value.length === 1
      ? isTrue(value[0])
      : value.length > 0
    : Boolean(value);

/** As an expandable string and `-join` show it. */
export function textOf(value: Value): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) return value.map(textOf).join(' ');
  return String(value);
}

/** What `@(…)` makes of it, and how a pipeline takes it apart. */
export const listOf = (value: Value): Value[] =>
  value === null || value === undefined ? [] : Array.isArray(value) ? value : [value];

/** What a statement's output is as one value. */
export const unwrapped = (values: readonly Value[]): Value =>
  values.length === 0 ? null : values.length === 1 ? values[0] : [...values];

/** A member of an object, in any case; of an array that lacks it, of its elements. */
export function memberOf(target: Value, name: string): Value {
  if (target === null || target === undefined) return null;
  if (/^(count|length)$/i.test(name)) {
    if (Array.isArray(target) || typeof target === 'string') return target.length;
    if (/^count$/i.test(name)) return 1;
  }
  if (Array.isArray(target))
    return unwrapped(target.flatMap((each) => listOf(memberOf(each, name))));
  if (typeof target !== 'object') return null;
  const key = Object.keys(target).find((each) => each.toLowerCase() === name.toLowerCase());
  return key === undefined ? null : (target as Record<string, Value>)[key];
}

/** The methods of strings that scripts use here. */
export function callMethod(target: Value, name: string, args: readonly Value[]): Value {
  if (typeof target === 'string') {
    const [from, count] = args.map(Number);
    switch (name.toLowerCase()) {
      case 'trim':
        return target.trim();
      case 'substring':
        return count === undefined ? target.slice(from) : target.slice(from, (from ?? 0) + count);
    }
  }
  const method = memberOf(target, name);
  if (typeof method === 'function') return method(...args);
  if (target === null || target === undefined)
    throw new PowerShellError('You cannot call a method on a null-valued expression.');
  throw new NotModelled(`method ${name} of ${textOf(target)}`);
}

/** `-eq` and its like: text without regard to case, numbers as numbers; the left side decides. */
export function compare(left: Value, right: Value): number {
  if (typeof left === 'number') return left - Number(textOf(right));
  if (left instanceof Date || right instanceof Date) return Number(left) - Number(right);
  const [a, b] = [textOf(left).toLowerCase(), textOf(right).toLowerCase()];
  if ((left ?? null) === null) return (right ?? null) === null ? 0 : -1;
  return a < b ? -1 : a > b ? 1 : 0;
}

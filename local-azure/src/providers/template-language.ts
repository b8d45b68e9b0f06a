/**
 * The expressions of templates, `[concat('a', copyIndex())]`, as far as the Azure CLI writes them
 * (learn, "ARM template functions"; azure-cli, command_modules/vm/_template_builder.py). Whatever else
 * there is fails loudly.
 */
import { createHash } from 'node:crypto';
import { type ArmError, armError } from '../errors.ts';
import { at, isObject, type Json, type JsonObject } from '../json.ts';

/** What expressions refer to. */
export interface Scope {
  readonly subscriptionId: string;
  /** ID of the resource group. */
  readonly group: string;
  readonly location: string;
  readonly parameters: JsonObject;
  readonly variables: JsonObject;
  /** The loop that the resource is an instance of. */
  readonly copy?: { readonly name: string; readonly index: number } | undefined;
  /** A resource as `reference` sees it; undefined while nothing can be referred to. */
  readonly reference?: (id: string) => JsonObject | undefined;
}

/** A value with every expression in it worked out. */
export function resolved(value: Json | undefined, scope: Scope): Json {
  if (Array.isArray(value)) return value.map((each) => resolved(each, scope));
  if (isObject(value)) {
    const pairs = Object.entries(value).map(([key, each]) => [key, resolved(each, scope)]);
    return Object.fromEntries(pairs) as JsonObject;
  }
  if (typeof value !== 'string' || !/^\[.*\]$/s.test(value)) return value ?? null;
  if (value.startsWith('[[')) return value.slice(1);
  return new Expression(value, scope).value();
}

/** The ID of a resource of the group by its type and names, one for each part of the type. */
export function idIn(group: string, type: string, names: readonly string[]): string {
  const [namespace, ...types] = type.split('/');
  return `${group}/providers/${namespace}/${types.map((each, index) => `${each}/${names[index]}`).join('/')}`;
}

const TOKEN = /\s*(?:'((?:[^']|'')*)'|(-?\d+)|([A-Za-z_][\w]*)|([()[\],.]))/y;

interface Token {
  readonly kind: 'text' | 'number' | 'name' | 'sign';
  readonly text: string;
}

/** One expression, from bracket to bracket. */
class Expression {
  readonly #text: string;
  readonly #scope: Scope;
  readonly #tokens: Token[];

  constructor(text: string, scope: Scope) {
    this.#text = text;
    this.#scope = scope;
    this.#tokens = this.#read(text.slice(1, -1));
  }

  value(): Json {
    const value = this.#term();
    if (this.#tokens.length > 0) throw this.#unknown();
    return value;
  }

  #read(text: string): Token[] {
    const tokens: Token[] = [];
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < text.trimEnd().length) {
      const found = TOKEN.exec(text);
      if (found === null) throw this.#unknown();
      const [, literal, number, name, sign = ''] = found;
      if (literal !== undefined) tokens.push({ kind: 'text', text: literal.replaceAll("''", "'") });
      else if (number !== undefined) tokens.push({ kind: 'number', text: number });
      else if (name !== undefined) tokens.push({ kind: 'name', text: name });
      else tokens.push({ kind: 'sign', text: sign });
    }
    return tokens;
  }

  #unknown(): ArmError {
    const message = `The local Azure does not model the expression ${this.#text}`;
    return armError(501, 'NotModelled', message);
  }

  #take(sign: string): boolean {
    const [next] = this.#tokens;
    if (next?.kind !== 'sign' || next.text !== sign) return false;
    this.#tokens.shift();
    return true;
  }

  #term(): Json {
    const first = this.#tokens.shift();
    if (first === undefined || first.kind === 'sign') throw this.#unknown();
    if (first.kind === 'text') return first.text;
    if (first.kind === 'number') return Number(first.text);
    if (!this.#take('(')) throw this.#unknown();
    let value = this.#call(first.text.toLowerCase(), this.#arguments());
    for (;;) {
      if (this.#take('.')) value = at(value, this.#tokens.shift()?.text ?? '') ?? null;
      else if (this.#take('[')) value = this.#member(value);
      else return value;
    }
  }

  #member(value: Json): Json {
    const key = this.#term();
    if (!this.#take(']')) throw this.#unknown();
    return (Array.isArray(value) ? value[Number(key)] : at(value, String(key))) ?? null;
  }

  #arguments(): Json[] {
    const values: Json[] = [];
    if (this.#take(')')) return values;
    do values.push(this.#term());
    while (this.#take(','));
    if (!this.#take(')')) throw this.#unknown();
    return values;
  }

  #call(name: string, values: Json[]): Json {
    const scope = this.#scope;
    const texts = values.map(String);
    switch (name) {
      case 'parameters':
      case 'variables':
        return this.#named(scope[name], texts[0] ?? '', name);
      case 'concat':
        return values.every(Array.isArray) ? values.flat() : texts.join('');
      case 'format':
        return (texts[0] ?? '').replaceAll(
          /\{(\d+)\}/g,
          (_, index) => texts[Number(index) + 1] ?? '',
        );
      case 'tolower':
        return (texts[0] ?? '').toLowerCase();
      case 'toupper':
        return (texts[0] ?? '').toUpperCase();
      case 'uniquestring':
        return createHash('sha256').update(texts.join('-')).digest('hex').slice(0, 13);
      case 'copyindex':
        return this.#copyIndex(values);
      case 'resourceid':
        return resourceId(scope, texts);
      case 'resourcegroup':
        return {
          id: scope.group,
          name: scope.group.split('/').at(-1) ?? '',
          location: scope.location,
        };
      case 'subscription':
        return {
          id: `/subscriptions/${scope.subscriptionId}`,
          subscriptionId: scope.subscriptionId,
        };
      case 'providers':
        return { namespace: texts[0] ?? '', resourceType: texts[1] ?? null, apiVersions: [ANY] };
      case 'reference':
        return this.#reference(texts);
      default:
        throw this.#unknown();
    }
  }

  #named(values: JsonObject, name: string, kind: string): Json {
    const key = Object.keys(values).find((each) => each.toLowerCase() === name.toLowerCase());
    if (key !== undefined) return values[key] ?? null;
    // (learn, "Resolve errors for invalid template".)
    const message =
      `Deployment template validation failed: 'The template ${kind.slice(0, -1)} '${name}' is not ` +
      "found. Please see https://aka.ms/arm-syntax-parameters for usage details.'.";
    throw armError(400, 'InvalidTemplate', message);
  }

  #copyIndex(values: Json[]): Json {
    const { copy } = this.#scope;
    if (copy === undefined) {
      const message =
        "Deployment template validation failed: 'The template function 'copyIndex' is not expected " +
        "at this location. The function can only be used in a resource with copy specified.'.";
      throw armError(400, 'InvalidTemplate', message);
    }
    const offset = values.find((each) => typeof each === 'number') ?? 0;
    return copy.index + offset;
  }

  #reference([id = '', , full]: string[]): Json {
    const found = this.#scope.reference?.(id);
    if (found === undefined) throw this.#unknown();
    return full?.toLowerCase() === 'full' ? found : (found.properties ?? {});
  }
}

/** What `providers` answers where a version only names one that works: all do. */
const ANY = '2025-04-01';

/** `resourceId([subscription], [group], type, name, …)`. */
function resourceId(scope: Scope, values: readonly string[]): string {
  const first = values.findIndex((each) => each.includes('/'));
  const [type = '', ...names] = values.slice(first);
  const before = values.slice(0, first);
  const subscription = before.length > 1 ? before[0] : scope.subscriptionId;
  const group = before.at(-1);
  const home =
    group === undefined ? scope.group : `/subscriptions/${subscription}/resourceGroups/${group}`;
  return idIn(home, type, names);
}

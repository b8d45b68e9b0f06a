/** Which members the bodies of writes may have, and of what kind: Azure refuses what it does not know. */
import { armError } from './errors.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { inputOf, type Kind, type Member, propertiesOf, types } from './member-types.ts';

/** A body that is about to be written. */
interface WrittenBody {
  readonly resourceType: string;
  readonly apiVersion: string;
  readonly body: JsonObject;
  /** The body as it was sent, for the position in the refusal. */
  readonly text: string;
}

/**
 * Throws Azure's refusal of the first member it does not know or cannot read, at any depth. At the
 * top ARM itself answers `InvalidRequestContent` (azure-powershell#4309); what the provider answers
 * for members of `properties` is from memory: the same words with code `BadRequest`. Of resource types
 * whose members are not listed only the top's kinds are looked at.
 */
export function requireKnownMembers(written: WrittenBody): void {
  const { body, text, apiVersion } = written;
  const properties = propertiesOf.get(written.resourceType.toLowerCase());
  const found = problemIn(body, 'ResourceDefinition', '', apiVersion);
  const top = found?.kind === 'unknown' && properties === undefined ? undefined : found;
  if (top !== undefined) {
    const message = `The request content was invalid and could not be deserialized: '${told(top, text)}'.`;
    throw armError(400, 'InvalidRequestContent', message);
  }
  if (properties === undefined || !isObject(body.properties)) return;
  refuse(problemIn(body.properties, properties, 'properties', apiVersion), text);
}

/** The same for the body of an action, which goes to the provider as it is. */
export function requireKnownInput(action: string, body: JsonObject, text: string): void {
  const type = inputOf.get(action.toLowerCase());
  if (type !== undefined) refuse(problemIn(body, type, '', ''), text);
}

function refuse(problem: Problem | undefined, text: string): void {
  if (problem === undefined) return;
  throw armError(400, 'BadRequest', told(problem, text), { target: problem.path });
}

/** A member that is not known, or whose value is of another kind. */
interface Problem {
  readonly kind: 'unknown' | Kind;
  readonly name: string;
  /** Of the object it is in. */
  readonly type: string;
  readonly path: string;
  readonly value: Json | undefined;
}

function problemIn(
  value: JsonObject,
  type: string,
  path: string,
  apiVersion: string,
): Problem | undefined {
  const known = types.get(type);
  if (known === undefined) return undefined;
  const problems = Object.entries(value).map(([name, inner]) => () => {
    const own = path === '' ? name : `${path}.${name}`;
    const member = memberOf(known.members, name);
    if (member !== undefined && member.since <= (apiVersion || member.since)) {
      return problemWith(
        { kind: member.kind, name, type, path: own, value: inner },
        member,
        apiVersion,
      );
    }
    return known.isOpen
      ? undefined
      : { kind: 'unknown' as const, name, type, path: own, value: inner };
  });
  return first(problems);
}

function problemWith(here: Problem, member: Member, apiVersion: string): Problem | undefined {
  const { value, path } = here;
  if (value === null || value === undefined || member.kind === 'any') return undefined;
  if (!isReadable(value, member.kind)) return here;
  if (member.type === undefined) return undefined;
  const inner = member.type;
  if (isObject(value)) return problemIn(value, inner, path, apiVersion);
  const items = (Array.isArray(value) ? value : []).map((each, index) => () => {
    const own = `${path}[${index}]`;
    if (each === null) return undefined;
    if (isObject(each)) return problemIn(each, inner, own, apiVersion);
    return { kind: 'object' as const, name: here.name, type: here.type, path: own, value: each };
  });
  return first(items);
}

/** What Json.NET, which Azure reads with, makes a value of this kind of. */
function isReadable(value: Json, kind: Kind): boolean {
  if (kind === 'object') return isObject(value);
  const isText = (each: Json | undefined) => typeof each !== 'object' || each === null;
  if (kind === 'texts') return isObject(value) && Object.values(value).every(isText);
  if (kind === 'list of texts') return Array.isArray(value) && value.every(isText);
  if (kind === 'list') return Array.isArray(value);
  if (typeof value === 'object') return false;
  if (kind === 'number') return typeof value !== 'boolean' && !Number.isNaN(Number(value));
  if (kind === 'flag') return typeof value !== 'string' || /^\s*(true|false|)\s*$/i.test(value);
  return true;
}

/** Azure's deserialiser pays no attention to case. */
function memberOf(members: ReadonlyMap<string, Member>, name: string): Member | undefined {
  for (const [known, member] of members) {
    if (known.toLowerCase() === name.toLowerCase()) return member;
  }
  return undefined;
}

function first<T>(attempts: readonly (() => T | undefined)[]): T | undefined {
  for (const attempt of attempts) {
    const found = attempt();
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Json.NET's words; the types it names are not known but for the objects'. */
function told({ kind, name, type, path, value }: Problem, text: string): string {
  const end = Math.max(0, text.indexOf(`"${name}"`)) + name.length + 2;
  const before = text.slice(0, end).split('\n');
  const where = `Path '${path}', line ${before.length}, position ${before.at(-1)?.length ?? 0}.`;
  if (kind === 'unknown')
    return `Could not find member '${name}' on object of type '${type}'. ${where}`;
  const wanted = { text: 'string', number: 'integer', flag: 'boolean' }[kind as string];
  const isScalar = typeof value !== 'object';
  if (wanted !== undefined) {
    return isScalar
      ? `Could not convert string to ${wanted}: ${String(value)}. ${where}`
      : `Unexpected character encountered while parsing value: ${Array.isArray(value) ? '[' : '{'}. ${where}`;
  }
  const asked = kind.startsWith('list') ? 'array (e.g. [1,2,3])' : 'object (e.g. {"name":"value"})';
  return isScalar
    ? `Error converting value ${JSON.stringify(value)} to the type of '${name}', a JSON ${asked}. ${where}`
    : `Cannot deserialize the current JSON ${Array.isArray(value) ? 'array (e.g. [1,2,3])' : 'object (e.g. {"name":"value"})'} ` +
        `into the type of '${name}' because the type requires a JSON ${asked} to deserialize correctly. ${where}`;
}

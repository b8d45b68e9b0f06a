/** How a request's path, query and body are read: what ARM checks before any provider is asked. */
import { parseId } from './arm-id.ts';
import { armError } from './errors.ts';
import { isDeeperThan, isObject, type JsonObject } from './json.ts';

/** How deep JSON may be nested: Json.NET's default and wording; that ARM keeps to them is inferred. */
export const MOST_LEVELS = 64;

/** The path Hono routes by: lower case, without empty segments or a trailing slash. */
export function routePath(url: string): string {
  const path = new URL(url).pathname.toLowerCase();
  return path.replace(/\/{2,}/g, '/').replace(/(.)\/$/, '$1');
}

/** A route pattern in Hono's spelling; `{scope}` takes any number of segments. */
export function honoPattern(pattern: string): string {
  return pattern
    .split('/')
    .map((segment) => {
      if (segment === '{scope}') return ':scope{.+}';
      return segment.startsWith('{') ? `:${segment.slice(1, -1)}` : segment.toLowerCase();
    })
    .join('/');
}

/** The URL's path with the pattern's spelling of what is not a name, less a trailing action. */
export function canonicalId(path: string, pattern: string): string {
  const given = path.split('/').filter((segment) => segment !== '');
  const wanted = pattern.split('/').filter((segment) => segment !== '');
  const offset = given.length - wanted.length;
  const segments = given.map((segment, index) => {
    const literal = wanted[index - offset];
    const isName = literal === undefined || literal.startsWith('{');
    return isName ? nameOf(segment) : literal;
  });
  const id = `/${segments.join('/')}`;
  const { rest } = parseId(id);
  if (rest === undefined) return id;
  const shorter = segments.slice(0, -1);
  // A list at the top of a provider is a list of its group or subscription.
  return `/${(shorter.at(-2) === 'providers' ? shorter.slice(0, -2) : shorter).join('/')}`;
}

/**
 * A name in a path, its escapes resolved. What no resource's name may have ("Naming rules and
 * restrictions for Azure resources") is refused before it makes a path of its own; code and wording
 * invented.
 */
function nameOf(segment: string): string {
  const name = decodePath(segment);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for.
  if (!/[\u0000-\u001f\u007f/\\<>%&?#]/.test(name)) return name;
  const message = `The resource name '${segment}' is invalid: it has characters that no name may have.`;
  throw armError(400, 'InvalidResourceName', message);
}

/** A path with its escapes resolved; what cannot be is ARM's 400 (wording invented). */
export function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw armError(400, 'BadRequest', `The request URI is not valid: '${path}'.`);
  }
}

/** A JSON body, empty when there is none; throws ARM's refusal of anything but an object. */
export function parseBody(text: string): JsonObject {
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `The request content was invalid and could not be deserialized: '${reason}'.`;
    throw armError(400, 'InvalidRequestContent', message);
  }
  if (isDeeperThan(value, MOST_LEVELS)) {
    const reason = `The reader's MaxDepth of ${MOST_LEVELS} has been exceeded.`;
    const message = `The request content was invalid and could not be deserialized: '${reason}'.`;
    throw armError(400, 'InvalidRequestContent', message);
  }
  if (!isObject(value)) {
    const message = 'The request content was invalid: the body must be a JSON object.';
    throw armError(400, 'InvalidRequestContent', message);
  }
  return value;
}

/** 50 tags a resource ("Use tags to organize your Azure resources"; code and wording invented). */
export function requireFewTags({ tags }: JsonObject): void {
  const count = isObject(tags) ? Object.keys(tags).length : 0;
  if (count <= 50) return;
  const message = `The resource would have ${count} tags; 50 are allowed.`;
  throw armError(400, 'InvalidTagCount', message);
}

/** JSON values, and the few accessors that make untyped ARM bodies readable without casts. */

export type Json = string | number | boolean | null | Json[] | JsonObject;

/** A JSON object; a property that is `undefined` is left out when it is serialised. */
export interface JsonObject {
  [key: string]: Json | undefined;
}

/** Whether `value` is a JSON object, neither an array nor null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value found by following `keys` (names or array indexes) of its own, or undefined. */
export function at(value: unknown, ...keys: (string | number)[]): Json | undefined {
  let here: unknown = value;
  for (const key of keys) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key)) return undefined;
    here = (here as Record<string | number, unknown>)[key];
  }
  return here as Json | undefined;
}

/** The string at `keys`, or undefined when it is absent or not a string. */
export function textAt(value: unknown, ...keys: (string | number)[]): string | undefined {
  const found = at(value, ...keys);
  return typeof found === 'string' ? found : undefined;
}

/** The number at `keys`, or undefined when it is absent or not a number. */
export function numberAt(value: unknown, ...keys: (string | number)[]): number | undefined {
  const found = at(value, ...keys);
  return typeof found === 'number' ? found : undefined;
}

/** The array at `keys`; an empty one when it is absent or not an array. */
export function listAt(value: unknown, ...keys: (string | number)[]): Json[] {
  const found = at(value, ...keys);
  return Array.isArray(found) ? found : [];
}

/** The objects of the array at `keys`; anything else in it is passed over. */
export function objectsAt(value: unknown, ...keys: (string | number)[]): JsonObject[] {
  return listAt(value, ...keys).filter(isObject);
}

/** The object at `keys`; an empty, unconnected one when it is absent or not an object. */
export function objectAt(value: unknown, ...keys: (string | number)[]): JsonObject {
  const found = at(value, ...keys);
  return isObject(found) ? found : {};
}

/** The object at `keys` for writing into: whatever is missing on the way is made. */
export function ensureObject(value: JsonObject, ...keys: string[]): JsonObject {
  let here = value;
  for (const key of keys) {
    const next = here[key];
    if (isObject(next)) {
      here = next;
    } else {
      const made: JsonObject = {};
      here[key] = made;
      here = made;
    }
  }
  return here;
}

/**
 * Merges `patch` into a copy of `value`, object by object; arrays and scalars are replaced and
 * null removes, as in JSON merge patch (RFC 7396), which is how ARM's PATCH treats properties.
 */
export function merged(value: JsonObject, patch: JsonObject): JsonObject {
  const result = new Map(Object.entries(value));
  for (const [key, change] of Object.entries(patch)) {
    const old = result.get(key);
    if (change === null) result.delete(key);
    else if (isObject(change)) result.set(key, merged(isObject(old) ? old : {}, change));
    else if (change !== undefined) result.set(key, change);
  }
  return Object.fromEntries(result);
}

/** Whether objects and lists are nested more than `levels` deep in it. */
export function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((each) => isDeeperThan(each, levels - 1));
}

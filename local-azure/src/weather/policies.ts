/**
 * Azure Policy as far as it touches tags: `modify` changes the body of a create or update before its
 * provider sees it, `deny` refuses it ("Azure Policy definitions effect basics").
 */
import { parseId } from '../arm-id.ts';
import { armError } from '../errors.ts';
import { isObject, type JsonObject } from '../json.ts';
import { fitsGlob } from './chance.ts';
import type { PolicyRule } from './document.ts';

/** A request's body as the provider gets it; throws `RequestDisallowedByPolicy`. */
export function underPolicies(
  policies: readonly PolicyRule[],
  request: { readonly method: string; readonly path: string; readonly text: string },
): string {
  const { method, path, text } = request;
  if (policies.length === 0 || (method !== 'PUT' && method !== 'PATCH')) return text;
  const { type, names, rest } = parseId(path);
  const body = bodyOf(text);
  if (body === undefined || rest !== undefined) return text;
  const those = applying(policies, type);
  const sent = isObject(body.tags) ? body.tags : {};
  // What changes a request comes first ("Azure Policy definitions effect basics", order of evaluation).
  const tags = those.filter(({ effect }) => effect !== 'deny').reduce(changed, sent);
  // A patch without tags leaves them as they are, and so what the policy made of them before.
  const isTagged = method === 'PUT' || isObject(body.tags);
  if (those.some((rule) => (isTagged || rule.tag === undefined) && denies(rule, tags)))
    throw disallowed(names.at(-1) ?? '');
  return those.length === 0 || !isTagged ? text : JSON.stringify({ ...body, tags });
}

/** Those of the policies that are about a type. */
export const applying = (policies: readonly PolicyRule[], type: string): PolicyRule[] =>
  policies.filter(({ types }) => fitsGlob(types)(type));

/** Whether a policy refuses a resource with these tags. */
export const denies = (rule: PolicyRule, tags: JsonObject): boolean =>
  rule.effect === 'deny' && !Object.keys(tags).some((name) => isNamed(name, rule.tag));

const isNamed = (name: string, tag: string | undefined): boolean =>
  tag !== undefined && name.toLowerCase() === tag.toLowerCase();

function bodyOf(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Tag names compare without case ("Use tags to organize your Azure resources"). */
function changed(tags: JsonObject, { effect, tag = '', value = '' }: PolicyRule): JsonObject {
  const isIt =
    effect === 'remove'
      ? fitsGlob([tag])
      : (name: string) => name.toLowerCase() === tag.toLowerCase();
  const entries = Object.entries(tags);
  const isThere = entries.some(([name]) => isIt(name));
  if (effect === 'remove') return Object.fromEntries(entries.filter(([name]) => !isIt(name)));
  if (effect === 'add' ? isThere : effect === 'replaceExisting' && !isThere) return tags;
  if (!isThere) return { ...tags, [tag]: value };
  return Object.fromEntries(entries.map(([name, old]) => [name, isIt(name) ? value : old]));
}

/** Of all policies of the weather. */
export const ASSIGNMENT =
  '/providers/Microsoft.Management/managementGroups/corp/providers/Microsoft.Authorization/policyAssignments/weather';

/** (Wording: Azure/azure-policy#387 and many others.) */
function disallowed(name: string): Error {
  const identifiers = JSON.stringify([
    { policyAssignment: { name: 'The weather of the local Azure', id: ASSIGNMENT } },
  ]);
  return armError(
    403,
    'RequestDisallowedByPolicy',
    `Resource '${name}' was disallowed by policy. Policy identifiers: '${identifiers}'.`,
    { target: name },
  );
}

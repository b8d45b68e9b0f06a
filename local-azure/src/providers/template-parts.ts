/** What a template asks for: its resources, one by one, and its outputs. */
import type { Arm, ArmRequest } from '../arm.ts';
import { idKey, sameId } from '../arm-id.ts';
import { armError } from '../errors.ts';
import { at, isObject, type Json, type JsonObject, listAt, objectAt, textAt } from '../json.ts';
import { idIn, resolved, type Scope } from './template-language.ts';

/** One resource of a template. */
export interface Part {
  readonly id: string;
  readonly apiVersion: string;
  readonly body: JsonObject;
  /** IDs, and names of loops. */
  readonly needs: readonly string[];
  /** The loop that it is an instance of. */
  readonly copy: string | undefined;
  state: 'waiting' | 'begun' | 'done';
}

/** What others may say that they depend on. */
export const namesOf = ({ id, copy }: Part): string[] =>
  copy === undefined ? [idKey(id)] : [idKey(id), copy.toLowerCase()];

/** What the template's expressions refer to. */
export function scopeOf(arm: Arm, request: ArmRequest): Scope {
  const given = objectAt(request.body, 'properties');
  const template = objectAt(given, 'template');
  const group = request.id.slice(0, idKey(request.id).indexOf('/providers/'));
  const location = arm.world.groups(request.subscriptionId).find(({ id }) => sameId(id, group));
  const scope: Scope = {
    subscriptionId: request.subscriptionId,
    group,
    location: location?.location ?? '',
    parameters: {},
    variables: {},
  };
  const declared = Object.entries(objectAt(template, 'parameters')).flatMap(([name, each]) => {
    const usual = at(each, 'defaultValue');
    return usual === undefined ? [] : [[name, resolved(usual, scope)]];
  });
  const values = Object.entries(objectAt(given, 'parameters')).map(([name, each]) => [
    name,
    at(each, 'value') ?? null,
  ]);
  const parameters = Object.fromEntries([...declared, ...values]) as JsonObject;
  // Variables may refer to others that stand before them.
  let variables: JsonObject = {};
  for (const [name, each] of Object.entries(objectAt(template, 'variables')))
    variables = { ...variables, [name]: resolved(each, { ...scope, parameters, variables }) };
  return { ...scope, parameters, variables };
}

/** The resources that a resource of a template stands for: one, or as many as its loop makes. */
export function instancesOf(resource: JsonObject, scope: Scope): Part[] {
  const { copy, ...body } = resource;
  if (!isObject(copy)) return [partOf(body, scope)];
  const name = textAt(copy, 'name') ?? '';
  const count = Number(resolved(copy.count, scope));
  // (learn, "Resource iteration in ARM templates": at most 800.)
  if (!Number.isInteger(count) || count < 0 || count > 800) {
    const message = `Deployment template validation failed: 'The copy count '${count}' of '${name}' is not valid.'.`;
    throw armError(400, 'InvalidTemplate', message);
  }
  return Array.from({ length: count }, (_, index) =>
    partOf(body, { ...scope, copy: { name, index } }),
  );
}

function partOf(resource: JsonObject, scope: Scope): Part {
  const { type, name, apiVersion, dependsOn, ...body } = resolved(resource, scope) as JsonObject;
  const needs = listAt({ dependsOn }, 'dependsOn').map((need) => {
    const text = String(need);
    const [namespace = '', kind = '', ...names] = text.split('/');
    // What is neither an ID nor a type and a name is the name of a loop.
    return text.startsWith('/') || names.length === 0
      ? text
      : idIn(scope.group, `${namespace}/${kind}`, names);
  });
  const id = idIn(scope.group, String(type), String(name).split('/'));
  const copy = scope.copy?.name;
  return { id, apiVersion: String(apiVersion), body, needs, copy, state: 'waiting' };
}

/** ARM shows outputs as Json.NET spells members: `VMSS` as `vmss` (azure-cli's tests of vmss create). */
const camelCase = (name: string): string =>
  name.replace(/^[A-Z]+(?![a-z])|^[A-Z]/, (capitals) => capitals.toLowerCase());

export function outputsOf(arm: Arm, outputs: JsonObject, scope: Scope): Json {
  const reference = (id: string): JsonObject | undefined => {
    const whole = id.startsWith('/') ? id : undefined;
    const named = scope.group && `${scope.group}/providers/${id}`;
    return arm.world.get(whole ?? named);
  };
  return Object.fromEntries(
    Object.entries(outputs).map(([name, each]) => {
      const value = resolved(at(each, 'value'), { ...scope, reference });
      return [
        camelCase(name),
        { type: textAt(each, 'type') ?? 'String', value: structuredClone(value) },
      ];
    }),
  );
}

/** Throws ARM's refusal of parts that wait for each other (learn, "Resolve circular dependency errors"). */
export function refuseCircles(parts: readonly Part[]): void {
  let open = parts;
  for (;;) {
    const ids = new Set(open.flatMap(namesOf));
    const next = open.filter(({ needs }) => needs.some((need) => ids.has(idKey(need))));
    if (next.length === 0) return;
    if (next.length === open.length) {
      const message =
        `Deployment template validation failed: 'Circular dependency detected on resource: ` +
        `'${next[0]?.id}'. Please see https://aka.ms/arm-syntax-resources for usage details.'.`;
      throw armError(400, 'InvalidTemplate', message);
    }
    open = next;
  }
}

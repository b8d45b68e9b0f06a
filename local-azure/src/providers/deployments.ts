/**
 * Template deployments, as the Azure CLI's `az vm create` sends them: resources with their
 * dependencies, each made by a PUT of its own as soon as what it depends on is there. Of the
 * template language there is `[parameters('…')]`; anything else fails loudly.
 */
import { type Arm, type ArmRequest, defect, inGroup, type Reply } from '../arm.ts';
import { idKey } from '../arm-id.ts';
import { stamp } from '../clock.ts';
import { armError, type ErrorBody } from '../errors.ts';
import {
  at,
  isObject,
  type Json,
  type JsonObject,
  listAt,
  objectAt,
  objectsAt,
  textAt,
} from '../json.ts';
import { registerReads } from '../stored.ts';
import { asResource, type Resource } from '../world.ts';

const TYPE = 'Microsoft.Resources/deployments';

/** Registers the routes. The first answer and the statuses are from memory. */
export function registerDeployments(arm: Arm): void {
  registerReads(arm, TYPE, 'clients');
  arm.route('PUT', inGroup(`${TYPE}/{deployment}`), 'clients', (request) => begin(arm, request));
  const status = inGroup(`${TYPE}/{deployment}/operationStatuses/{operation}`);
  arm.route('GET', status, 'clients', (request) => poll(arm, request));
}

/** One resource of a template. */
interface Part {
  readonly id: string;
  readonly apiVersion: string;
  readonly body: JsonObject;
  readonly needs: readonly string[];
  state: 'waiting' | 'begun' | 'done';
}

function begin(arm: Arm, request: ArmRequest): Reply {
  const given = objectAt(request.body, 'properties');
  const parameters = objectAt(given, 'parameters');
  const scope = request.id.slice(0, idKey(request.id).indexOf('/providers/'));
  const parts = objectsAt(given, 'template', 'resources').map((each) =>
    partOf(resolved(each, parameters) as JsonObject, scope),
  );
  refuseCircles(parts);
  const deployment = arm.world.put(
    asResource({
      id: request.id,
      properties: {
        mode: 'Incremental',
        provisioningState: 'Accepted',
        timestamp: stamp(arm.now()),
        correlationId: request.requestId,
        outputResources: parts.map(({ id }) => ({ id })),
      },
    }),
  );
  const accepted = structuredClone(deployment);
  new Deployment(arm, deployment, parts, request).goOn();
  const { origin, id, requestId, apiVersion } = request;
  const headers = {
    'azure-asyncoperation': `${origin}${id}/operationStatuses/${requestId}?api-version=${apiVersion}`,
    'retry-after': arm.operations.retryAfter(RETRY_AFTER),
  };
  return { status: 201, body: accepted, headers };
}

/** Seconds; invented. */
const RETRY_AFTER = 5;

function poll(arm: Arm, request: ArmRequest): Reply {
  const id = request.id.slice(0, idKey(request.id).indexOf('/operationstatuses/'));
  const { provisioningState, error } = arm.world.get(id)?.properties ?? {};
  if (provisioningState === 'Failed') return { status: 200, body: { status: 'Failed', error } };
  if (provisioningState === 'Succeeded') return { status: 200, body: { status: 'Succeeded' } };
  const headers = { 'retry-after': arm.operations.retryAfter(RETRY_AFTER) };
  return { status: 200, body: { status: 'Running' }, headers };
}

/** A deployment on its way: looks every second what has become of its parts, and begins the next. */
class Deployment {
  readonly #arm: Arm;
  readonly #deployment: Resource;
  readonly #parts: readonly Part[];
  readonly #request: ArmRequest;

  constructor(arm: Arm, deployment: Resource, parts: readonly Part[], request: ArmRequest) {
    this.#arm = arm;
    this.#deployment = deployment;
    this.#parts = parts;
    this.#request = request;
  }

  goOn(): void {
    if (this.#deployment.properties.provisioningState === 'Failed') return;
    for (const part of this.#parts.filter(({ state }) => state === 'begun')) this.#look(part);
    const open = this.#parts.filter(({ state }) => state !== 'done').map(({ id }) => idKey(id));
    for (const part of this.#parts.filter(({ state }) => state === 'waiting'))
      if (!part.needs.some((each) => open.includes(idKey(each)))) this.#begin(part);
    if (open.length === 0) this.#deployment.properties.provisioningState = 'Succeeded';
    else this.#arm.timeline.after(1, () => this.goOn());
  }

  #look(part: Part): void {
    const made = this.#arm.world.get(part.id);
    const state = at(made, 'properties', 'provisioningState');
    // Some types, such as locks, have no state and are there at once.
    if (state === 'Succeeded' || (made !== undefined && state === undefined)) part.state = 'done';
    if (state === 'Failed')
      this.#fail({ code: 'ResourceDeploymentFailure', message: `${part.id} is Failed.` });
  }

  #begin(part: Part): void {
    part.state = 'begun';
    this.#put(part).catch((error: unknown) => this.#fail(defect(error)));
  }

  /** Sends the part's own PUT, past what belongs to clients alone: records and limits. */
  async #put(part: Part): Promise<void> {
    const text = JSON.stringify(part.body);
    const url = `${this.#request.origin}${part.id}?api-version=${part.apiVersion}`;
    const put = new Request(url, { method: 'PUT', body: text });
    const requestId = this.#arm.random.uuid();
    const { principal } = this.#request;
    const incoming = { requestId, text, fault: undefined, principal };
    const answer = await this.#arm.app.fetch(put, incoming);
    if (answer.ok) return;
    const body = (await answer.json()) as { error: ErrorBody };
    this.#fail(body.error);
  }

  /** (learn, "Troubleshoot common Azure deployment errors": DeploymentFailed.) */
  #fail(detail: ErrorBody): void {
    const message =
      'At least one resource deployment operation failed. Please list deployment operations for ' +
      'details. Please see https://aka.ms/arm-deployment-operations for usage details.';
    const error = { code: 'DeploymentFailed', message, details: [detail] };
    Object.assign(this.#deployment.properties, { provisioningState: 'Failed', error });
  }
}

function partOf(resource: JsonObject, scope: string): Part {
  const { type, name, apiVersion, dependsOn: _, ...body } = resource;
  const idFor = (kind: string, names: string): string => {
    const [namespace, ...types] = kind.split('/');
    const each = names.split('/');
    return `${scope}/providers/${namespace}/${types.map((one, index) => `${one}/${each[index]}`).join('/')}`;
  };
  const needs = listAt(resource, 'dependsOn').map((need) => {
    const text = String(need);
    const [namespace = '', kind = '', ...names] = text.split('/');
    return text.startsWith('/') ? text : idFor(`${namespace}/${kind}`, names.join('/'));
  });
  const id = idFor(String(type), String(name));
  return { id, apiVersion: String(apiVersion), body, needs, state: 'waiting' };
}

/** Throws ARM's refusal of parts that wait for each other (learn, "Resolve circular dependency errors"). */
function refuseCircles(parts: readonly Part[]): void {
  let open = parts;
  for (;;) {
    const ids = new Set(open.map(({ id }) => idKey(id)));
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

/** A template's value with its parameters put in. */
function resolved(value: Json | undefined, parameters: JsonObject): Json | undefined {
  if (Array.isArray(value)) return value.map((each) => resolved(each, parameters) ?? null);
  if (isObject(value)) {
    const pairs = Object.entries(value).map(([key, each]) => [key, resolved(each, parameters)]);
    return Object.fromEntries(pairs) as JsonObject;
  }
  if (typeof value !== 'string' || !/^\[.*\]$/s.test(value)) return value;
  if (value.startsWith('[[')) return value.slice(1);
  const name = /^\[parameters\('([^']+)'\)\]$/.exec(value)?.[1];
  if (name !== undefined) return textAt(parameters, name, 'value') ?? null;
  throw armError(501, 'NotModelled', `The local Azure does not model the expression ${value}`);
}

/**
 * Template deployments, as the Azure CLI's `az vm create` and `az vmss create` send them: resources,
 * also several of a loop, with their dependencies, each made by a PUT of its own as soon as what it
 * depends on is there; then the outputs.
 */
import { type Arm, type ArmRequest, defect, inGroup, type Reply } from '../arm.ts';
import { idKey } from '../arm-id.ts';
import { stamp } from '../clock.ts';
import { ArmError, type ErrorBody } from '../errors.ts';
import { at, type Json, objectAt, objectsAt } from '../json.ts';
import { registerReads } from '../stored.ts';
import { asResource, type Resource } from '../world.ts';
import {
  instancesOf,
  namesOf,
  outputsOf,
  type Part,
  refuseCircles,
  scopeOf,
} from './template-parts.ts';

const TYPE = 'Microsoft.Resources/deployments';

/** Registers the routes. The first answer and the statuses are from memory. */
export function registerDeployments(arm: Arm): void {
  registerReads(arm, TYPE, 'clients');
  arm.route('PUT', inGroup(`${TYPE}/{deployment}`), 'clients', (request) => begin(arm, request));
  const status = inGroup(`${TYPE}/{deployment}/operationStatuses/{operation}`);
  arm.route('GET', status, 'clients', (request) => poll(arm, request));
}

function begin(arm: Arm, request: ArmRequest): Reply {
  const template = objectAt(request.body, 'properties', 'template');
  const scope = scopeOf(arm, request);
  const parts = objectsAt(template, 'resources').flatMap((each) => instancesOf(each, scope));
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
  const outputs = (): Json => outputsOf(arm, objectAt(template, 'outputs'), scope);
  new Deployment({ arm, deployment, parts, request, outputs }).goOn();
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
  readonly #outputs: () => Json;

  constructor(made: {
    readonly arm: Arm;
    readonly deployment: Resource;
    readonly parts: readonly Part[];
    readonly request: ArmRequest;
    /** Works out the outputs, once everything is there. */
    readonly outputs: () => Json;
  }) {
    this.#arm = made.arm;
    this.#deployment = made.deployment;
    this.#parts = made.parts;
    this.#request = made.request;
    this.#outputs = made.outputs;
  }

  goOn(): void {
    if (this.#deployment.properties.provisioningState === 'Failed') return;
    for (const part of this.#parts.filter(({ state }) => state === 'begun')) this.#look(part);
    const open = this.#parts.filter(({ state }) => state !== 'done').flatMap(namesOf);
    for (const part of this.#parts.filter(({ state }) => state === 'waiting'))
      if (!part.needs.some((each) => open.includes(idKey(each)))) this.#begin(part);
    if (open.length === 0) this.#end();
    else this.#arm.timeline.after(1, () => this.goOn());
  }

  #end(): void {
    try {
      this.#deployment.properties.outputs = this.#outputs();
      this.#deployment.properties.provisioningState = 'Succeeded';
    } catch (error) {
      this.#fail(error instanceof ArmError ? error.body : defect(error));
    }
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

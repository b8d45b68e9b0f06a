/**
 * Scale sets, as what an image version is rolled out to: their model can be made, read and changed;
 * instances keep the image they were made of. First answers as recorded (an update: 200 with an
 * operation); how long one takes is invented.
 */
import { type Arm, type ArmRequest, inGroup, type Reply } from '../arm.ts';
import { entityNotFound } from '../errors.ts';
import { merged, objectAt, textAt } from '../json.ts';
import { registerReads } from '../stored.ts';
import { imageSource } from '../vm/image-source.ts';
import { asResource, type Resource } from '../world.ts';
import { fillUp, registerInstances } from './scale-set-instances.ts';

const TYPE = 'Microsoft.Compute/virtualMachineScaleSets';

/** Registers the routes. */
export function registerScaleSets(arm: Arm): void {
  registerReads(arm, TYPE, 'recordings');
  registerInstances(arm);
  const one = inGroup(`${TYPE}/{set}`);
  arm.route('PUT', one, 'recordings', (request) => {
    const { body, id } = request;
    const existing = arm.world.get(id);
    const made = asResource({ ...existing, ...body, id });
    made.properties = structuredClone(objectAt(body, 'properties'));
    return change(arm, request, made, existing === undefined ? 201 : 200);
  });
  arm.route('PATCH', one, 'recordings', (request) => {
    const existing = arm.world.get(request.id);
    if (existing === undefined) throw entityNotFound();
    const next = asResource({ ...merged(existing, request.body), id: existing.id });
    return change(arm, request, next, 200);
  });
}

/** Takes the new model over once its image is one that the set's region has. */
function change(arm: Arm, request: ArmRequest, set: Resource, status: number): Reply {
  const location = textAt(set, 'location') ?? '';
  const { exactVersion } = imageSource(arm, objectAt(set, 'properties', 'virtualMachineProfile'), {
    id: set.id,
    location,
  });
  set.properties.provisioningState = status === 201 ? 'Creating' : 'Updating';
  set.properties.uniqueId ??= arm.random.uuid();
  arm.world.put(set);
  const operation = arm.operations.start(request, {
    kind: 'operations',
    location,
    name: 'PUT virtualMachineScaleSets',
    resource: set.id,
    seconds: 20,
    retryAfter: { first: 10, poll: 10 },
    onEnd: () => {
      set.properties.provisioningState = 'Succeeded';
      fillUp(arm, set, exactVersion);
      return undefined;
    },
    onFault: () => {
      set.properties.provisioningState = 'Failed';
    },
  });
  return operation.reply(status, structuredClone(set));
}

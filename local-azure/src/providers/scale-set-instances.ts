/**
 * Instances of scale sets with uniform orchestration: VMs below their set, each with the image that it
 * was made of, whatever the model has become since (upgrade policy `Manual`; Learn, "Modify a Virtual
 * Machine Scale Set", "instance model view"). Instances of flexible sets are VMs of their own.
 * A set gets its instances when it is made and when its capacity grows; nothing is upgraded.
 */
import { type Arm, inGroup } from '../arm.ts';
import { entityNotFound } from '../errors.ts';
import { type JsonObject, numberAt, objectAt, textAt } from '../json.ts';
import { paged } from '../paged.ts';
import { asResource, page, type Resource } from '../world.ts';

const SET = 'Microsoft.Compute/virtualMachineScaleSets';
/** The type of an instance. */
const INSTANCE = `${SET}/virtualMachines`;

/** Registers the reads of instances. */
export function registerInstances(arm: Arm): void {
  const collection = `${SET}/{set}/virtualMachines`;
  arm.route('GET', inGroup(collection), 'specification', (request) => {
    if (arm.world.get(request.id) === undefined) throw entityNotFound();
    const all = arm.world.list(request.id, INSTANCE);
    const { shown, nextLink } = paged(all, request, 'virtualMachines');
    return { status: 200, body: { ...page(shown), ...nextLink } };
  });
  arm.route('GET', inGroup(`${collection}/{instance}`), 'specification', (request) => {
    const found = arm.world.get(request.id);
    if (found === undefined) throw entityNotFound();
    return { status: 200, body: found };
  });
}

/** Makes the instances that a set's capacity asks for beyond those that there are. */
export function fillUp(arm: Arm, set: Resource, exactVersion: string | undefined): void {
  if (textAt(set, 'properties', 'orchestrationMode') === 'Flexible') return;
  const capacity = numberAt(set, 'sku', 'capacity') ?? 0;
  const there = arm.world.list(set.id, INSTANCE);
  const next = Math.max(-1, ...there.map(({ name }) => Number(name))) + 1;
  for (let index = 0; index < capacity - there.length; index++)
    arm.world.put(instance(arm, set, String(next + index), exactVersion));
}

function instance(
  arm: Arm,
  set: Resource,
  name: string,
  exactVersion: string | undefined,
): Resource {
  const profile = objectAt(set, 'properties', 'virtualMachineProfile');
  const reference: JsonObject = {
    ...objectAt(profile, 'storageProfile', 'imageReference'),
    ...(exactVersion !== undefined && { exactVersion }),
  };
  return asResource({
    id: `${set.id}/virtualMachines/${name}`,
    location: set.location,
    instanceId: name,
    sku: set.sku,
    properties: {
      latestModelApplied: true,
      vmId: arm.random.uuid(),
      provisioningState: 'Succeeded',
      storageProfile: {
        imageReference: reference,
        osDisk: { createOption: 'FromImage', caching: 'ReadWrite' },
      },
    },
  });
}

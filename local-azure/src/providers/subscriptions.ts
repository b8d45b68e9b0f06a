/** ARM's own resources: tenants, subscriptions, locations, providers, resource groups. */
import type { Arm, ArmRequest, Reply } from '../arm.ts';
import { idKey } from '../arm-id.ts';
import { armError } from '../errors.ts';
import { TENANT_ID } from '../identity.ts';
import { isObject, type JsonObject, textAt } from '../json.ts';
import { findRegion, regions } from '../regions.ts';
import { asResource, page, type Resource } from '../world.ts';
import { findNamespace, NAMESPACES } from './namespaces.ts';

const SUBSCRIPTION = '/subscriptions/{subscription}';
const GROUP = `${SUBSCRIPTION}/resourceGroups/{group}`;

/** Registers the routes. Shapes: Microsoft.Resources' public API, 2022-12-01 and 2021-04-01. */
export function registerSubscriptions(arm: Arm): void {
  arm.route('GET', '/tenants', 'specification', () => ({ status: 200, body: page([tenant()]) }));
  arm.route('GET', '/subscriptions', 'specification', () => {
    const all = arm.world.subscriptions().map((id) => subscription(arm, id));
    return { status: 200, body: { ...page(all), count: { type: 'Total', value: all.length } } };
  });
  arm.route('GET', SUBSCRIPTION, 'specification', (request) => ({
    status: 200,
    body: subscription(arm, request.subscriptionId),
  }));
  arm.route('GET', `${SUBSCRIPTION}/locations`, 'specification', (request) => ({
    status: 200,
    body: page(locations(request.subscriptionId)),
  }));
  arm.route('GET', `${SUBSCRIPTION}/providers`, 'specification', (request) => ({
    status: 200,
    body: page(NAMESPACES.map((each) => provider(request.subscriptionId, each))),
  }));
  const one = `${SUBSCRIPTION}/providers/{namespace}`;
  arm.route('GET', one, 'specification', (request) => ({
    status: 200,
    body: findProvider(request),
  }));
  arm.route('POST', `${one}/register`, 'specification', (request) => ({
    status: 200,
    body: findProvider(request),
  }));
  registerGroups(arm);
}

function registerGroups(arm: Arm): void {
  arm.route('GET', `${SUBSCRIPTION}/resourceGroups`, 'specification', (request) => {
    const all = arm.world.groups(request.subscriptionId).map(({ id }) => showGroup(arm, id));
    return { status: 200, body: page(all) };
  });
  arm.route('GET', GROUP, 'specification', (request) => {
    // A HEAD asks for existence only and is answered 204.
    if (request.method === 'HEAD') return { status: 204 };
    return { status: 200, body: showGroup(arm, request.id) };
  });
  arm.route('PUT', GROUP, 'specification', (request) => {
    const existed = arm.world.hasGroup(request.id);
    const location = textAt(request.body, 'location');
    if (!existed || location !== undefined) requireGroupLocation(location);
    arm.world.put(
      asResource({
        id: request.id,
        location: location ?? showGroup(arm, request.id).location,
        // A group that was given none has no such member (azure-cli's recordings of group create).
        ...(isObject(request.body.tags) ? { tags: request.body.tags } : {}),
        properties: { provisioningState: 'Succeeded' },
      }),
    );
    return { status: existed ? 200 : 201, body: showGroup(arm, request.id) };
  });
  arm.route('DELETE', GROUP, 'specification', (request) => {
    // Invented: Azure takes minutes over it and answers 202; nothing here depends on that.
    arm.world.deleteGroup(request.id);
    return { status: 200 };
  });
  for (const scope of [SUBSCRIPTION, GROUP]) {
    arm.route('GET', `${scope}/resources`, 'specification', (request) =>
      listResources(arm, request),
    );
  }
}

/** Throws ARM's refusal of a group without a location or with an unknown one (its public wording). */
function requireGroupLocation(location: string | undefined): void {
  if (location === undefined || location === '') {
    const message = 'The location property is required for this definition.';
    throw armError(400, 'LocationRequired', message);
  }
  if (findRegion(location) !== undefined) return;
  const all = regions.map(({ name }) => name).join(',');
  const message =
    `The provided location '${location}' is not available for resource group. List of available ` +
    `regions is '${all}'.`;
  throw armError(400, 'LocationNotAvailableForResourceGroup', message);
}

/** Resources of a scope without their properties; `resourceType eq '…'` is the filter known. */
function listResources(arm: Arm, request: ArmRequest): Reply {
  const filter = /resourceType eq '([^']+)'/i.exec(request.query.get('$filter') ?? '')?.[1];
  const prefix = `${idKey(request.id)}/`;
  const found = arm.world.all().filter(({ id, type }) => {
    const isTopLevel = type.split('/').length === 2 && /\/providers\//i.test(id);
    const wanted = filter === undefined || filter.toLowerCase() === type.toLowerCase();
    // A deployment is something that was done, and no resource of its group.
    const isResource = isTopLevel && !/\/deployments$|^LocalAzure\//i.test(type);
    return isResource && wanted && idKey(id).startsWith(prefix);
  });
  return { status: 200, body: page(found.map(withoutProperties)) };
}

function withoutProperties(resource: Resource): JsonObject {
  const { properties: _, ...others } = resource;
  return others;
}

function showGroup(arm: Arm, id: string): JsonObject {
  const known = arm.world
    .groups(id.split('/')[2] ?? '')
    .find((each) => idKey(each.id) === idKey(id));
  const stored = arm.world.get(id);
  return {
    id: known?.id ?? id,
    name: (known?.id ?? id).split('/').at(-1) ?? '',
    type: 'Microsoft.Resources/resourceGroups',
    location: textAt(stored, 'location') ?? known?.location,
    ...(stored?.tags === undefined ? {} : { tags: stored.tags }),
    properties: { provisioningState: 'Succeeded' },
  };
}

function tenant(): JsonObject {
  return {
    id: `/tenants/${TENANT_ID}`,
    tenantId: TENANT_ID,
    countryCode: 'NL',
    displayName: 'Contoso',
    defaultDomain: 'contoso.onmicrosoft.com',
    tenantCategory: 'Home',
  };
}

function subscription(arm: Arm, subscriptionId: string): JsonObject {
  const stored = arm.world.get(`/subscriptions/${subscriptionId}`);
  return {
    id: `/subscriptions/${subscriptionId}`,
    authorizationSource: 'RoleBased',
    managedByTenants: [],
    subscriptionId,
    tenantId: TENANT_ID,
    displayName: textAt(stored, 'displayName') ?? 'Local Azure',
    state: 'Enabled',
    subscriptionPolicies: {
      locationPlacementId: 'Public_2014-09-01',
      quotaId: 'PayAsYouGo_2014-09-01',
      spendingLimit: 'Off',
    },
  };
}

function locations(subscriptionId: string): JsonObject[] {
  return regions.map(({ name, displayName, hasZones }) => ({
    id: `/subscriptions/${subscriptionId}/locations/${name}`,
    name,
    type: 'Region',
    displayName,
    regionalDisplayName: displayName,
    metadata: { regionType: 'Physical', regionCategory: hasZones ? 'Recommended' : 'Other' },
    ...(hasZones ? { availabilityZoneMappings: zones(name) } : {}),
  }));
}

function zones(region: string): JsonObject[] {
  return ['1', '2', '3'].map((zone) => ({
    logicalZone: zone,
    physicalZone: `${region}-az${zone}`,
  }));
}

function findProvider(request: ArmRequest): JsonObject {
  const name = request.id.split('/').at(-1) ?? '';
  const namespace = findNamespace(name);
  if (namespace !== undefined) return provider(request.subscriptionId, namespace);
  const message = `The resource namespace '${name}' is invalid.`;
  throw armError(404, 'InvalidResourceNamespace', message);
}

/** Regions come as display names here (learn, "Resource providers and resource types"). */
function provider(
  subscriptionId: string,
  { name, types }: { name: string; types: readonly (readonly [string, readonly string[]])[] },
): JsonObject {
  const everywhere = regions.map(({ displayName }) => displayName);
  const zoneMappings = regions
    .filter(({ hasZones }) => hasZones)
    .map(({ displayName }) => ({ location: displayName, zones: ['1', '2', '3'] }));
  return {
    id: `/subscriptions/${subscriptionId}/providers/${name}`,
    namespace: name,
    registrationPolicy: 'RegistrationRequired',
    registrationState: 'Registered',
    resourceTypes: types.map(([resourceType, apiVersions]) => ({
      resourceType,
      locations: everywhere,
      zoneMappings,
      apiVersions: [...apiVersions],
      capabilities: 'SupportsTags, SupportsLocation',
    })),
  };
}

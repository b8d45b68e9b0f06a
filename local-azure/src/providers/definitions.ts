/** Microsoft.Compute/galleries/images: image definitions. Recorded up to API version 2021-10-01. */
import { type Arm, type ArmRequest, inGroup, type Reply } from '../arm.ts';
import { invalidParameter, propertyChangeNotAllowed } from '../errors.ts';
import { isObject, type JsonObject, objectAt, objectsAt, textAt } from '../json.ts';
import { page, type Resource } from '../world.ts';
import {
  definitionType,
  deleteGalleryResource,
  galleryResource,
  type Lingering,
  patchedBody,
  requireNoChildren,
  requireParent,
  requireText,
  writeAtOnce,
} from './gallery-common.ts';
import { requireLocation } from './locations.ts';

/** From here on a definition is V2 and `TrustedLaunchSupported` unless it says otherwise. */
const modernDefaultsSince = '2025-03-03';

/** First API version that shows each of these (recorded; the specification for the generation). */
const since: Readonly<Record<string, string>> = {
  hyperVGeneration: '2019-07-01',
  architecture: '2021-10-01',
};

/** Registers the routes of image definitions. */
export function registerDefinitions(arm: Arm, lingering: Lingering): void {
  const one = inGroup('Microsoft.Compute/galleries/{gallery}/images/{image}');
  arm.route('GET', one, 'recordings', (request) => {
    const definition = arm.world.get(request.id);
    if (definition === undefined) throw arm.notFound(request.id);
    return { status: 200, body: shownDefinition(definition, request.apiVersion) };
  });
  arm.route(
    'GET',
    inGroup('Microsoft.Compute/galleries/{gallery}/images'),
    'recordings',
    (request) => {
      const found = arm.world.list(request.id, definitionType);
      return {
        status: 200,
        body: page(found.map((each) => shownDefinition(each, request.apiVersion))),
      };
    },
  );
  arm.route('PUT', one, 'recordings', (request) => write(arm, request, request.body));
  arm.route('PATCH', one, 'recordings', (request) => {
    const existing = arm.world.get(request.id);
    if (existing === undefined) throw arm.notFound(request.id);
    return write(arm, request, patchedBody(existing, request.body));
  });
  arm.route('DELETE', one, 'recordings', (request) => {
    requireNoChildren(arm, lingering, request.id);
    return deleteGalleryResource(arm, request, 'DELETE galleries/images', () =>
      lingering.add(request.id),
    );
  });
}

function shownDefinition(definition: Resource, apiVersion: string): Resource {
  const properties = Object.fromEntries(
    Object.entries(definition.properties).filter(([name]) => (since[name] ?? '') <= apiVersion),
  );
  return { ...definition, properties };
}

function write(arm: Arm, request: ArmRequest, body: JsonObject): Reply {
  requireParent(arm, request);
  const existing = arm.world.get(request.id);
  requireLocation({ ...request, body }, existing);
  requireDefinitionName(request.name);
  const sent = objectAt(body, 'properties');
  const properties = existing === undefined ? created(request, body) : updated(existing, sent);
  const definition = galleryResource(request.id, definitionType, body, existing, properties);
  const options = { isNew: existing === undefined, name: 'PUT galleries/images' };
  const reply = writeAtOnce(arm, request, definition, options);
  return { ...reply, body: shownDefinition(reply.body as Resource, request.apiVersion) };
}

function created(request: ArmRequest, body: JsonObject): JsonObject {
  const sent = objectAt(body, 'properties');
  const root = 'galleryImage';
  const isModern = request.apiVersion >= modernDefaultsSince;
  const hyperVGeneration = textAt(sent, 'hyperVGeneration') ?? (isModern ? 'V2' : 'V1');
  const defaults: JsonObject[] =
    isModern && hyperVGeneration === 'V2'
      ? [{ name: 'SecurityType', value: 'TrustedLaunchSupported' }]
      : [];
  const features = Array.isArray(sent.features) ? objectsAt(sent, 'features') : defaults;
  return {
    ...kept(sent),
    hyperVGeneration,
    architecture: textAt(sent, 'architecture') ?? 'x64',
    ...(features.length === 0 ? {} : { features: features.map(normalised) }),
    osType: requireText(body, root, 'properties', 'osType'),
    osState: requireText(body, root, 'properties', 'osState'),
    identifier: {
      publisher: requireText(body, root, 'properties', 'identifier', 'publisher'),
      offer: requireText(body, root, 'properties', 'identifier', 'offer'),
      sku: requireText(body, root, 'properties', 'identifier', 'sku'),
    },
  };
}

/** Free text and advice, kept as sent; an empty `disallowed` vanishes (recorded). */
const advice = [
  'description',
  'eula',
  'privacyStatementUri',
  'releaseNoteUri',
  'endOfLifeDate',
  'recommended',
  'disallowed',
  'purchasePlan',
];

function kept(sent: JsonObject): JsonObject {
  const isEmpty = (value: unknown): boolean => isObject(value) && Object.keys(value).length === 0;
  const named = Object.entries(sent).filter(
    ([name, value]) => advice.includes(name) && !isEmpty(value),
  );
  return Object.fromEntries(named);
}

const spellings = [
  'TrustedLaunch',
  'TrustedLaunchSupported',
  'ConfidentialVM',
  'ConfidentialVMSupported',
  'TrustedLaunchAndConfidentialVmSupported',
  'Standard',
  'True',
  'False',
];

/** Values come back in the service's own spelling (recorded: `ConfidentialVm`, `true`). */
function normalised(feature: JsonObject): JsonObject {
  // The first features there were are not looked into (recorded 2020-11 in test_vm_disk_max_shares_etc).
  if (/^Is(Secure|Measured)BootSupported$/.test(textAt(feature, 'name') ?? '')) return feature;
  const value = textAt(feature, 'value') ?? '';
  const spelling = spellings.find((each) => each.toLowerCase() === value.toLowerCase());
  return { ...feature, value: spelling ?? value };
}

/** What a definition is can never change (azure-sdk-for-java#28842). */
const fixed = ['osType', 'osState', 'hyperVGeneration', 'architecture', 'eula', 'purchasePlan'];

function updated(existing: Resource, sent: JsonObject): JsonObject {
  const before = existing.properties;
  for (const name of fixed) {
    if (sent[name] === undefined || same(sent[name], before[name])) continue;
    throw propertyChangeNotAllowed(`galleryImage.properties.${name}`);
  }
  for (const name of ['publisher', 'offer', 'sku']) {
    const wanted = textAt(sent, 'identifier', name);
    if (wanted === undefined || same(wanted, textAt(before, 'identifier', name))) continue;
    throw propertyChangeNotAllowed(`galleryImage.properties.identifier.${name}`);
  }
  const features = objectsAt(sent, 'features').map(normalised);
  const isFeatureChange = sent.features !== undefined && !same(features, before.features ?? []);
  const mayChange = (sent.allowUpdateImage ?? before.allowUpdateImage) === true;
  if (isFeatureChange && !mayChange)
    throw propertyChangeNotAllowed('galleryImage.properties.features');
  return { ...before, ...kept(sent), ...(isFeatureChange ? { features } : {}) };
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a)?.toLowerCase() === JSON.stringify(b)?.toLowerCase();
}

/** (Pattern from Azure's naming rules; wording invented.) */
function requireDefinitionName(name: string): void {
  if (/^[a-zA-Z0-9]([\w.-]{0,78}[a-zA-Z0-9])?$/.test(name)) return;
  throw invalidParameter(`The image definition name '${name}' is invalid.`, 'galleryImageName');
}

/**
 * Storage accounts, as far as VMs with unmanaged disks and their diagnostics refer to them. Shapes are
 * those of azure-rest-api-specs' examples (StorageAccountCreate, StorageAccountListKeys).
 */
import { type Arm, type ArmRequest, inGroup, inSubscription, type Reply } from '../arm.ts';
import { stamp } from '../clock.ts';
import { armError } from '../errors.ts';
import { isObject, type JsonObject, objectAt, textAt } from '../json.ts';
import { compactRegion } from '../regions.ts';
import { registerReads } from '../stored.ts';
import { asResource } from '../world.ts';
import { requireLocation } from './locations.ts';

const TYPE = 'Microsoft.Storage/storageAccounts';
const SERVICES = ['blob', 'file', 'queue', 'table', 'dfs'];

/** Registers the routes. Making an account is done at once, which is invented: Azure takes seconds. */
export function registerStorageAccounts(arm: Arm): void {
  registerReads(arm, TYPE, 'specification');
  const one = inGroup(`${TYPE}/{account}`);
  arm.route('PUT', one, 'specification', (request) => write(arm, request));
  arm.route('DELETE', one, 'specification', ({ id }) => ({
    status: arm.world.delete(id) ? 200 : 204,
  }));
  arm.route('POST', inGroup(`${TYPE}/{account}/listKeys`), 'specification', () => {
    const key = (name: string): JsonObject => ({
      creationTime: stamp(arm.now()),
      keyName: name,
      value: Buffer.from(arm.random.hex(64)).toString('base64'),
      permissions: 'FULL',
    });
    return { status: 200, body: { keys: [key('key1'), key('key2')] } };
  });
  const check = inSubscription('Microsoft.Storage/checkNameAvailability');
  arm.route('POST', check, 'specification', ({ body }) => {
    const name = textAt(body, 'name') ?? '';
    if (!isTaken(arm, name)) return { status: 200, body: { nameAvailable: true } };
    const message = `The storage account named ${name} is already taken.`;
    return { status: 200, body: { nameAvailable: false, reason: 'AlreadyExists', message } };
  });
}

const isTaken = (arm: Arm, name: string): boolean =>
  arm.world
    .all()
    .some((each) => each.type === TYPE && each.name.toLowerCase() === name.toLowerCase());

function write(arm: Arm, request: ArmRequest): Reply {
  const { body, id, name } = request;
  const existing = arm.world.get(id);
  const location = compactRegion(requireLocation(request, existing));
  if (!/^[a-z0-9]{3,24}$/.test(name)) {
    const message =
      `${name} is not a valid storage account name. Storage account name must be between 3 and 24 ` +
      'characters in length and use numbers and lower-case letters only.';
    throw armError(400, 'AccountNameInvalid', message);
  }
  if (existing === undefined && isTaken(arm, name)) {
    const message = `The storage account named ${name} is already taken.`;
    throw armError(409, 'StorageAccountAlreadyTaken', message);
  }
  const sku = textAt(body, 'sku', 'name') ?? 'Standard_LRS';
  const account = asResource({
    id,
    location,
    tags: isObject(body.tags) ? body.tags : {},
    sku: { name: sku, tier: sku.split('_')[0] ?? sku },
    kind: textAt(body, 'kind') ?? 'StorageV2',
    properties: {
      ...defaults(arm, name, location),
      ...existing?.properties,
      ...objectAt(body, 'properties'),
    },
  });
  return { status: 200, body: arm.world.put(account) };
}

function defaults(arm: Arm, name: string, location: string): JsonObject {
  const created = stamp(arm.now());
  const service = { keyType: 'Account', enabled: true, lastEnabledTime: created };
  return {
    keyCreationTime: { key1: created, key2: created },
    allowBlobPublicAccess: false,
    minimumTlsVersion: 'TLS1_0',
    networkAcls: {
      bypass: 'AzureServices',
      virtualNetworkRules: [],
      ipRules: [],
      defaultAction: 'Allow',
    },
    supportsHttpsTrafficOnly: true,
    encryption: {
      services: { file: service, blob: service },
      keySource: 'Microsoft.Storage',
    },
    accessTier: 'Hot',
    provisioningState: 'Succeeded',
    creationTime: created,
    primaryEndpoints: Object.fromEntries(
      SERVICES.map((each) => [each, `https://${name}.${each}.core.windows.net/`]),
    ),
    primaryLocation: location,
    statusOfPrimary: 'available',
  };
}

/** A version with all that a version can have, and promotions of it by the inputs of action.yml. */

import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { type JsonObject, objectAt, objectsAt } from '../../local-azure/src/json.ts';
import { assignmentOf, readInputs } from '../../src/github/inputs/requests.ts';
import { localAzure, promote } from './harness.ts';
import { putVersion, storedVersionId } from './stored-version.ts';
import { encryptionSet } from './world-changes.ts';

/**
 * A version with everything that a version can have, beside an older one that is `latest`.
 *
 * @param keyed with a key in each region: where one has a key, all must (Learn, "image-version-encryption.md"), so
 *   that no region can be added without
 */
export function world(keyed = true): LocalAzure {
  const azure = localAzure();
  const keys = (region: string) => {
    if (!keyed) return {};
    const osDiskImage = { diskEncryptionSetId: encryptionSet(azure, region), securityProfile: {} };
    return { encryption: { osDiskImage } };
  };
  putVersion(azure, [
    { name: 'West Europe', regionalReplicaCount: 2, ...keys('westeurope') },
    {
      name: 'North Europe',
      regionalReplicaCount: 3,
      storageAccountType: 'Premium_LRS',
      excludeFromLatest: false,
      ...keys('northeurope'),
    },
    {
      name: 'East US 2',
      regionalReplicaCount: 5,
      excludeFromLatest: true,
      ...keys('eastus2'),
      additionalReplicaSets: [{ storageAccountType: 'Standard_LRS', regionalReplicaCount: 2 }],
    },
  ]);
  const version = stored(azure);
  const older = structuredClone(version);
  objectAt(older.properties, 'publishingProfile').excludeFromLatest = false;
  for (const region of regionsIn(older)) region.excludeFromLatest = false;
  azure.world.put({ ...older, id: older.id.replace('1.0.0', '0.9.0'), name: '0.9.0' });
  const profile = objectAt(version.properties, 'publishingProfile');
  profile.replicaCount = 2;
  profile.endOfLifeDate = '2028-01-01T00:00:00+00:00';
  profile.targetExtendedLocations = [
    {
      name: 'West Europe',
      extendedLocation: { name: 'microsoftrotterdam', type: 'EdgeZone' },
      extendedLocationReplicaCount: 1,
      storageAccountType: 'Standard_LRS',
    },
  ];
  version.properties.safetyProfile = {
    reportedForPolicyViolation: false,
    allowDeletionOfReplicatedLocations: false,
    blockDeletionBeforeEndOfLife: false,
  };
  version.properties.validationsProfile = { validationOperationStatus: 'NotExecuted' };
  version.properties.securityProfile = {
    uefiSettings: { signatureTemplateNames: ['MicrosoftUefiCertificateAuthorityTemplate'] },
  };
  version.tags = { team: 'images', 'Cost Center': '4711', 'golden-image-owner': 'a.b' };
  azure.world.put(version);
  azure.requests.clear();
  return azure;
}

export function stored(azure: LocalAzure) {
  azure.settle();
  const found = azure.world.get(storedVersionId(azure));
  if (!found) throw new Error('The version is gone');
  return structuredClone(found);
}

export type Stored = ReturnType<typeof stored>;

export const regionsIn = ({ properties }: Stored): JsonObject[] =>
  objectsAt(properties, 'publishingProfile', 'targetRegions');
export const profileOf = ({ properties }: Stored): JsonObject =>
  objectAt(properties, 'publishingProfile');
export const named = (version: Stored, name: string): JsonObject =>
  regionsIn(version).find((region) => region.name === name) ?? {};

export type Inputs = Readonly<Record<string, string>>;

/** The promotion that these inputs ask for, as the action reads them. */
export async function given(azure: LocalAzure, inputs: Inputs) {
  const all: Inputs = {
    operation: 'promote',
    'tenant-id': azure.tenantId,
    'client-id': azure.clientId,
    'subscription-id': azure.subscriptionId,
    'resource-group': 'images',
    'source-image-version': 'golden/ubuntu-2404/1.0.0',
    ...inputs,
  };
  const asked = readInputs({
    get: (name) => all[name] ?? '',
    given: Object.keys(all),
    env: {},
    azSession: () => false,
    now: new Date(),
  });
  const { request } = assignmentOf(asked);
  if (request.operation !== 'promote') throw new Error(`An operation ${request.operation}`);
  const { pollSeconds, dryRun } = asked;
  const run = await promote(azure, request, { dryRun, ...(pollSeconds && { pollSeconds }) });
  if (run.failure) throw run.failure;
  await new Promise((done) => setTimeout(done, 3 * 3600_000));
  return run;
}

/** A region as Azure shows it, with what it has where nothing is said. */
export const region = (name: string, more: JsonObject = {}): JsonObject => ({
  name,
  regionalReplicaCount: 2,
  storageAccountType: 'Standard_ZRS',
  ...more,
});

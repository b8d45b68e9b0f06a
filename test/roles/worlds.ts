/** Where the runs begin: each brings the default world there, before any role is assigned. */
import { parentId } from '../../local-azure/src/arm-id.ts';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { DEFAULT_PLACE } from '../../local-azure/src/default-world.ts';
import { asResource } from '../../local-azure/src/world.ts';
import { definition, gallery, idOf, type Place } from '../../local-azure/src/world-parts.ts';
import { deprovisionMark } from '../../src/domain/deprovision-mark.ts';
import { changeVm } from '../scenarios/changed-vm.ts';
import { buildVm, capture, definitionId, ofWindows } from '../scenarios/harness.ts';
import { putUser, putVersions, versionId } from '../scenarios/prune-worlds.ts';
import { putVersion } from '../scenarios/stored-version.ts';

const PRODUCTION: Place = {
  subscriptionId: '77777777-2222-4333-8444-555555555555',
  resourceGroup: 'released',
  location: 'westeurope',
};
/** A definition in the gallery of another subscription. */
export const DESTINATION = idOf(
  PRODUCTION,
  'Microsoft.Compute/galleries/images',
  'production',
  'ubuntu',
);

/** A subscription in which the image is used. */
export const USERS = '66666666-2222-4333-8444-555555555555';

/** Old versions, of which a scale set and a copy in another subscription need one each. */
export function putPrunable(azure: LocalAzure): void {
  const place = { subscriptionId: USERS, resourceGroup: 'web', location: 'westeurope' };
  putVersions(
    azure,
    { number: '1.0.0', days: 400 },
    { number: '1.1.0', days: 300 },
    { number: '1.2.0', days: 200 },
    { number: '2.0.0', days: 100 },
  );
  const set = idOf(place, 'Microsoft.Compute/virtualMachineScaleSets', 'web');
  putUser(azure, set, { id: versionId(azure, '2.0.0') });
  putUser(azure, `${set}/virtualMachines/0`, { id: versionId(azure, '1.1.0') });
  azure.world.put(gallery(place, 'copies'));
  const parts = { osType: 'Linux', osState: 'Generalized', securityType: 'TrustedLaunch' } as const;
  azure.world.put(definition(place, 'copies', { ...parts, name: 'ubuntu' }));
  azure.world.put(
    asResource({
      id: `${idOf(place, 'Microsoft.Compute/galleries/images', 'copies', 'ubuntu')}/versions/1.0.0`,
      location: 'westeurope',
      properties: {
        provisioningState: 'Creating',
        publishingProfile: { targetRegions: [{ name: 'West Europe' }] },
        storageProfile: { source: { id: versionId(azure, '1.2.0') } },
      },
    }),
  );
}

export async function stopVm(azure: LocalAzure): Promise<void> {
  const url = `${azure.endpoint}${buildVm(azure)}/powerOff?api-version=2024-07-01`;
  await azure.fetch(new Request(url, { method: 'POST' }));
  await new Promise((done) => setTimeout(done, 120_000));
}

export function failNextVersion(azure: LocalAzure): void {
  const error = { code: 'ImageVersionFailed', message: 'It failed.' };
  const match = { method: 'PUT', path: '**/versions/*' };
  azure.faults.add({ match, fate: { operation: { status: 'Failed', error } } });
}

/** A region of version 1.0.0 has failed, and fails in the next change once more. */
export function failRegion(azure: LocalAzure): void {
  putVersion(azure, [{ name: 'West Europe' }, { name: 'North Europe', failed: true }]);
  azure.faults.add({
    match: { method: 'PUT', path: '**/versions/*' },
    fate: { region: { name: 'northeurope', state: 'Failed' } },
  });
}

export async function failVersion(azure: LocalAzure): Promise<void> {
  failNextVersion(azure);
  await capture(azure);
}

/** Version 1.0.0, out of `latest` unless told otherwise, and another gallery that it can be copied to. */
export async function addProduction(azure: LocalAzure, excludeFromLatest = true): Promise<void> {
  azure.world.put(gallery(PRODUCTION, 'production'));
  azure.world.put(
    definition(PRODUCTION, 'production', {
      name: 'ubuntu',
      osType: 'Linux',
      osState: 'Generalized',
      securityType: 'TrustedLaunch',
    }),
  );
  await capture(azure, { request: { excludeFromLatest } });
}

export async function leaveInFlight(azure: LocalAzure): Promise<void> {
  await capture(azure, { request: { waitFor: 'none' } });
}

/** A Standard VM, and a definition that takes no VM as source. */
export function onlySupported(azure: LocalAzure): void {
  for (const { id, properties } of azure.world.all())
    if (id.includes('/build-linux')) delete properties.securityProfile;
  const definition = resource(azure, definitionId(azure));
  const features = (definition.properties.features ?? []) as { name: string; value: string }[];
  definition.properties.features = features.map((feature) =>
    feature.name === 'SecurityType' ? { ...feature, value: 'TrustedLaunchSupported' } : feature,
  );
}

/** The resource group for throw-away VMs. */
export const TESTS = `/subscriptions/${DEFAULT_PLACE.subscriptionId}/resourceGroups/tests`;

/** The disk encryption set that `addKey` makes. */
export const KEY = idOf(DEFAULT_PLACE, 'Microsoft.Compute/diskEncryptionSets', 'keys');

/** A region whose replicas are encrypted with it. */
export const KEYED_REGION = {
  name: 'westeurope',
  encryption: {
    osDiskImage: { diskEncryptionSetId: KEY },
    dataDiskImages: [{ lun: 0, diskEncryptionSetId: KEY }],
  },
};

export function addKey(azure: LocalAzure): void {
  const properties = { provisioningState: 'Succeeded' };
  azure.world.put(asResource({ id: KEY, location: 'westeurope', properties }));
}

export function softDelete(azure: LocalAzure, id = parentId(definitionId(azure))): void {
  resource(azure, id).properties.softDeletePolicy = { isSoftDeleteEnabled: true };
}

function resource(azure: LocalAzure, id: string) {
  const found = azure.world.get(id);
  if (!found) throw new Error(`The default world has no ${id}`);
  return found;
}

/** A Windows VM that has deprovisioned itself, and still has the run command that asked it to. */
export async function leaveCommand(azure: LocalAzure): Promise<void> {
  await changeVm(azure, 'deprovision', ofWindows(azure));
  const vm = azure.world.get(ofWindows(azure).vm);
  const mark = deprovisionMark((vm?.tags ?? {}) as Record<string, string>);
  const id = `${vm?.id}/runCommands/golden-image-${mark?.nonce}`;
  azure.world.put(asResource({ id, location: 'westeurope', properties: {} }));
}

/** What of a VM each API version shows. */
import { isObject, type Json, type JsonObject } from '../json.ts';

/**
 * Members with the API version that first shows them; lists are looked through. Recorded with every
 * version from 2016-03-30 to 2024-07-01 that a client has used; a date is that of the first version
 * recorded with the member, which may be one or two too late.
 */
const since: readonly (readonly [version: string, ...paths: string[]])[] = [
  ['2017-12-01', 'properties.instanceView.computerName'],
  ['2017-12-01', 'properties.instanceView.osName', 'properties.instanceView.osVersion'],
  ['2018-06-01', 'properties.osProfile.allowExtensionOperations'],
  ['2018-06-01', 'properties.osProfile.linuxConfiguration.provisionVMAgent'],
  ['2018-06-01', 'properties.additionalCapabilities', 'identity.userAssignedIdentities'],
  ['2019-03-01', 'properties.osProfile.requireGuestProvisionSignal'],
  ['2019-03-01', 'properties.instanceView.hyperVGeneration'],
  ['2019-07-01', 'properties.storageProfile.imageReference.exactVersion'],
  ['2019-03-01', 'properties.storageProfile.dataDisks.toBeDetached'],
  ['2020-06-01', 'properties.osProfile.linuxConfiguration.patchSettings'],
  ['2020-06-01', 'properties.osProfile.windowsConfiguration.patchSettings'],
  ['2021-03-01', 'properties.osProfile.linuxConfiguration.patchSettings.assessmentMode'],
  ['2021-03-01', 'properties.osProfile.windowsConfiguration.patchSettings.assessmentMode'],
  ['2021-07-01', 'properties.storageProfile.osDisk.deleteOption'],
  ['2021-07-01', 'properties.storageProfile.dataDisks.deleteOption'],
  ['2021-07-01', 'properties.networkProfile.networkInterfaces.properties.deleteOption'],
  ['2022-03-01', 'properties.timeCreated'],
  ['2022-03-01', 'properties.osProfile.linuxConfiguration.enableVMAgentPlatformUpdates'],
  ['2022-03-01', 'properties.osProfile.windowsConfiguration.enableVMAgentPlatformUpdates'],
  ['2022-08-01', 'properties.storageProfile.diskControllerType'],
];

const sinceByPath = new Map(
  since.flatMap(([version, ...paths]) => paths.map((path): [string, string] => [path, version])),
);

/** A copy of a VM without what `apiVersion` does not know. */
export function asOf<T extends JsonObject>(vm: T, apiVersion: string): T {
  return pruned(vm, '', apiVersion) as T;
}

function pruned(value: Json | undefined, path: string, apiVersion: string): Json | undefined {
  if (Array.isArray(value)) return value.map((each) => pruned(each, path, apiVersion) as Json);
  if (!isObject(value)) return value;
  const kept = Object.entries(value).flatMap(([name, inner]): [string, Json | undefined][] => {
    const own = path === '' ? name : `${path}.${name}`;
    if ((sinceByPath.get(own) ?? '') > apiVersion) return [];
    return [[name, pruned(inner, own, apiVersion)]];
  });
  return Object.fromEntries(kept);
}

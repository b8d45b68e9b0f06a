/** Definitions with versions of every age, and what may need them. */
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import type { JsonObject } from '../../local-azure/src/json.ts';
import { asResource, type ResourceInput } from '../../local-azure/src/world.ts';
import { madeOfTag, throwAwayId } from '../../src/domain/throw-away.ts';

/** A version as a test tells of it. */
export interface Aged {
  readonly number: string;
  /** Days before now. */
  readonly days: number;
  readonly excluded?: boolean;
  readonly state?: string;
  readonly regions?: readonly (JsonObject & { readonly name: string; readonly failed?: boolean })[];
  readonly source?: string;
  readonly mode?: 'Full' | 'Shallow';
  readonly tags?: Readonly<Record<string, string>>;
  readonly endOfLife?: string;
  readonly blocked?: boolean;
  readonly definition?: string;
}

const DAY_MS = 24 * 3600 * 1000;

/** Where a world is. */
type Place = Pick<LocalAzure, 'subscriptionId'>;

const inGroup = ({ subscriptionId }: Place, path: string): string =>
  `/subscriptions/${subscriptionId}/resourceGroups/images/providers/Microsoft.Compute/${path}`;

const definitionIn = (place: Place, definition = 'ubuntu-2404'): string =>
  inGroup(place, `galleries/golden/images/${definition}`);

export const versionId = (place: Place, number: string, definition?: string): string =>
  `${definitionIn(place, definition)}/versions/${number}`;

/** A version as Azure shows it. */
export function agedVersion(azure: Place, version: Aged): ResourceInput {
  const { number, days, state = 'Succeeded', tags = {}, mode = 'Full' } = version;
  const regions = version.regions ?? [{ name: 'West Europe' }];
  const summary = regions.map(({ name, failed = state === 'Failed' }) => ({
    region: name,
    state: failed ? 'Failed' : 'Completed',
    progress: failed ? 40 : 100,
  }));
  return {
    id: versionId(azure, number, version.definition),
    location: 'westeurope',
    tags,
    properties: {
      provisioningState: state,
      publishingProfile: {
        targetRegions: regions.map(({ failed: _, ...region }) => ({
          regionalReplicaCount: 2,
          storageAccountType: 'Standard_LRS',
          ...region,
        })),
        replicaCount: 1,
        excludeFromLatest: version.excluded ?? false,
        publishedDate: new Date(Date.now() - days * DAY_MS).toISOString(),
        replicationMode: mode,
        ...(version.endOfLife && { endOfLifeDate: version.endOfLife }),
      },
      storageProfile: {
        source: version.source
          ? { id: version.source }
          : { virtualMachineId: inGroup(azure, 'virtualMachines/build-linux') },
        osDiskImage: { sizeInGB: 64, hostCaching: 'ReadWrite', source: {} },
      },
      safetyProfile: {
        allowDeletionOfReplicatedLocations: false,
        ...(version.blocked && { blockDeletionBeforeEndOfLife: true }),
      },
      replicationStatus: { aggregatedState: state === 'Failed' ? 'Failed' : 'Completed', summary },
    },
  };
}

/** Puts versions into the world. */
export function putVersions(azure: LocalAzure, ...versions: readonly Aged[]): void {
  for (const version of versions) azure.world.put(asResource(agedVersion(azure, version)));
}

/** Numbers of the versions that there are, in order. */
export const numbersIn = (azure: LocalAzure, definition?: string): string[] =>
  azure.world
    .list(definitionIn(azure, definition), 'Microsoft.Compute/galleries/images/versions')
    .map(({ name }) => name)
    .sort();

/** The ID of what uses images, in a resource group of its own. */
export const compute = (path: string, subscription: string): string =>
  `/subscriptions/${subscription}/resourceGroups/web/providers/Microsoft.Compute/${path}`;

/** A VM, scale set or instance that names an image so. */
export function putUser(
  azure: LocalAzure,
  id: string,
  imageReference: JsonObject,
  capacity = 1,
): void {
  const isSet = /virtualMachineScaleSets\/[^/]+$/.test(id);
  const storage = { storageProfile: { imageReference, osDisk: { createOption: 'FromImage' } } };
  azure.world.put(
    asResource({
      id,
      location: 'westeurope',
      ...(isSet && { sku: { name: 'Standard_D2s_v5', capacity } }),
      properties: {
        provisioningState: 'Succeeded',
        ...(isSet ? { virtualMachineProfile: storage } : storage),
      },
    }),
  );
}

/** Four old versions and a young one, which alone stays. */
export const OLD = [
  { number: '1.0.0', days: 400 },
  { number: '1.1.0', days: 300 },
  { number: '1.2.0', days: 200 },
  { number: '1.3.0', days: 100 },
  { number: '2.0.0', days: 1 },
] as const;

/** What is unusual about a throw-away VM. */
export interface ThrowAway {
  readonly name?: string;
  readonly hours?: number;
  readonly of?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

/** The throw-away VM of version 1.0.0, as a verification left it three days ago. */
export function putThrowAway(
  azure: LocalAzure,
  { name, hours = 72, of = '1.0.0', tags }: ThrowAway = {},
): string {
  const version = versionId(azure, '1.0.0');
  const derived = throwAwayId(version, versionId(azure, '').replace(/\/providers\/.*/, ''));
  const id = name ? derived.replace(/[^/]+$/, name) : derived;
  azure.world.put(
    asResource({
      id,
      location: 'westeurope',
      tags: tags ?? madeOfTag(version),
      properties: {
        provisioningState: 'Succeeded',
        vmId: '0f1e2d3c-4b5a-4968-8776-655443322110',
        timeCreated: new Date(Date.now() - hours * 3600 * 1000).toISOString(),
        hardwareProfile: { vmSize: 'Standard_D2s_v5' },
        storageProfile: {
          imageReference: { id: versionId(azure, of) },
          osDisk: { osType: 'Linux', createOption: 'FromImage', deleteOption: 'Delete' },
        },
        networkProfile: { networkInterfaces: [] },
      },
    }),
  );
  return id;
}

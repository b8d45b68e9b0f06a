/** Changes of the default world, for the worlds that break rules. */
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import type { JsonObject } from '../../local-azure/src/json.ts';
import { asResource, type Resource } from '../../local-azure/src/world.ts';
import { buildVm, definitionId } from './harness.ts';

/** ID of something in Microsoft.Compute, in the default world's resource group or in another's. */
export const compute = (
  azure: LocalAzure,
  path: string,
  subscription = azure.subscriptionId,
): string =>
  `/subscriptions/${subscription}/resourceGroups/images/providers/Microsoft.Compute/${path}`;

/** The definition that needs no deprovision, so that only the version is at stake. */
export const specialized = (azure: LocalAzure) => ({
  definition: definitionId(azure, 'ubuntu-2404-specialized'),
});

/** Changes the properties of the build VM. */
export function changeVm(azure: LocalAzure, change: (vm: JsonObject) => unknown): void {
  changed(azure, buildVm(azure), (properties) => change(properties) as JsonObject);
}

/** Changes the properties of the specialized definition. */
export function definition(azure: LocalAzure, properties: JsonObject): void {
  changed(azure, specialized(azure).definition, (before) => ({ ...before, ...properties }));
}

export const osDisk = 'build-linux_OsDisk';
export const dataDisk = 'build-linux_DataDisk_0';

/** Changes a disk: what stands beside its properties, and these. */
export function disks(
  azure: LocalAzure,
  name: string,
  beside: JsonObject,
  properties: JsonObject = {},
): void {
  const id = compute(azure, `disks/${name}`);
  Object.assign(azure.world.get(id) ?? {}, beside);
  changed(azure, id, (before) => ({ ...before, ...properties }));
}

function changed(
  azure: LocalAzure,
  id: string,
  change: (properties: JsonObject) => JsonObject,
): Resource {
  const resource = azure.world.get(id);
  if (!resource) throw new Error(`There is no ${id} in this world`);
  resource.properties = change(resource.properties);
  return resource;
}

/** Lets the build VM be deallocated and generalized. */
export const generalized = (azure: LocalAzure): void =>
  changeVm(azure, (vm) => ({
    ...vm,
    instanceView: {
      statuses: [
        { code: 'OSState/generalized' },
        { code: 'ProvisioningState/succeeded' },
        { code: 'PowerState/deallocated' },
      ],
    },
  }));

/** Incremental snapshots of the OS disk, each as old as this. */
export function snapshotsTaken(azure: LocalAzure, count: number, secondsAgo: number): void {
  for (let index = 0; index < count; index++)
    azure.world.put(
      asResource({
        id: compute(azure, `snapshots/old-${index}`),
        location: 'westeurope',
        properties: {
          incremental: true,
          creationData: {
            createOption: 'Copy',
            sourceResourceId: compute(azure, `disks/${osDisk}`),
          },
          timeCreated: new Date(Date.now() - secondsAgo * 1000).toISOString(),
        },
      }),
    );
}

/** A version of the specialized definition that somebody made of another VM. */
export function version(azure: LocalAzure, number: string, provisioningState: string): void {
  azure.world.put(
    asResource({
      id: `${specialized(azure).definition}/versions/${number}`,
      location: 'westeurope',
      properties: {
        provisioningState,
        publishingProfile: {
          targetRegions: [{ name: 'West Europe', regionalReplicaCount: 1 }],
          publishedDate: '2026-11-01T00:00:00Z',
        },
        storageProfile: {
          source: { virtualMachineId: compute(azure, 'virtualMachines/another') },
        },
      },
    }),
  );
}

/** A disk encryption set in the world; gives its ID. */
export function encryptionSet(
  azure: LocalAzure,
  location = 'westeurope',
  subscription = azure.subscriptionId,
): string {
  const id = compute(azure, `diskEncryptionSets/keys-${location}`, subscription);
  azure.world.put(asResource({ id, location, properties: { provisioningState: 'Succeeded' } }));
  return id;
}

/** Locks a scope. */
export function lock(azure: LocalAzure, scope: string, level: 'CanNotDelete' | 'ReadOnly'): void {
  const id = `${scope}/providers/Microsoft.Authorization/locks/keep`;
  azure.world.put(asResource({ id, properties: { level } }));
}

/** Sends a request; gives what Azure says instead of doing it, and nothing when it does it. */
export async function ask(
  azure: LocalAzure,
  method: string,
  path: string,
  body?: JsonObject,
): Promise<string> {
  const url = `${azure.endpoint}${path}?api-version=${path.includes('/galleries/') ? '2025-12-03' : '2025-04-01'}`;
  const init = { method, ...(body && { body: JSON.stringify(body) }) };
  const answer = await azure.fetch(new Request(url, init));
  const text = await answer.text();
  const { error } = JSON.parse(text || '{}') as { error?: { message?: string } };
  return error?.message ?? '';
}

/** Has a script run in the guest of the build VM; gives what Azure says instead, in two hours. */
export async function askGuest(azure: LocalAzure): Promise<string> {
  const url = `${azure.endpoint}${buildVm(azure)}/runCommand?api-version=2025-04-01`;
  const body = JSON.stringify({ commandId: 'RunShellScript', script: ['true'] });
  const accepted = await azure.fetch(new Request(url, { method: 'POST', body }));
  await new Promise((done) => setTimeout(done, 7200_000));
  const operation = accepted.headers.get('azure-asyncoperation') ?? '';
  const ended = (await (await azure.fetch(new Request(operation))).json()) as {
    error?: { message?: string };
  };
  return ended.error?.message ?? '';
}

/** Asks for a version of the build VM. */
export const putVersion = (azure: LocalAzure, wanted: string, number = '1.0.0'): Promise<string> =>
  ask(azure, 'PUT', `${wanted}/versions/${number}`, {
    location: 'westeurope',
    properties: {
      publishingProfile: { targetRegions: [{ name: 'westeurope' }] },
      storageProfile: { source: { virtualMachineId: buildVm(azure) } },
    },
  });

/**
 * Leaves the identity just what a dry run needs, on these subscriptions, and nothing that only checks
 * ask for but what is named.
 */
export function restrict(
  azure: LocalAzure,
  more: readonly string[] = [],
  ...others: string[]
): void {
  const guid = '00000000-0000-0000-0000-000000000002';
  const actions = [
    'Microsoft.Compute/virtualMachines/read',
    'Microsoft.Compute/disks/read',
    'Microsoft.Compute/galleries/*/read',
    'Microsoft.Compute/galleries/read',
    'Microsoft.Network/*/read',
    ...more,
  ];
  for (const subscription of [azure.subscriptionId, ...others]) {
    const authorization = `/subscriptions/${subscription}/providers/Microsoft.Authorization`;
    const roleDefinitionId = `${authorization}/roleDefinitions/${guid}`;
    const properties = { permissions: [{ actions }] };
    azure.world.put(asResource({ id: roleDefinitionId, properties }));
    azure.world.put(
      asResource({
        id: `${authorization}/roleAssignments/${guid}`,
        properties: { roleDefinitionId },
      }),
    );
  }
}

/** A policy denies a type, if a tag is named where that is missing; the identity can ask beforehand. */
export function deny(
  azure: LocalAzure,
  type = 'Microsoft.Compute/galleries/images/versions',
  tag?: string,
): void {
  const subscriptions = azure.world.subscriptions().filter((id) => id !== azure.subscriptionId);
  restrict(azure, ['*', 'Microsoft.PolicyInsights/*'], ...subscriptions);
  azure.weather.set({ policies: [{ types: [type], effect: 'deny', ...(tag && { tag }) }] });
}

import { beforeEach, describe, expect, it } from 'vitest';
import { CLIENT_ID, OBJECT_ID, TENANT_ID } from '../src/identity.ts';
import type { JsonObject } from '../src/json.ts';
import { Guarded } from './guarded.ts';
import { expectListed } from './refusals.ts';

let guarded: Guarded;
beforeEach(() => {
  guarded = new Guarded();
});

const compute = (type: string, ...names: string[]) =>
  guarded.id(`Microsoft.Compute/${type}`, ...names);
const network = (type: string, ...names: string[]) =>
  guarded.id(`Microsoft.Network/${type}`, ...names);
const vm = () => compute('virtualMachines', 'build-linux');

describe('what a body refers to', () => {
  const version = () => compute('galleries/images/versions', 'golden', 'ubuntu-2404', '1.0.0');
  const versionOf = (storageProfile: JsonObject, region: JsonObject = {}) => ({
    location: 'westeurope',
    properties: {
      publishingProfile: { targetRegions: [{ name: 'westeurope', ...region }] },
      storageProfile,
    },
  });
  const copyOf = (sourceResourceId: string) => ({
    location: 'westeurope',
    properties: { creationData: { createOption: 'Copy', sourceResourceId } },
  });
  const disk = () => compute('disks', 'd');
  const snapshot = () => compute('snapshots', 's');
  const set = () => compute('diskEncryptionSets', 'keys');

  interface Case {
    readonly what: string;
    readonly method: string;
    readonly path: () => string;
    readonly body: () => JsonObject;
    readonly own: string;
    /** Action and scope of each. */
    readonly needs: () => [string, string][];
  }
  const putVersion = {
    method: 'PUT',
    path: version,
    own: 'Microsoft.Compute/galleries/images/versions/write',
  };
  const putVm = { method: 'PUT', path: vm, own: 'Microsoft.Compute/virtualMachines/write' };

  const cases: readonly Case[] = [
    {
      what: 'a snapshot of a disk',
      method: 'PUT',
      path: snapshot,
      body: () => copyOf(disk()),
      own: 'Microsoft.Compute/snapshots/write',
      needs: () => [['Microsoft.Compute/disks/beginGetAccess/action', disk()]],
    },
    {
      what: 'a disk of a snapshot, with a key',
      method: 'PUT',
      path: disk,
      body: () => {
        const { location, properties } = copyOf(snapshot());
        return {
          location,
          properties: { ...properties, encryption: { diskEncryptionSetId: set() } },
        };
      },
      own: 'Microsoft.Compute/disks/write',
      needs: () => [
        ['Microsoft.Compute/snapshots/beginGetAccess/action', snapshot()],
        ['Microsoft.Compute/diskEncryptionSets/read', set()],
      ],
    },
    {
      ...putVersion,
      what: 'a version of a VM',
      body: () => versionOf({ source: { virtualMachineId: vm() } }),
      needs: () => [['Microsoft.Compute/virtualMachines/write', vm()]],
    },
    {
      ...putVersion,
      what: 'a version of a managed image',
      body: () => versionOf({ source: { id: compute('images', 'i') } }),
      needs: () => [['Microsoft.Compute/images/read', compute('images', 'i')]],
    },
    {
      ...putVersion,
      what: 'a version of another',
      body: () => versionOf({ source: { id: version().replace('1.0.0', '0.9.0') } }),
      needs: () => [
        ['Microsoft.Compute/galleries/images/versions/read', version().replace('1.0.0', '0.9.0')],
      ],
    },
    {
      ...putVersion,
      what: 'a version of a disk and a snapshot',
      body: () =>
        versionOf({
          osDiskImage: { source: { id: disk() } },
          dataDiskImages: [{ lun: 0, source: { id: snapshot() } }],
        }),
      needs: () => [
        ['Microsoft.Compute/disks/write', disk()],
        ['Microsoft.Compute/disks/beginGetAccess/action', disk()],
        ['Microsoft.Compute/snapshots/write', snapshot()],
        ['Microsoft.Compute/snapshots/beginGetAccess/action', snapshot()],
      ],
    },
    {
      ...putVersion,
      what: 'a region with keys',
      body: () => versionOf({}, { encryption: { osDiskImage: { diskEncryptionSetId: set() } } }),
      needs: () => [['Microsoft.Compute/diskEncryptionSets/read', set()]],
    },
    {
      what: 'a managed image of a VM',
      method: 'PUT',
      path: () => compute('images', 'i'),
      body: () => ({ properties: { sourceVirtualMachine: { id: vm() } } }),
      own: 'Microsoft.Compute/images/write',
      needs: () => [['Microsoft.Compute/virtualMachines/write', vm()]],
    },
    {
      ...putVm,
      what: 'a VM of a version',
      path: () => compute('virtualMachines', 'test'),
      body: () => ({
        identity: { userAssignedIdentities: { [`${guarded.group}/x/identity`]: {} } },
        properties: {
          storageProfile: { imageReference: { id: version() } },
          networkProfile: { networkInterfaces: [{ id: network('networkInterfaces', 'n') }] },
        },
      }),
      needs: () => [
        ['Microsoft.Network/networkInterfaces/join/action', network('networkInterfaces', 'n')],
        ['Microsoft.Compute/galleries/images/versions/read', version()],
        [
          'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action',
          `${guarded.group}/x/identity`,
        ],
      ],
    },
    {
      ...putVm,
      what: 'a VM with an interface of its own',
      path: () => compute('virtualMachines', 'test'),
      body: () => ({
        properties: {
          storageProfile: { imageReference: { id: version() } },
          networkProfile: {
            networkInterfaceConfigurations: [
              {
                name: 'n',
                properties: {
                  ipConfigurations: [
                    {
                      properties: { subnet: { id: network('virtualNetworks/subnets', 'v', 's') } },
                    },
                  ],
                },
              },
            ],
          },
        },
      }),
      needs: () => [
        [
          'Microsoft.Network/virtualNetworks/subnets/join/action',
          network('virtualNetworks/subnets', 'v', 's'),
        ],
        ['Microsoft.Compute/galleries/images/versions/read', version()],
      ],
    },
    {
      ...putVm,
      method: 'PATCH',
      what: 'another OS disk',
      body: () => ({
        properties: { storageProfile: { osDisk: { name: 'd', managedDisk: { id: disk() } } } },
      }),
      needs: () => [['Microsoft.Compute/disks/write', disk()]],
    },
    {
      what: 'a network interface',
      method: 'PUT',
      path: () => network('networkInterfaces', 'n'),
      body: () => ({
        properties: {
          ipConfigurations: [
            {
              properties: {
                subnet: { id: network('virtualNetworks/subnets', 'v', 's') },
                publicIPAddress: { id: network('publicIPAddresses', 'p') },
              },
            },
          ],
          networkSecurityGroup: { id: network('networkSecurityGroups', 'g') },
        },
      }),
      own: 'Microsoft.Network/networkInterfaces/write',
      needs: () => [
        [
          'Microsoft.Network/virtualNetworks/subnets/join/action',
          network('virtualNetworks/subnets', 'v', 's'),
        ],
        ['Microsoft.Network/publicIPAddresses/join/action', network('publicIPAddresses', 'p')],
        [
          'Microsoft.Network/networkSecurityGroups/join/action',
          network('networkSecurityGroups', 'g'),
        ],
      ],
    },
  ];

  it.each(cases)('$what', async ({ method, path, body, own, needs }) => {
    guarded.grant(path(), { actions: [own] });
    const wanted = needs().filter(([action, scope]) => action !== own || scope !== path());
    const { status, code, message } = await guarded.refusal(method, path(), body());
    expect([status, code]).toEqual([403, 'LinkedAuthorizationFailed']);
    expect(message).toBe(
      `The client '${CLIENT_ID}' with object id '${OBJECT_ID}' has permission to perform action ` +
        `'${own}' on scope '${path()}'; however, it does not have permission to perform action(s) ` +
        `'${wanted.map(([action]) => action).join(',')}' on the linked scope(s) ` +
        `'${wanted.map(([, scope]) => scope).join(',')}' (respectively) or the linked scope(s) are ` +
        'invalid.',
    );
    for (const [action, scope] of wanted) guarded.grant(scope, { actions: [action] });
    expect((await guarded.refusal(method, path(), body())).status).not.toBe(403);
  });

  it('must be in a subscription of the tenant', async () => {
    const foreign = version().replace(guarded.azure.subscriptionId, CLIENT_ID);
    const { status, code, message } = await guarded.refusal(
      'PUT',
      version(),
      versionOf({ source: { id: foreign } }),
    );
    expect([status, code]).toEqual([403, 'LinkedAuthorizationFailed']);
    expect(message).toBe(
      `The client has permission to perform action 'Microsoft.Compute/galleries/images/versions/read' ` +
        `on scope '${version()}', however the current tenant '${TENANT_ID}' is not authorized to ` +
        `access linked subscription '${CLIENT_ID}'.`,
    );
    expectListed(
      'linked_authorization',
      code ?? '',
      'is not authorized to access linked subscript',
    );
  });

  it('costs nothing where it is not named', async () => {
    guarded.grant(vm(), { actions: ['Microsoft.Compute/virtualMachines/write'] });
    const patch = { tags: { a: 'b' }, properties: { diagnosticsProfile: {} } };
    expect((await guarded.refusal('PATCH', vm(), patch)).status).toBe(200);
  });
});

/** A good write for each of ARM's routes, against the default world: what tests of bad input spoil. */
import { DEFAULT_PLACE } from '../src/default-world.ts';
import type { JsonObject } from '../src/json.ts';
import { idOf } from '../src/world-parts.ts';
import { goodGalleries } from './good-galleries.ts';
import {
  compute,
  copy,
  definition,
  type GoodWrite,
  group,
  key,
  location,
  network,
  set,
  subnet,
  tags,
  vm,
} from './good-ids.ts';
import { goodMachines } from './good-machines.ts';

/** One for each route that takes a body. */
export const goodWrites: readonly GoodWrite[] = [
  ...goodMachines,
  ...goodGalleries,
  { method: 'PUT', path: group, apiVersion: '2024-03-01', body: { location, tags } },
  {
    method: 'PUT',
    path: network('networkInterfaces', 'new'),
    apiVersion: '2024-05-01',
    body: {
      location,
      tags,
      properties: {
        ipConfigurations: [
          {
            name: 'ip',
            properties: { subnet: { id: subnet }, privateIPAllocationMethod: 'Dynamic' },
          },
        ],
        enableAcceleratedNetworking: true,
      },
    },
  },
  {
    method: 'PUT',
    path: network('virtualNetworks', 'new'),
    apiVersion: '2024-05-01',
    body: {
      location,
      properties: {
        addressSpace: { addressPrefixes: ['10.0.0.0/16'] },
        subnets: [{ name: 'default', properties: { addressPrefix: '10.0.0.0/24' } }],
      },
    },
  },
  {
    method: 'PUT',
    path: network('virtualNetworks/subnets', 'build', 'second'),
    apiVersion: '2024-05-01',
    body: { properties: { addressPrefix: '10.10.1.0/24' } },
  },
  {
    method: 'PUT',
    path: idOf(DEFAULT_PLACE, 'Microsoft.Authorization/locks', 'keep'),
    apiVersion: '2020-05-01',
    body: { properties: { level: 'CanNotDelete', notes: 'n' } },
  },
  {
    method: 'PUT',
    path: idOf(
      DEFAULT_PLACE,
      'Microsoft.Authorization/roleDefinitions',
      '11111111-0000-4000-8000-000000000001',
    ),
    apiVersion: '2022-04-01',
    body: {
      properties: {
        roleName: 'r',
        assignableScopes: [group],
        permissions: [{ actions: ['*/read'], notActions: ['Microsoft.Compute/disks/delete'] }],
      },
    },
  },
  {
    method: 'PUT',
    path: idOf(DEFAULT_PLACE, 'Microsoft.Resources/deployments', 'new'),
    apiVersion: '2024-03-01',
    body: {
      properties: {
        mode: 'Incremental',
        parameters: { name: { value: 'vnet' } },
        template: {
          parameters: { name: { type: 'string' } },
          resources: [
            {
              type: 'Microsoft.Network/virtualNetworks',
              name: "[parameters('name')]",
              apiVersion: '2024-05-01',
              location,
              dependsOn: [],
              properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] } },
            },
          ],
        },
      },
    },
  },
];

/** What `goodWrites` refer to beside the default world. */
export const goodWritesNeed: readonly JsonObject[] = [
  {
    id: compute('disks', 'spare'),
    location,
    sku: { name: 'Premium_LRS' },
    properties: {
      diskSizeGB: 8,
      diskState: 'Unattached',
      creationData: { createOption: 'Empty' },
      provisioningState: 'Succeeded',
    },
  },
  {
    id: compute('snapshots', 'old'),
    location,
    sku: { name: 'Standard_LRS' },
    properties: {
      osType: 'Linux',
      diskSizeGB: 64,
      hyperVGeneration: 'V2',
      creationData: copy,
      provisioningState: 'Succeeded',
    },
  },
  {
    id: set,
    location,
    identity: { type: 'SystemAssigned' },
    properties: { activeKey: key, provisioningState: 'Succeeded' },
  },
  {
    id: `${definition}/versions/0.9.0`,
    location,
    properties: {
      provisioningState: 'Succeeded',
      publishingProfile: { targetRegions: [{ name: 'West Europe', regionalReplicaCount: 1 }] },
      storageProfile: { source: { virtualMachineId: vm } },
      replicationStatus: { aggregatedState: 'Completed', summary: [] },
    },
  },
];

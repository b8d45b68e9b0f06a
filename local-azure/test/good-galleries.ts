/** Good writes of galleries, definitions and versions. */
import { DEFAULT_SUBSCRIPTION } from '../src/default-world.ts';
import {
  compute,
  dataDisk,
  definition,
  type GoodWrite,
  galleries,
  location,
  set,
  tags,
  vm,
} from './good-ids.ts';

export const goodGalleries: readonly GoodWrite[] = [
  {
    method: 'PUT',
    path: compute('galleries', 'fresh'),
    apiVersion: galleries,
    body: {
      location,
      tags,
      properties: { description: 'd', softDeletePolicy: { isSoftDeleteEnabled: true } },
    },
  },
  {
    method: 'PATCH',
    path: compute('galleries', 'golden'),
    apiVersion: galleries,
    body: { tags, properties: { description: 'other' } },
  },
  {
    method: 'POST',
    path: `${compute('galleries', 'golden')}/share`,
    apiVersion: galleries,
    body: {
      operationType: 'Add',
      groups: [{ type: 'Subscriptions', ids: [DEFAULT_SUBSCRIPTION] }],
    },
  },
  {
    method: 'PUT',
    path: compute('galleries/images', 'golden', 'new'),
    apiVersion: galleries,
    body: {
      location,
      tags,
      properties: {
        osType: 'Linux',
        osState: 'Generalized',
        hyperVGeneration: 'V2',
        architecture: 'x64',
        identifier: { publisher: 'p', offer: 'o', sku: 's' },
        features: [{ name: 'SecurityType', value: 'TrustedLaunch' }],
        recommended: { vCPUs: { min: 1, max: 8 }, memory: { min: 1, max: 64 } },
        disallowed: { diskTypes: ['Standard_LRS'] },
        purchasePlan: { name: 'n', publisher: 'p', product: 'q' },
        endOfLifeDate: '2099-01-01T00:00:00Z',
      },
    },
  },
  {
    method: 'PATCH',
    path: definition,
    apiVersion: galleries,
    body: { tags, properties: { description: 'other', recommended: { vCPUs: { min: 2 } } } },
  },
  {
    method: 'PUT',
    path: `${definition}/versions/1.0.0`,
    apiVersion: galleries,
    body: {
      location,
      tags,
      properties: {
        publishingProfile: {
          targetRegions: [
            {
              name: 'West Europe',
              regionalReplicaCount: 1,
              storageAccountType: 'Standard_LRS',
              excludeFromLatest: false,
              encryption: {
                osDiskImage: { diskEncryptionSetId: set },
                dataDiskImages: [{ lun: 0, diskEncryptionSetId: set }],
              },
            },
          ],
          replicaCount: 1,
          excludeFromLatest: true,
          endOfLifeDate: '2099-01-01T00:00:00Z',
          replicationMode: 'Full',
          storageAccountType: 'Standard_LRS',
        },
        storageProfile: { source: { virtualMachineId: vm } },
        safetyProfile: {
          allowDeletionOfReplicatedLocations: true,
          blockDeletionBeforeEndOfLife: false,
        },
      },
    },
  },
  {
    method: 'PUT',
    path: `${definition}/versions/2.0.0`,
    apiVersion: galleries,
    body: {
      location,
      properties: {
        publishingProfile: { targetRegions: [{ name: location }] },
        storageProfile: {
          osDiskImage: { hostCaching: 'ReadOnly', source: { id: compute('snapshots', 'old') } },
          dataDiskImages: [{ lun: 0, hostCaching: 'None', source: { id: dataDisk } }],
        },
      },
    },
  },
  {
    method: 'PATCH',
    path: `${definition}/versions/0.9.0`,
    apiVersion: galleries,
    body: {
      tags,
      properties: {
        publishingProfile: { targetRegions: [{ name: location }, { name: 'northeurope' }] },
        safetyProfile: { allowDeletionOfReplicatedLocations: true },
      },
    },
  },
];

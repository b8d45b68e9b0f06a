import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { memoryOf } from '../../src/domain/removed-regions.ts';
import { buildVm, capture, definitionId, fakeClock, localAzure, promote } from './harness.ts';
import { putVersion, storedVersionId } from './stored-version.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

const setId = (azure: LocalAzure, name: string) =>
  buildVm(azure).replace('virtualMachines/build-linux', `diskEncryptionSets/${name}`);

/** The default world with both disks of the build VM under a customer-managed key. */
function customerKeyed(): LocalAzure {
  const azure = localAzure();
  for (const name of ['keys-we', 'keys-ne'])
    azure.world.put({
      id: setId(azure, name),
      name,
      type: 'Microsoft.Compute/diskEncryptionSets',
      location: name.endsWith('we') ? 'westeurope' : 'northeurope',
      properties: { provisioningState: 'Succeeded' },
    });
  for (const resource of azure.world.all())
    if (resource.id.includes('/disks/build-linux'))
      resource.properties.encryption = {
        type: 'EncryptionAtRestWithCustomerKey',
        diskEncryptionSetId: setId(azure, 'keys-we'),
      };
  return azure;
}

it('never makes a platform-key image of a customer-keyed VM in silence', async () => {
  const azure = customerKeyed();
  const { failure, wrote } = await capture(azure);
  expect(failure?.message).toContain('encrypted with a customer-managed key');
  expect(failure?.message).toContain('`westeurope` has no disk encryption set');
  expect(wrote).toBe(false);
});

it('names the region and the disk that lack a set', async () => {
  const azure = customerKeyed();
  const osDiskImage = { diskEncryptionSetId: setId(azure, 'keys-we') };
  const { failure } = await capture(azure, {
    request: {
      regions: [
        {
          name: 'westeurope',
          encryption: {
            osDiskImage,
            dataDiskImages: [{ lun: 0, diskEncryptionSetId: osDiskImage.diskEncryptionSetId }],
          },
        },
        { name: 'northeurope', encryption: { osDiskImage } },
      ],
    },
  });
  expect(failure?.message).toContain('`northeurope` for the data disk at LUN 0');
});

it('sends the sets of every region and disk', async () => {
  const azure = customerKeyed();
  const encryption = (name: string) => ({
    osDiskImage: { diskEncryptionSetId: setId(azure, name) },
    dataDiskImages: [{ lun: 0, diskEncryptionSetId: setId(azure, name) }],
  });
  const { failure, heard } = await capture(azure, {
    request: {
      regions: [
        { name: 'westeurope', encryption: encryption('keys-we') },
        { name: 'northeurope', encryption: encryption('keys-ne') },
      ],
    },
  });
  expect(failure).toBeUndefined();
  expect(azure.world.get(heard.known?.version ?? '')?.properties.publishingProfile).toMatchObject({
    targetRegions: [{ encryption: encryption('keys-we') }, { encryption: encryption('keys-ne') }],
  });
});

it('gives a region that a repair took away its set again', async () => {
  const azure = customerKeyed();
  const encryption = (name: string) => ({
    osDiskImage: { diskEncryptionSetId: setId(azure, name) },
    dataDiskImages: [{ lun: 0, diskEncryptionSetId: setId(azure, name) }],
  });
  putVersion(azure, [{ name: 'West Europe', encryption: encryption('keys-we') }]);
  const version = azure.world.get(storedVersionId(azure));
  const away = { regionalReplicaCount: 2, encryption: encryption('keys-ne') };
  if (version) version.tags = { ...memoryOf({ name: 'northeurope', ...away }) };
  const { failure, heard } = await promote(azure, { tags: { stage: 'prod' } });
  expect(failure).toBeUndefined();
  expect(heard.unchecked).toEqual([]);
  expect(version?.properties.publishingProfile).toMatchObject({
    targetRegions: [{ encryption: encryption('keys-we') }, away],
  });
});

it('captures a confidential VM with its encryption, and refuses it without', async () => {
  const azure = localAzure();
  const vm = azure.world.get(buildVm(azure));
  const definition = azure.world.get(definitionId(azure));
  if (!vm || !definition) throw new Error('The default world has changed');
  vm.properties.securityProfile = { securityType: 'ConfidentialVM' };
  definition.properties.features = [{ name: 'SecurityType', value: 'ConfidentialVM' }];
  const refused = await capture(azure);
  expect(refused.failure?.message).toContain('confidentialVMEncryptionType');
  expect(refused.wrote).toBe(false);
  const osDiskImage = {
    securityProfile: { confidentialVMEncryptionType: 'EncryptedWithPmk' as const },
  };
  const { failure, heard } = await capture(azure, {
    request: { regions: [{ name: 'westeurope', encryption: { osDiskImage } }] },
  });
  expect(failure).toBeUndefined();
  expect(azure.world.get(heard.known?.version ?? '')?.properties.publishingProfile).toMatchObject({
    targetRegions: [{ encryption: { osDiskImage } }],
  });
});

/** Refusals of a version at once; each row names its entry of the reference list. */
import { describe, expect, it } from 'vitest';
import { definition } from '../src/world-parts.ts';
import { Bench, compute, fromMachine, machineId, place, version } from './gallery.ts';
import { fromSource, provokeEach, published, type Refusal } from './refusals.ts';

const path = version('1.0.0');

const refusals: readonly Refusal[] = [
  {
    id: 'version.regions_must_contain_location',
    status: 400,
    code: 'InvalidParameter',
    phrase: 'must contain the location of image version',
    provoke: (bench) => bench.send('PUT', path, fromMachine('northeurope')),
  },
  {
    id: 'version.one_source_only',
    status: 400,
    code: 'InvalidParameter',
    phrase:
      'One and only one source type (user image, snapshot, disk, virtual machine) can be provided.',
    provoke: (bench) =>
      bench.send(
        'PUT',
        path,
        fromSource({ source: { id: machineId, virtualMachineId: machineId } }),
      ),
  },
  {
    id: 'version.eol_in_past',
    status: 400,
    code: 'InvalidParameter',
    phrase: 'EndOfLifeDate must be set to a future date.',
    provoke: (bench) =>
      bench.send('PUT', path, published({ endOfLifeDate: '2026-03-01T00:00:00Z' })),
  },
  {
    id: 'version.securitytype_source',
    status: 400,
    code: 'InvalidParameter',
    phrase:
      'Currently only Vhd Blob, User Image and Gallery Image Version sources are supported for',
    world: [
      definition(place, 'golden', {
        name: 'supported',
        osType: 'Linux',
        osState: 'Specialized',
        securityType: 'TrustedLaunchSupported',
      }),
    ],
    provoke: (bench) => bench.send('PUT', version('1.0.0', 'supported'), fromMachine()),
  },
  {
    id: 'version.source_immutable',
    status: 409,
    code: 'PropertyChangeNotAllowed',
    phrase: 'is not allowed.',
    provoke: async (bench) => {
      await bench.settle('PUT', path, fromMachine());
      return bench.send('PUT', path, fromSource({ source: { id: compute('images/other') } }));
    },
  },
  {
    id: 'version.incomplete_regions',
    status: 400,
    code: 'BadRequest',
    phrase: 'Deletion of previously replicated locations is not allowed',
    provoke: async (bench) => {
      await bench.settle('PUT', path, fromMachine('westeurope', 'northeurope'));
      bench.clock.advance(900);
      return bench.send('PUT', path, published({ targetRegions: [{ name: 'westeurope' }] }));
    },
  },
  {
    id: 'doc.version_name',
    status: 400,
    code: 'InvalidParameter',
    phrase: 'The image version name is invalid.',
    provoke: (bench) => bench.send('PUT', version('1.0'), fromMachine()),
  },
  {
    id: 'doc.dup_regions',
    status: 400,
    code: 'InvalidParameter',
    phrase: 'Duplicate regions are not allowed in target publishing regions',
    provoke: (bench) => bench.send('PUT', path, fromMachine('westeurope', 'West Europe')),
  },
  {
    id: 'doc.region_not_available',
    status: 400,
    code: 'LocationNotAvailableForResourceType',
    phrase: "is not available for resource type 'Microsoft.Compute/galleries'",
    provoke: (bench) => bench.send('PUT', path, fromMachine('westeurope', 'atlantis')),
  },
  {
    id: 'doc.replica_range',
    status: 400,
    code: 'InvalidParameter',
    phrase: 'is out of range. The value must be between',
    provoke: (bench) => bench.send('PUT', path, published({ replicaCount: 101 })),
  },
  {
    id: 'doc.zrs',
    status: 400,
    code: 'InvalidParameter',
    phrase: 'ZRS storage account type is not supported in this region.',
    provoke: (bench) => {
      const targetRegions = [{ name: 'westeurope' }, { name: 'westus' }];
      return bench.send(
        'PUT',
        path,
        published({ targetRegions, storageAccountType: 'Standard_ZRS' }),
      );
    },
  },
  {
    id: 'version.storage_type_mismatch',
    status: 400,
    code: 'InvalidParameter',
    phrase: 'Global storage account type does not match the storage account type in the existing',
    provoke: async (bench) => {
      const own = [{ name: 'westeurope', storageAccountType: 'Premium_LRS' }];
      await bench.settle('PUT', path, published({ targetRegions: own }));
      return bench.send('PUT', path, published({ targetRegions: [{ name: 'westeurope' }] }));
    },
  },
];

describe('a version is refused at once', () => provokeEach(refusals));

describe('a region that failed', () => {
  it.each([
    ['refused', 400],
    ['accepted', 200],
  ] as const)(
    'may be dropped without the safety profile’s leave, or not: %s',
    async (way, status) => {
      const bench = new Bench([], { unknowns: { removalOfFailedRegion: way } });
      const region = { name: 'northeurope', state: 'Failed' };
      bench.azure.faults.add({ match: { method: 'PUT', path: '**/versions/*' }, fate: { region } });
      await bench.settle('PUT', path, fromMachine('westeurope', 'northeurope'));
      expect((await bench.send('PUT', path, fromMachine('westeurope'))).status).toBe(status);
    },
  );
});

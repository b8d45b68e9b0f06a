import { describe, expect, it } from 'vitest';
import { Bench, compute, fromMachine, osDiskId, version } from './gallery.ts';
import { hasSchemas, schemaProblems } from './schemas.ts';

// The schemas are reference material, which a clone does not have beside it.
describe.runIf(hasSchemas)("Azure's schemas", () => {
  it('hold for everything that is written here', async () => {
    const bench = new Bench();
    const creationData = { createOption: 'Copy', sourceResourceId: osDiskId };
    const copy = {
      location: 'westeurope',
      sku: { name: 'Standard_LRS' },
      properties: { creationData },
    };
    await bench.settle('PUT', 'snapshots/s', copy, '2026-03-02');
    await bench.settle('PUT', 'disks/d', copy, '2026-03-02');
    await bench.settle('PUT', version('1.0.0'), fromMachine('westeurope', 'northeurope'));
    await bench.settle('PUT', version('2.0.0'), {
      location: 'westeurope',
      properties: {
        publishingProfile: { storageAccountType: 'Standard_LRS', replicationMode: 'Full' },
        storageProfile: { osDiskImage: { source: { id: compute('snapshots/s') } } },
        safetyProfile: { allowDeletionOfReplicatedLocations: true },
      },
    });
    await bench.settle('PATCH', version('1.0.0'), {
      properties: { publishingProfile: { excludeFromLatest: true } },
    });
    const writes = bench.azure.requests.all().filter(({ method }) => method !== 'GET');
    expect(writes.map(({ status }) => status)).toEqual([202, 202, 201, 201, 200]);
    expect(schemaProblems(writes)).toEqual([]);
  });

  it('show a member that is not theirs and a value that is none', () => {
    const problems = schemaProblems([
      {
        time: '',
        method: 'PUT',
        path: compute(version('1.0.0')),
        query: {},
        status: 201,
        body: {
          location: 'westeurope',
          properties: { publishingProfile: { replicationMode: 'Fast', regions: [] } },
        },
      },
    ]);
    expect(problems.join('\n')).toContain('must be equal to one of the allowed values');
    expect(problems.join('\n')).toContain('"additionalProperty":"regions"');
  });
});

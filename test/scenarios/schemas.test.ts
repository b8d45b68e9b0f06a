import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasSchemas, schemaProblems } from '../../local-azure/test/schemas.ts';
import { capture, fakeClock, localAzure, ofWindows } from './harness.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

// The schemas are reference material, which a clone does not have beside it.
describe.runIf(hasSchemas)("Azure's schemas", () => {
  it('hold for everything the action writes', async () => {
    const azure = localAzure();
    const { failure } = await capture(azure, {
      request: {
        snapshot: true,
        replicas: 3,
        storageAccountType: 'Standard_LRS',
        excludeFromLatest: true,
        endOfLife: new Date('2027-12-31T00:00:00Z'),
        tags: { team: 'images' },
        regions: [
          { name: 'westeurope' },
          { name: 'northeurope', replicas: 2, storageAccountType: 'Premium_LRS' },
        ],
      },
    });
    expect(failure).toBeUndefined();
    expect(schemaProblems(azure.requests.all())).toEqual([]);
  });

  it('hold for what only a Windows VM needs', async () => {
    const azure = localAzure();
    const { failure } = await capture(azure, { request: ofWindows(azure) });
    expect(failure).toBeUndefined();
    expect(schemaProblems(azure.requests.all())).toEqual([]);
  });
});

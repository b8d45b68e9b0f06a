import { describe, expect, it, test } from 'vitest';
import { diskFacts, vmFacts } from '../../../src/azure/facts.ts';
import { definitionFacts, versionFacts } from '../../../src/azure/gallery-facts.ts';
import { DEFINITION_ID, VM_ID, versionId } from '../worlds.ts';

const status = (code: string, displayStatus?: string) => ({
  code,
  ...(displayStatus && { displayStatus }),
});

const vmWith = (codes: readonly string[], agent?: readonly string[]) =>
  vmFacts(VM_ID, {
    location: 'West Europe',
    instanceView: {
      statuses: codes.map((code) => status(code)),
      ...(agent && { vmAgent: { statuses: agent.map((text) => status('x', text)) } }),
    },
  });

describe('a VM', () => {
  it.each([
    [['ProvisioningState/succeeded', 'PowerState/running'], 'running', false],
    [
      ['OSState/generalized', 'ProvisioningState/succeeded', 'PowerState/deallocated'],
      'deallocated',
      true,
    ],
    [['PowerState/stopped', 'osstate/GENERALIZED'], 'stopped', true],
    [['ProvisioningState/updating'], 'unknown', false],
    [['PowerState/hibernated'], 'unknown', false],
    [[], 'unknown', false],
  ])('with statuses %j is %s, generalized %s', (codes, power, generalized) => {
    expect(vmWith(codes)).toMatchObject({ power, generalized, location: 'westeurope' });
  });

  it.each([
    [['Ready'], true],
    [['Not Ready'], false],
    [[], false],
    [undefined, undefined],
  ])('whose agent says %j is ready: %s', (said, ready) => {
    expect(vmWith([], said).agentReady).toBe(ready);
  });

  test('has the extensions that are its child resources', () => {
    const child = (kind: string, name: string, type?: string) => ({
      id: `${VM_ID}/${kind}/${name}`,
      name,
      type: `Microsoft.Compute/virtualMachines/${kind}`,
      location: 'eastus',
      ...(type && { typePropertiesType: type }),
    });
    const { extensions } = vmFacts(VM_ID, {
      location: 'eastus',
      resources: [
        child('extensions', 'aad', 'AADLoginForWindows'),
        child('extensions', 'old'),
        child('runCommands', 'build'),
        { id: `${VM_ID}/extensions/bare`, location: 'eastus' },
      ],
    });
    expect(extensions).toEqual([
      { name: 'aad', type: 'AADLoginForWindows' },
      { name: 'old', type: 'old' },
      { name: 'bare', type: 'bare' },
    ]);
  });

  test.each([
    [[{ code: 'ProvisioningState/succeeded', time: new Date(7) }], { lastOperation: new Date(7) }],
    [[{ code: 'ProvisioningState/updating' }], {}],
    [[{ code: 'PowerState/running', time: new Date(7) }], {}],
    [[{ code: 'ProvisioningState/succeeded', time: new Date(Number.NaN) }], {}],
  ])('with statuses %j ended its last operation at %j', (statuses, expected) => {
    const { lastOperation } = vmFacts(VM_ID, { location: 'eastus', instanceView: { statuses } });
    expect({ ...(lastOperation && { lastOperation }) }).toEqual(expected);
  });

  test('that tells nothing at all is read without a stumble', () => {
    expect(vmFacts(VM_ID, { location: 'eastus' })).toEqual({
      id: VM_ID,
      name: 'build',
      location: 'eastus',
      vmId: '',
      osType: 'Linux',
      securityType: 'Standard',
      provisioningState: 'Unknown',
      power: 'unknown',
      extensionsAllowed: true,
      busyExtensions: [],
      extensions: [],
      hibernation: false,
      size: '',
      generalized: false,
      bootDiagnostics: false,
      tags: {},
      osDisk: { name: '', ephemeral: false },
      dataDisks: [],
      nics: [],
    });
  });
});

test('what old disks and definitions do not say has its old meaning', () => {
  expect(diskFacts('/d', { location: 'East US' })).toMatchObject({
    architecture: 'x64',
    location: 'eastus',
  });
  expect(diskFacts('/d', { location: 'East US' })).not.toHaveProperty('generation');
  const image = {
    location: 'eastus',
    osState: 'Generalized',
    osType: 'Linux',
    identifier: { publisher: 'p', offer: 'o', sku: 's' },
  } as const;
  expect(definitionFacts(DEFINITION_ID, image)).toMatchObject({
    generation: 'V1',
    architecture: 'x64',
    securityType: 'Standard',
  });
  const features = [{ name: 'securitytype', value: 'TrustedLaunch' }];
  expect(definitionFacts(DEFINITION_ID, { ...image, features }).securityType).toBe('TrustedLaunch');
});

describe('a version', () => {
  test('has compact region names, though Azure answers display names', () => {
    const facts = versionFacts(versionId('1.0.0'), {
      location: 'westeurope',
      publishingProfile: {
        replicaCount: 2,
        targetRegions: [{ name: 'West Europe' }, { name: 'East US 2', regionalReplicaCount: 3 }],
      },
      replicationStatus: { summary: [{ region: 'East US 2', state: 'Completed', progress: 100 }] },
    });
    expect(facts.regions).toEqual([
      { name: 'westeurope', replicas: 2 },
      { name: 'eastus2', replicas: 3 },
    ]);
    expect(facts.replication).toEqual([{ region: 'eastus2', state: 'Completed', progress: 100 }]);
  });

  test('without a status knows nothing of its replication', () => {
    const facts = versionFacts(versionId('1.0.0'), { location: 'westeurope' });
    expect(facts).toMatchObject({ name: '1.0.0', provisioningState: 'Creating', regions: [] });
    expect(facts).not.toHaveProperty('replication');
  });
});

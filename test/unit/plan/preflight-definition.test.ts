import { describe, expect, it, test } from 'vitest';
import type { Definition } from '../../../src/domain/gallery.ts';
import type { Disk, Vm } from '../../../src/domain/vm.ts';
import { definition, osDisk, ownTags, version, vm } from '../worlds.ts';
import { type Case, findingsOf, rulesBroken } from './judging.ts';

const pair = (
  machine: Partial<Vm>,
  wanted: Partial<Definition>,
  disk: Partial<Disk> = {},
  asked: Case['asked'] = {},
): Case => ({
  asked,
  seen: { vm: vm(machine), definition: definition(wanted), disks: [osDisk(disk)] },
});

const sealed = { power: 'deallocated', generalized: true } as const;
const confidential = { securityType: 'ConfidentialVM' } as const;
const trusted = { securityType: 'TrustedLaunch' } as const;
const supported = { securityType: 'TrustedLaunchSupported' };
const specialized = { osState: 'Specialized' } as const;

const guarded = {
  replicas: 3,
  regions: [
    {
      name: 'westeurope',
      encryption: {
        osDiskImage: {
          securityProfile: { confidentialVMEncryptionType: 'EncryptedWithPmk' as const },
        },
      },
    },
  ],
};

function bare<T extends { readonly generation?: unknown }>(facts: T): Omit<T, 'generation'> {
  const { generation: _, ...rest } = facts;
  return rest;
}

describe('breaks just this rule', () => {
  it.each<[string, string, Case]>([
    ['gallery-missing', 'no gallery', { seen: { gallery: undefined, definition: undefined } }],
    ['definition-missing', 'no definition', { seen: { definition: undefined } }],
    [
      'definition-os-type',
      'Windows for Linux',
      pair({ osType: 'Windows' }, {}, {}, { deprovision: 'never' }),
    ],
    ['definition-os-type', 'Linux for Windows', pair({}, { osType: 'Windows' })],
    ['definition-os-state', 'generalized for specialized', pair(sealed, specialized)],
    [
      'definition-deprovision',
      'always for specialized',
      pair({}, specialized, {}, { deprovision: 'always' }),
    ],
    [
      'definition-deprovision',
      'a script for specialized',
      pair({}, specialized, {}, { deprovisionScript: 'true' }),
    ],
    ['definition-generation', 'V1 for V2', pair({}, {}, { generation: 'V1' })],
    ['definition-generation', 'V2 for V1', pair({}, { generation: 'V1' })],
    [
      'definition-generation',
      'V1 by the VM alone',
      { seen: { vm: vm({ generation: 'V1' }), disks: [] } },
    ],
    ['definition-architecture', 'Arm64 for x64', pair({}, {}, { architecture: 'Arm64' })],
    ['definition-architecture', 'x64 for Arm64', pair({}, { architecture: 'Arm64' })],
    ['definition-security-type', 'Trusted Launch for Standard', pair(trusted, {})],
    ['definition-security-type', 'Standard for Trusted Launch', pair({}, trusted)],
    ['definition-security-type', 'a definition that only supports it', pair(trusted, supported)],
    [
      'definition-security-type',
      'Standard for only supported, as a VM',
      pair({}, supported, {}, { captureFrom: 'vm' }),
    ],
    [
      'definition-security-type',
      'a confidential VM for Standard',
      pair(confidential, {}, {}, guarded),
    ],
    [
      'encryption-confidential',
      'a confidential VM without encryption',
      pair(confidential, confidential),
    ],
    [
      'disks-unsure',
      'the disks of a Trusted Launch VM',
      pair(trusted, supported, {}, { captureFrom: 'disks' }),
    ],
    ['definition-security-type', 'a type of the future', pair({}, { securityType: 'Quantum' })],
  ])('%s: %s', (rule, _, facts) => expect(rulesBroken(facts)).toEqual([rule]));
});

describe('passes every rule', () => {
  it.each<[string, Case]>([
    ['Windows for Windows', pair({ osType: 'Windows', ...sealed }, { osType: 'Windows' })],
    ['specialized', pair({}, specialized)],
    ['generalized', pair(sealed, {})],
    ['Trusted Launch', pair(trusted, trusted)],
    ['Standard for only supported', pair({}, supported)],
    ['a confidential VM', pair(confidential, confidential, {}, guarded)],
    ['Arm64', pair({}, { architecture: 'Arm64' }, { architecture: 'Arm64' })],
    ['the disk’s generation over the VM’s', pair({ generation: 'V1' }, {})],
    [
      'a generation that nobody knows',
      { seen: { vm: bare(vm()), disks: [bare(osDisk())], definition: definition() } },
    ],
    ['a disk that could not be read', { seen: { disks: [] } }],
    ['a disk whose ID differs in case', pair({}, {}, { id: osDisk().id.toUpperCase() })],
    [
      'anything once the version is made',
      {
        seen: {
          definition: definition({ ...specialized, ...trusted, generation: 'V1' }),
          versions: [version('1.0.0', 'Succeeded', { tags: ownTags() })],
        },
      },
    ],
  ])('%s', (_, facts) => expect(rulesBroken(facts)).toEqual([]));
});

test('everything that is wrong is found at once, errors first, each with a remedy', () => {
  const found = findingsOf({
    asked: { replicas: 1, deprovisionScript: 'true' },
    seen: {
      vm: vm({ ...sealed, provisioningState: 'Failed', ...trusted }),
      definition: definition({ ...specialized, generation: 'V1' }),
      disks: [osDisk({ architecture: 'Arm64' })],
    },
  });
  expect(found.map(({ rule }) => rule).sort()).toEqual([
    'definition-architecture',
    'definition-deprovision',
    'definition-generation',
    'definition-os-state',
    'definition-security-type',
    'replicas-for-latest',
    'vm-provisioning',
    'vm-script-unused',
  ]);
  expect(found.map(({ severity }) => severity).lastIndexOf('error')).toBe(found.length - 2);
  for (const { message, remedy } of found) {
    expect(message).toMatch(/\.$/);
    expect(remedy).toMatch(/\S/);
  }
});

test('a missing gallery is not told again as a missing definition', () => {
  expect(rulesBroken({ seen: { gallery: undefined, definition: undefined } })).toEqual([
    'gallery-missing',
  ]);
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ArmResource } from '../runner/control.ts';
import { slice } from '../runner/slice.ts';
import { errorsIn, type Stage, stage } from './harness.ts';

let local: Stage;
beforeAll(async () => {
  local = await stage();
});
afterAll(() => local[Symbol.asyncDispose]());

/** A clear failure: exit code 1, as many error annotations, nothing written, the record says so. */
async function refused(
  inputs: Record<string, string>,
  env: Record<string, string> = {},
  errorsExpected = 1,
) {
  await local.control.forgetRequests();
  const run = await local.run(inputs, { env, mainOnly: true });
  expect(run.exitCode).toBe(1);
  const errors = errorsIn(run.log);
  expect(errors).toHaveLength(errorsExpected);
  expect(await local.writes()).toEqual([]);
  expect(run.outputs).toMatchObject({ state: 'failed', changed: 'false', 'image-version-id': '' });
  expect(run.log).not.toMatch(/^\s+at .*\(/m);
  return errors.join('\n').replaceAll('%0A', '\n');
}

const ID =
  '/subscriptions/5d6c2f7e-3b1a-4e09-9c58-7a41e2b0f613/resourceGroups/images/providers/Microsoft.Compute';

describe('bad input ends with one clear failure that says what was given and what would be right', () => {
  // Each one starts the bundle; unit tests try what the inputs refuse, too.
  it.each(
    slice<[string, Record<string, string>, RegExp]>(
      [
        ['blank', { vm: '  \r\n ' }, /`vm` is not given.*name or the resource ID/],
        ['no gallery', { gallery: '' }, /`gallery` is not given/],
        [
          'duplicate regions',
          { 'target-regions': 'West Europe\nwesteurope=2' },
          /`target-regions`.*westeurope twice/,
        ],
        ['an edge zone', { 'target-regions': 'westus/microsoftlosangeles1' }, /edge zone/],
        [
          'a malformed region',
          { 'target-regions': 'west_europe' },
          /not a region such as westeurope/,
        ],
        ['too many replicas', { 'target-regions': 'westeurope=101' }, /whole number from 1 to 100/],
        [
          'an unknown storage type',
          { 'storage-account-type': 'Fast' },
          /`storage-account-type` is "Fast".*Standard_LRS/,
        ],
        [
          'a malformed ID',
          { vm: '/subscriptions/x/virtualMachines/y' },
          /neither a name nor a resource ID of the form/,
        ],
        ['an ID of another type', { vm: `${ID}/disks/d` }, /ID of a Microsoft\.Compute\/disks/],
        [
          'an ID that contradicts a name',
          { vm: `${ID}/virtualMachines/build-linux`, 'resource-group': 'other' },
          /`resource-group` is "other", but the ID in `vm` says images/,
        ],
        [
          'a definition ID of another gallery',
          { 'image-definition': `${ID}/galleries/silver/images/ubuntu` },
          /`gallery` is "golden", but .* gallery silver/,
        ],
        [
          'a version part above 2147483647',
          { 'image-version': '2026.202611220930.1' },
          /above 2147483647/,
        ],
        [
          'a version of two parts',
          { 'image-version': '1.2' },
          /`image-version` is "1\.2".*1\.2\.3/,
        ],
        ['a leading zero', { 'image-version': '1.02.3' }, /leading zero/],
        [
          'an end of life in the past',
          { 'end-of-life': '2020-01-01' },
          /`end-of-life` is "2020-01-01".*past/,
        ],
        ['an end of life that is no date', { 'end-of-life': '2027-02-30' }, /not a date/],
        [
          'a tag over the limits',
          { tags: `${'n'.repeat(513)}=v` },
          /513 characters, Azure allows 512/,
        ],
        [
          'a tag value over the limits',
          { tags: `n=${'v'.repeat(257)}` },
          /257 characters, Azure allows 256/,
        ],
        ['a reserved tag name', { tags: 'azure-thing=1' }, /reserved by Azure/],
        [
          'an input that is not there',
          { 'keep-disks': 'true' },
          /`keep-disks` is not an input of this version/,
        ],
        [
          'an input that is not used',
          { deprovision: 'never', 'deprovision-script': 'true' },
          /`deprovision-script` is given, but/,
        ],
        [
          'an unknown operation',
          { operation: 'destroy' },
          /`operation` is "destroy", which is not one of capture, promote/,
        ],
        ['no flag', { snapshot: 'yes' }, /`snapshot` is "yes", which is neither true nor false/],
        ['a plain http environment', { environment: 'http://localhost:1' }, /https URL/],
        [
          'no GUID',
          { 'subscription-id': 'Production' },
          /`subscription-id` is "Production", which is not a GUID/,
        ],
      ],
      3,
    ),
  )('%s', async (_, inputs, message) => {
    expect(await refused(inputs)).toMatch(message);
    expect(await local.control.requests()).toEqual([]);
  });

  it('lists all mistakes at once', async () => {
    const text = await refused({
      vm: '',
      'image-version': '1',
      'replica-count': '0',
      tags: 'x',
      'end-of-life': 'soon',
      'timeout-minutes': '-1',
    });
    expect(text).toContain('6 inputs need attention');
  });
});

describe('a sign-in that cannot work ends the run before anything else', () => {
  it.each<[string, Record<string, string>, Record<string, string>, RegExp]>([
    [
      'no permission for an ID token',
      {},
      { ACTIONS_ID_TOKEN_REQUEST_URL: '' },
      /permissions: id-token: write/,
    ],
    [
      'a client that nobody knows',
      { 'client-id': '00000000-0000-0000-0000-000000000001' },
      {},
      /AADSTS700016.*(\n.*)*client-id/,
    ],
    [
      'a tenant that nobody knows',
      { 'tenant-id': '00000000-0000-0000-0000-000000000001' },
      {},
      /tenant-id/,
    ],
    [
      'an endpoint that is not there',
      { environment: 'https://localhost:9' },
      {},
      /`environment`.*cannot be used/,
    ],
  ])('%s', async (_, inputs, env, message) => {
    expect(await refused(inputs, env)).toMatch(message);
  });

  it('an ID token that GitHub does not give', async () => {
    const { ACTIONS_ID_TOKEN_REQUEST_URL: url = '' } = local.azure.env;
    const gone = { ACTIONS_ID_TOKEN_REQUEST_URL: url.replace(/\/actions\/[^?]*/, '/nowhere') };
    expect(await refused({}, gone)).toMatch(/GitHub gave no ID token/);
  });
});

describe('what cannot be captured is refused with all findings at once', () => {
  it('a VM, a gallery and a definition that are not there', async () => {
    const text = await refused({ vm: 'nobody', gallery: 'nowhere' }, {}, 2);
    expect(text).toMatch(
      /^::error title=vm-missing%3A [^:]+::.*nobody.*\n.*\n::error title=gallery-missing%3A /,
    );
  });

  it('ten mistakes', async () => {
    const before = await local.control.world();
    await local.control.setWorld(before.map(spoiled));
    const text = await refused(
      {
        'image-definition': 'ubuntu-2404-specialized',
        'deprovision-script': 'true',
        'target-regions': 'atlantis\nwestus=3=Standard_ZRS',
        'replica-count': '3',
      },
      {},
      10,
    );
    await local.control.setWorld(before);
    expect([...text.matchAll(/^::error title=([a-z-]+)%3A/gm)].map(([, rule]) => rule)).toEqual([
      'definition-deprovision',
      'disk-ultra',
      'disk-guest-encrypted',
      'definition-os-type',
      'definition-generation',
      'definition-architecture',
      'definition-plan',
      'definition-accelerated-network',
      'region-unknown',
      'region-zone-redundancy',
    ]);
  });

  it.each<[string, Record<string, string>, RegExp]>([
    [
      'a definition that is not there',
      { 'image-definition': 'nothing' },
      /has no image definition `nothing`/,
    ],
    [
      'another OS type',
      { 'image-definition': 'windows-2022' },
      /OS type: the image definition `windows-2022` has Windows, but `build-linux` has Linux/,
    ],
  ])('%s', async (_, inputs, message) => {
    expect(await refused(inputs)).toMatch(message);
  });
});

/** A definition that fits in nothing, and a VM and disks that cannot be captured. */
function spoiled(entry: ArmResource): ArmResource {
  const changed = (properties: object, beside: object = {}): ArmResource => ({
    ...entry,
    ...beside,
    properties: { ...entry.properties, ...properties },
  });
  switch (entry.id.split('/').at(-1)) {
    case 'ubuntu-2404-specialized':
      return changed({ osType: 'Windows', hyperVGeneration: 'V1', architecture: 'Arm64' });
    case 'build-linux':
      return changed({}, { plan: { name: 'n', publisher: 'p', product: 'o' } });
    case 'build-linux_OsDisk':
      return changed({
        encryptionSettingsCollection: { enabled: true },
        supportedCapabilities: { architecture: 'x64', acceleratedNetwork: false },
      });
    case 'build-linux_DataDisk_0':
      return changed({}, { sku: { name: 'UltraSSD_LRS' } });
    default:
      return entry;
  }
}

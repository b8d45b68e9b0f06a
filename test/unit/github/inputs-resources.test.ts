import { describe, expect, it, test } from 'vitest';
import { DEFINITION_ID, GALLERY_ID, SUBSCRIPTION, VM_ID } from '../worlds.ts';
import {
  type Inputs,
  MINIMAL,
  mistake,
  mistakes,
  read,
  readExactly,
  requestOf,
} from './assignments.ts';

const OTHER = '99999999-9999-9999-9999-999999999999';
const elsewhere = (id: string, from: string, to: string) => id.replace(from, to);
const without = (...names: string[]): Inputs =>
  Object.fromEntries(Object.entries(MINIMAL).filter(([name]) => !names.includes(name)));

describe('names and IDs mean the same', () => {
  it.each<[string, Inputs]>([
    ['names', {}],
    ['space around them', { vm: '  build\t', gallery: '\r\ngolden\n' }],
    ['the VM’s ID', { vm: VM_ID }],
    [
      'the VM’s ID in another case',
      { vm: VM_ID.replace('/virtualMachines/', '/VIRTUALMACHINES/') },
    ],
    ['the VM’s ID with a slash at its end', { vm: `${VM_ID}/` }],
    ['the gallery’s ID', { gallery: GALLERY_ID }],
    ['the definition’s ID', { 'image-definition': DEFINITION_ID, gallery: '' }],
    ['the definition’s ID beside the same names', { 'image-definition': DEFINITION_ID }],
    [
      'the definition’s ID beside the gallery’s',
      { 'image-definition': DEFINITION_ID, gallery: GALLERY_ID.toUpperCase() },
    ],
    [
      'IDs beside everything that they say',
      {
        vm: VM_ID,
        'image-definition': DEFINITION_ID,
        'gallery-resource-group': 'IMAGES',
        'gallery-subscription-id': SUBSCRIPTION,
      },
    ],
  ])('%s', (_, inputs) => {
    expect(requestOf(inputs)).toMatchObject({ vm: VM_ID, definition: DEFINITION_ID });
  });

  test('IDs alone need no group, no subscription, no gallery', () => {
    const inputs = without('resource-group', 'subscription-id', 'gallery');
    const { request } = readExactly({ ...inputs, vm: VM_ID, 'image-definition': DEFINITION_ID });
    expect(request).toMatchObject({ vm: VM_ID, definition: DEFINITION_ID });
  });

  test('names are looked up where the VM’s ID is when nothing else is said', () => {
    const { request } = readExactly({ ...without('resource-group', 'subscription-id'), vm: VM_ID });
    expect(request).toMatchObject({ definition: DEFINITION_ID });
  });

  test('the gallery may have a group and a subscription of its own', () => {
    const { definition } = requestOf({
      'gallery-subscription-id': OTHER,
      'gallery-resource-group': 'shared',
    });
    expect(definition).toBe(
      DEFINITION_ID.replace(SUBSCRIPTION, OTHER).replace('/images/', '/shared/'),
    );
  });
});

describe('an ID that contradicts a name is refused', () => {
  it.each<[string, Inputs, RegExp]>([
    [
      'the VM’s group',
      { vm: elsewhere(VM_ID, 'resourceGroups/images', 'resourceGroups/other') },
      /`resource-group` is "images".*`vm` says other/,
    ],
    [
      'the VM’s subscription',
      { vm: elsewhere(VM_ID, SUBSCRIPTION, OTHER) },
      /`subscription-id`.*`vm`/,
    ],
    [
      'the gallery’s name',
      { gallery: 'silver', 'image-definition': DEFINITION_ID },
      /`gallery` is "silver".*golden/,
    ],
    [
      'the gallery’s ID by its subscription',
      { gallery: elsewhere(GALLERY_ID, SUBSCRIPTION, OTHER), 'image-definition': DEFINITION_ID },
      /`gallery` is ".*9999.*of gallery \/subscriptions\/1111/,
    ],
    [
      'the gallery’s group',
      { 'gallery-resource-group': 'other', 'image-definition': DEFINITION_ID },
      /`gallery-resource-group` is "other".*`image-definition` says images/,
    ],
    [
      'the gallery’s subscription',
      { 'gallery-subscription-id': OTHER, gallery: GALLERY_ID },
      /`gallery-subscription-id`.*`gallery` says 1111/,
    ],
  ])('%s', (_, inputs, words) => expect(mistake(inputs)).toMatch(words));
});

describe('malformed names and IDs', () => {
  it.each<[string, string, RegExp]>([
    ['vm', 'my vm', /"my vm".*letters/],
    ['vm', '-build', /"-build"/],
    ['vm', 'b'.repeat(81), /80 at most/],
    ['vm', '/subscriptions/x', /neither a name nor a resource ID.*virtualMachines\/<name>/],
    ['vm', 'images/build', /neither a name nor/],
    ['vm', VM_ID.replace(SUBSCRIPTION, 'prod'), /neither a name nor/],
    ['vm', `${VM_ID} ${VM_ID}`, /neither a name nor/],
    ['vm', `${VM_ID}/extensions/x`, /ID of a .*extensions, not of a .*virtualMachines/],
    ['vm', GALLERY_ID, /ID of a Microsoft.Compute\/galleries, not of/],
    ['gallery', 'my-gallery', /no dashes/],
    ['gallery', VM_ID, /`gallery` is ".*the ID of a .*virtualMachines/],
    ['image-definition', 'ubuntu 24', /no image definition can be called/],
    ['image-definition', `${DEFINITION_ID}/versions/1.0.0`, /ID of a .*versions, not of/],
    ['image-definition', GALLERY_ID, /ID of a .*galleries, not of a .*images/],
    ['resource-group', 'my/group', /"my\/group".*no resource group/],
    ['resource-group', 'group.', /not ending with a dot/],
    ['gallery-resource-group', 'a b', /"a b"/],
    ['gallery-subscription-id', 'prod', /"prod", which is not a GUID/],
    ['subscription-id', 'prod', /"prod", which is not a GUID/],
    ['tenant-id', 'contoso.example', /"contoso.example", which is not a GUID/],
    ['client-id', '1234', /"1234", which is not a GUID/],
  ])('%s: %j is one mistake', (name, text, words) => {
    const said = mistake({ [name]: text });
    expect(said).toContain(`\`${name}\``);
    expect(said).toMatch(words);
  });

  test('a malformed gallery ID is not passed over beside the definition’s ID', () => {
    const inputs = { gallery: 'golden/images', 'image-definition': DEFINITION_ID };
    expect(mistake(inputs)).toMatch(/`gallery` is "golden\/images"/);
  });
});

describe('what is missing', () => {
  it.each<[string, string[], RegExp[]]>([
    ['the VM', ['vm'], [/`vm` is not given/]],
    ['the definition', ['image-definition'], [/`image-definition` is not given/]],
    ['the gallery', ['gallery'], [/`gallery` is not given/]],
    ['the tenant', ['tenant-id'], [/`tenant-id` is not given.*AZURE_TENANT_ID/]],
    ['the client', ['client-id'], [/`client-id` is not given.*AZURE_CLIENT_ID/]],
    [
      'the subscription',
      ['subscription-id'],
      [/`subscription-id` is not given.*AZURE_SUBSCRIPTION_ID/],
    ],
    [
      'the group',
      ['resource-group'],
      [/`resource-group` is not given/, /`gallery-resource-group`/],
    ],
  ])('%s', (_, names, words) => {
    const said = mistakes(() => readExactly(without(...names)));
    expect(said).toHaveLength(words.length);
    words.forEach((pattern, index) => {
      expect(said[index]).toMatch(pattern);
    });
  });

  test('all of it at once when there is nothing', () => {
    const said = mistakes(() => readExactly({}));
    for (const name of ['tenant-id', 'client-id', 'subscription-id', 'vm', 'image-definition'])
      expect(said.filter((line) => line.startsWith(`\`${name}\``))).toHaveLength(1);
  });
});

describe('the environment of the job', () => {
  const variables = {
    AZURE_TENANT_ID: MINIMAL['tenant-id'] ?? '',
    AZURE_CLIENT_ID: ` ${MINIMAL['client-id']}\n`,
    AZURE_SUBSCRIPTION_ID: SUBSCRIPTION.toUpperCase(),
  };

  test('is taken for the three IDs that are not given', () => {
    const inputs = without('tenant-id', 'client-id', 'subscription-id');
    expect(readExactly(inputs, variables)).toEqual(read());
  });

  test('gives way to inputs', () => {
    const { request } = read({}, { ...variables, AZURE_SUBSCRIPTION_ID: OTHER });
    expect(request).toMatchObject({ vm: VM_ID });
  });

  test('is named when what it says is wrong', () => {
    const said = mistakes(() => readExactly(without('client-id'), { AZURE_CLIENT_ID: 'x' }));
    expect(said).toEqual([expect.stringMatching(/`client-id` is "x" \(from AZURE_CLIENT_ID\)/)]);
  });
});

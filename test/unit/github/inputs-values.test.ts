import { describe, expect, it, test } from 'vitest';
import { TAGS_LEFT } from '../../../src/github/inputs/rows/version.ts';
import { mistake, mistakes, read, requestOf } from './assignments.ts';

const regionsOf = (text: string) => requestOf({ 'target-regions': text }).regions;

describe('target-regions', () => {
  const two = [{ name: 'westeurope' }, { name: 'eastus2', replicas: 3 }];

  it.each([
    ['lines', 'westeurope\neastus2=3'],
    ['commas', 'westeurope,eastus2=3'],
    ['CRLF, blank lines, space', '\r\n  westeurope \r\n\r\n eastus2 = 3\r\n'],
    ['lines that end in commas', 'westeurope,\neastus2=3,\n'],
    ['display names in any case', 'West Europe\nEAST us 2=3'],
    ['spaces, as az takes it', 'westeurope eastus2=3'],
    ['spaces, half compact', 'westeurope East US 2=3'],
    ['a YAML list with spaces', '- westeurope eastus2=3'],
  ])('are read from %s', (_, text) => expect(regionsOf(text)).toEqual(two));

  it.each([
    'West Europe',
    'westus 2',
    'East US 2 EUAP',
    'US Gov Virginia',
    'Australia Southeast',
    'North Central US',
    'Germany West Central',
    'South Africa North',
    'New Zealand North',
    'China North 3',
    'Southeast Asia',
  ])('%s is one region', (text) =>
    expect(regionsOf(text)).toEqual([{ name: text.toLowerCase().replaceAll(' ', '') }]),
  );

  it.each([
    [
      'westeurope=3=premium_lrs',
      { name: 'westeurope', replicas: 3, storageAccountType: 'Premium_LRS' },
    ],
    ['westeurope==Standard_ZRS', { name: 'westeurope', storageAccountType: 'Standard_ZRS' }],
    ['westeurope=', { name: 'westeurope' }],
    ['westeurope=premium_lrs', { name: 'westeurope', storageAccountType: 'Premium_LRS' }],
    ['- {name: westeurope, regionalReplicaCount: " 3 "}', { name: 'westeurope', replicas: 3 }],
  ])('%s', (text, region) => expect(regionsOf(text)).toEqual([region]));

  it.each([
    ['westeurope westeurope=2', /names westeurope twice/],
    ['westeurope; northeurope', /not a region.*commas or lines separate regions/],
    ['- &a {name: westeurope, encryption: *a}', /name, which ARM does not know/],
    ['- &a [*a]', /not a region such as/],
    [
      '- &a {region: *a}',
      /whose entry, which contains itself or is nested too deeply, has no `name`/,
    ],
    ['- !!set {westeurope}', /has no `name`|not a region/],
    ['- {name: westeurope, regionalReplicaCount: {toString: 1}}', /that is no number/],
    ['- {name: westeurope, storageAccountType: [1]}', /that is no text/],
    ['- {name: westeurope, storageAccountType: {toString: 1}}', /that is no text/],
    ['- {__proto__: {a: 1}}', /has no `name`/],
    [`- ${'['.repeat(5000)}${']'.repeat(5000)}`, /not a region|not valid YAML/],
    [
      '- &a [1, 1, 1, 1, 1, 1, 1, 1]\n- &b [*a, *a, *a, *a, *a, *a, *a, *a]\n- [*b, *b, *b, *b, *b, *b, *b, *b]\n',
      /not a region|not valid YAML/,
    ],
    ['westeurope,westeurope', /names westeurope twice/],
    ['West Europe\r\nwesteurope=3', /names westeurope twice/],
    ['westeurope=0', /"westeurope=0".*1 to 100/],
    ['westeurope=101', /1 to 100/],
    ['westeurope=three', /"westeurope=three".*Premium_LRS/],
    ['westeurope=1=SSD', /"westeurope=1=SSD".*Premium_LRS/],
    ['westeurope=1=Premium_LRS=x', /not a region such as/],
    ['west-europe', /"west-europe" is not a region/],
    ['=3', /"=3" is not a region/],
    ['eastus/losangeles', /edge zone/],
    ['- name: west-europe', /not a region such as/],
    ['- region: westeurope', /has no `name`/],
    ['- name: westeurope\n  replicas: 3', /has replicas; it can have name, regionalReplicaCount/],
    ['- name: a: b', /not valid YAML/],
    ['- name: westeurope\n  excludeFromLatest: maybe', /neither true nor false/],
    ['- name: westeurope\n  encryption: {osDisk: {}}', /osDisk, which ARM does not know/],
    [
      '- name: westeurope\n  encryption: {osDiskImage: {diskEncryptionSetId: mine}}',
      /not the resource ID of a disk/,
    ],
    ['- name: westeurope\n  encryption: {dataDiskImages: [{lun: 1}, {lun: 1}]}', /LUN 1 twice/],
    [
      '- name: westeurope\n  encryption: {osDiskImage: {securityProfile: {confidentialVMEncryptionType: Some}}}',
      /is not one of EncryptedVMGuestStateOnlyWithPmk/,
    ],
    [
      '- name: westeurope\n  encryption: {osDiskImage: {securityProfile: {confidentialVMEncryptionType: EncryptedWithCmk}}}',
      /EncryptedWithCmk needs/,
    ],
    ['eu=0, west-europe, westeurope=0', /"eu=0".*;.*west-europe.*;.*westeurope=0/],
  ])('%j is refused, all of it at once', (text, words) => {
    expect(mistake({ 'target-regions': text })).toMatch(words);
  });

  test('a YAML list has room for encryption and exclusion', () => {
    const set =
      '/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/keys/providers/Microsoft.Compute/diskEncryptionSets/one';
    const yaml = `
      - name: West Europe
        regionalReplicaCount: 3
        storageAccountType: standard_zrs
        excludeFromLatest: true
        encryption:
          osDiskImage: {diskEncryptionSetId: ${set}}
          dataDiskImages: [{lun: 2, diskEncryptionSetId: ${set}}]
      - northeurope=2
    `;
    expect(regionsOf(yaml)).toEqual([
      {
        name: 'westeurope',
        replicas: 3,
        storageAccountType: 'Standard_ZRS',
        excludeFromLatest: true,
        encryption: {
          osDiskImage: { diskEncryptionSetId: set },
          dataDiskImages: [{ lun: 2, diskEncryptionSetId: set }],
        },
      },
      { name: 'northeurope', replicas: 2 },
    ]);
  });
});

describe('tags', () => {
  it.each([
    ['cost-center=4711', { 'cost-center': '4711' }],
    ['a=1\r\n\r\n  b = two words \r\n', { a: '1', b: 'two words' }],
    ['query=a=b,c=d', { query: 'a=b,c=d' }],
    ['where=a, b and c', { where: 'a, b and c' }],
    ['url=https://contoso.com/?a=1&b=2', { url: 'https://contoso.com/?a=1&b=2' }],
    ['sum=1 + 1 = 2', { sum: '1 + 1 = 2' }],
    ['empty=', { empty: '' }],
    [`n=${'v'.repeat(256)}`, { n: 'v'.repeat(256) }],
  ])('%j is read', (text, tags) => expect(requestOf({ tags: text }).tags).toEqual(tags));

  test('may be called anything, even what JavaScript gives a meaning', () => {
    const { tags } = requestOf({ tags: '__proto__=x\nconstructor=y' });
    expect(Object.entries(tags)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
  });

  const many = (count: number) => Array.from({ length: count }, (_, at) => `t${at}=`).join('\n');

  it.each([
    ['cost-center', /"cost-center".*not name=value/],
    ['=4711', /not name=value/],
    [
      'cost-center=4711,env=prod',
      /"cost-center=4711,env=prod" looks like several.*one name=value a line/,
    ],
    ['cost-center=4711, env=prod', /looks like several/],
    ['cost-center=4711 env=prod', /looks like several/],
    ['owner=two words env=prod', /looks like several/],
    ['a=1\nA=2', /sets the tag A twice/],
    [`n=${'v'.repeat(257)}`, /257 characters, Azure allows 256/],
    [`${'n'.repeat(513)}=v`, /513 characters, Azure allows 512/],
    ['a/b=c', /forbids/],
    ['azure-x=c', /reserved/],
    ['golden-image-owner=me', /set by this action/],
    [many(TAGS_LEFT + 1), new RegExp(`${TAGS_LEFT + 1} tags: Azure allows 50`)],
    ['x\na?=1\nwindows=1', /"x".*;.*"a\?=1".*;.*"windows=1"/],
  ])('%j is refused, all of it at once', (text, words) => {
    expect(mistake({ tags: text })).toMatch(words);
  });

  test('fill what is left of Azure’s fifty', () => {
    expect(Object.keys(requestOf({ tags: many(TAGS_LEFT) }).tags)).toHaveLength(TAGS_LEFT);
  });
});

describe('image-version', () => {
  it.each([
    ['1.2.3', { choose: 'exactly', number: { major: 1, minor: 2, patch: 3 } }, '1.2.3'],
    ['V1.2.3', { choose: 'exactly', number: { major: 1, minor: 2, patch: 3 } }, '1.2.3'],
    ['auto', { choose: 'next', part: 'patch' }, 'auto'],
    ['Patch', { choose: 'next', part: 'patch' }, 'patch'],
    ['minor', { choose: 'next', part: 'minor' }, 'minor'],
    ['MAJOR', { choose: 'next', part: 'major' }, 'major'],
    ['date', { choose: 'date' }, 'date'],
    [' ', { choose: 'next', part: 'patch' }, 'auto'],
  ])('%j', (text, version, requestedVersion) => {
    expect(requestOf({ 'image-version': text })).toMatchObject({ version, requestedVersion });
  });

  it.each([
    ['2147483648.0.0', /2147483647/],
    ['1.0.20261122093005', /2147483647.*date makes one that does/],
    ['1.02.3', /leading zero/],
    ['1.2', /major.minor.patch/],
    ['latest', /major.minor.patch/],
    ['refs/tags/v1.2.3', /"refs\/tags\/v1.2.3"/],
  ])('%j is refused', (text, words) => expect(mistake({ 'image-version': text })).toMatch(words));
});

describe('end-of-life', () => {
  it.each([
    ['2027-06-30', '2027-06-30T00:00:00.000Z'],
    ['2027-06-30T12:00:00Z', '2027-06-30T12:00:00.000Z'],
    ['2027-06-30T12:00+02:00', '2027-06-30T10:00:00.000Z'],
    ['2028-02-29', '2028-02-29T00:00:00.000Z'],
    ['90d', '2027-02-20T09:30:05.000Z'],
    ['12w', '2027-02-14T09:30:05.000Z'],
    ['6mo', '2027-05-22T09:30:05.000Z'],
    ['15 MO', '2028-02-22T09:30:05.000Z'],
    ['2y', '2028-11-22T09:30:05.000Z'],
  ])('%s is %s', (text, date) => {
    expect(requestOf({ 'end-of-life': text }).endOfLife?.toISOString()).toBe(date);
  });

  it.each([
    ['2026-11-22', /in the past/],
    ['2020-01-01', /in the past/],
    ['0d', /in the past/],
    ['2027-02-29', /not a date/],
    ['2027-13-01', /not a date/],
    ['2027-06-30T25:00:00Z', /not a date/],
    ['2027-06-30T12:00:00', /not a date/],
    ['30.06.2027', /not a date.*2027-06-30/],
    ['6m', /not a date.*6mo/],
    ['-5d', /not a date/],
    ['9999y', /year 9999/],
  ])('%s is refused', (text, words) => expect(mistake({ 'end-of-life': text })).toMatch(words));
});

describe('numbers, choices and flags', () => {
  it.each([
    ['replica-count', '1', { replicas: 1 }],
    ['replica-count', '007', { replicas: 7 }],
    ['replica-count', '100', { replicas: 100 }],
    ['storage-account-type', 'PREMIUM_lrs', { storageAccountType: 'Premium_LRS' }],
    ['exclude-from-latest', 'TRUE', { excludeFromLatest: true }],
    ['snapshot', 'False', { snapshot: false }],
    ['deprovision', 'Always', { deprovision: 'always' }],
    ['deprovision-timeout-minutes', '0.5', { deprovisionTimeoutSeconds: 30 }],
    ['deprovision-script', '#!/bin/sh\ntrue', { deprovisionScript: '#!/bin/sh\ntrue' }],
  ])('%s: %s', (name, text, wanted) => expect(requestOf({ [name]: text })).toMatchObject(wanted));

  it.each([
    ['operation', 'destroy', /capture/],
    ['operation', 'promot', /did you mean `promote`\?$/],
    ['storage-account-type', 'StandardZRS', /did you mean `Standard_ZRS`\?$/],
    ['deprovision', 'allways', /did you mean `always`\?$/],
    ['replica-count', '0', /1 to 100/],
    ['replica-count', '2.5', /1 to 100/],
    ['replica-count', '-1', /1 to 100/],
    ['replica-count', '101', /1 to 100/],
    ['replica-count', 'three', /1 to 100/],
    ['storage-account-type', 'Standard_GRS', /Standard_ZRS/],
    ['exclude-from-latest', 'yes', /true nor false/],
    ['snapshot', '1', /true nor false/],
    ['deprovision', 'maybe', /auto, always, never/],
    ['deprovision-timeout-minutes', '0', /positive/],
    ['deprovision-timeout-minutes', '1441', /1440/],
    ['timeout-minutes', '-1', /positive/],
    ['timeout-minutes', '5h', /positive/],
    ['timeout-minutes', 'Infinity', /positive/],
    ['poll-interval', '0x10', /positive/],
    ['poll-interval', '3601', /3600/],
    ['environment', 'AzureMoonCloud', /AzureCloud/],
    ['environment', 'http://localhost:8443', /https/],
    ['environment', 'https://', /https/],
  ])('%s: %s is refused', (name, text, words) => {
    const said = mistake({ [name]: text });
    expect(said).toContain(`\`${name}\` is "${text}"`);
    expect(said).toMatch(words);
  });
});

it.each(['keep-versions', 'max-deletions'])('%s is a number from 1 to 1000', (name) => {
  const prune = { operation: 'prune', 'older-than': '90d', 'usage-subscriptions': 'none' };
  const saidOf = (text: string) => mistakes(() => read({ ...prune, vm: '', [name]: text }));
  for (const text of ['1', '1000']) expect(saidOf(text)).toEqual([]);
  for (const text of ['0', '1001', '1.5', '-1'])
    expect(saidOf(text)).toEqual([expect.stringContaining('not a whole number from 1 to 1000')]);
});

describe('repair-regions', () => {
  it.each([
    ['', false],
    ['false', false],
    ['true', true],
    ['TRUE', true],
  ])('%j is %s', (text, wanted) => {
    expect(requestOf({ 'repair-regions': text }).repairRegions).toBe(wanted);
  });

  it.each([
    [{ 'repair-regions': 'perhaps' }, /`repair-regions` is "perhaps"/],
    [{ 'repair-regions': 'true', 'wait-for': 'none' }, /the run ends before a region can fail/],
    [{ 'repair-regions': 'true', 'replication-mode': 'shallow' }, /only its home region/],
  ])('%j is a mistake', (inputs, message) => expect(mistake(inputs)).toMatch(message));
});

import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  formatResourceId,
  IMAGE_VERSION,
  isWithin,
  nameOf,
  parentId,
  parseResourceId,
  resourceIdOf,
  sameId,
  VIRTUAL_MACHINE,
} from '../../../src/domain/resource-id.ts';
import { nastyText } from '../texts.ts';

const vm = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/build';
const version =
  '/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/galleries/g/images/d/versions/1.2.3';

describe('parseResourceId', () => {
  it.each([
    [vm, VIRTUAL_MACHINE, ['build']],
    [version, IMAGE_VERSION, ['g', 'd', '1.2.3']],
    [`  ${vm}/  `, VIRTUAL_MACHINE, ['build']],
    [vm.replace('resourceGroups', 'resourcegroups'), VIRTUAL_MACHINE, ['build']],
  ])('reads %s', (text, type, names) => {
    expect(parseResourceId(text)).toEqual({
      subscriptionId: 's',
      resourceGroup: 'rg',
      type,
      names,
    });
  });

  it.each([
    '',
    'build',
    '/',
    '/subscriptions/s',
    '/subscriptions/s/resourceGroups/rg',
    '/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute',
    '/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines',
    '/subscriptions/s/resourceGroups//providers/Microsoft.Compute/virtualMachines/build',
    vm.slice(1),
    `${vm}//`,
    `https://management.azure.com${vm}`,
    `${vm}?api-version=2026-04-01`,
    `${vm}\n::error::x`,
    `${vm} ${vm}`,
  ])('takes %j for none', (text) => expect(parseResourceId(text)).toBeUndefined());

  test('never throws, and what it reads it writes back', () => {
    fc.assert(
      fc.property(nastyText, (text) => {
        const id = parseResourceId(text);
        if (id) expect(parseResourceId(formatResourceId(id))).toEqual(id);
      }),
    );
  });
});

const segment = fc.stringMatching(/^[A-Za-z0-9_.()-]{1,12}$/);

test('formatting and reading are each other’s inverse', () => {
  const id = fc
    .tuple(segment, segment, segment, fc.array(fc.tuple(segment, segment), { minLength: 1 }))
    .map(([subscriptionId, resourceGroup, provider, pairs]) => ({
      subscriptionId,
      resourceGroup,
      type: [provider, ...pairs.map(([type]) => type)].join('/'),
      names: pairs.map(([, name]) => name),
    }));
  fc.assert(
    fc.property(id, (parts) => {
      expect(resourceIdOf(formatResourceId(parts))).toEqual(parts);
    }),
  );
});

test('resourceIdOf names the text that is no ID', () => {
  expect(() => resourceIdOf('build')).toThrow('build');
});

test('IDs are the same whatever their case, and nothing is the same as no ID', () => {
  expect(sameId(vm, vm.toUpperCase())).toBe(true);
  expect(sameId(vm, version)).toBe(false);
  expect(sameId(undefined, undefined)).toBe(false);
});

test('a resource is within itself and what it is nested in, not in what its name begins like', () => {
  expect(isWithin(version, parentId(version).toUpperCase())).toBe(true);
  expect(isWithin(version, version)).toBe(true);
  expect(isWithin(`${vm}2`, vm)).toBe(false);
});

test('a version is in a definition, which is in a gallery', () => {
  expect(nameOf(version)).toBe('1.2.3');
  expect(nameOf(parentId(version))).toBe('d');
  expect(nameOf(parentId(parentId(version)))).toBe('g');
});

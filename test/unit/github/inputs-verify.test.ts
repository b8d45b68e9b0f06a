import { describe, expect, test } from 'vitest';
import { assignmentOf, readInputs } from '../../../src/github/inputs/requests.ts';
import { DEFINITION_ID, SUBSCRIPTION, VM_ID } from '../worlds.ts';

const SUBNET = `/subscriptions/${SUBSCRIPTION}/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/build/subnets/default`;
const VERSION = `/subscriptions/${SUBSCRIPTION}/resourceGroups/images/providers/Microsoft.Compute/galleries/golden/images/ubuntu/versions/1.0.0`;

const read = (inputs: Readonly<Record<string, string>>) => {
  const all: Readonly<Record<string, string>> = {
    operation: 'verify',
    'tenant-id': SUBSCRIPTION,
    'client-id': SUBSCRIPTION,
    'auth-type': 'oidc',
    'source-image-version': VERSION,
    'verify-subnet': SUBNET,
    ...inputs,
  };
  const found = readInputs({
    get: (name) => all[name] ?? '',
    given: Object.keys(all),
    env: { ACTIONS_ID_TOKEN_REQUEST_URL: 'https://x', ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'x' },
    azSession: () => false,
    now: new Date('2026-11-22T09:30:05Z'),
  });
  return assignmentOf(found).request;
};

test('only version and subnet are needed; the VM stands beside the gallery then', () => {
  expect(read({})).toMatchObject({
    operation: 'verify',
    version: '1.0.0',
    verify: {
      subnet: SUBNET,
      group: `/subscriptions/${SUBSCRIPTION}/resourceGroups/images`,
      timeoutSeconds: 1200,
    },
  });
});

test('what is given is taken', () => {
  const asked = {
    'verify-script': 'exit 0',
    'verify-resource-group': 'tests',
    'resource-group': 'builds',
    'verify-vm-size': 'Standard_D4s_v5',
    'verify-timeout-minutes': '7.5',
  };
  expect(read(asked)).toMatchObject({
    verify: {
      script: 'exit 0',
      group: `/subscriptions/${SUBSCRIPTION}/resourceGroups/tests`,
      size: 'Standard_D4s_v5',
      timeoutSeconds: 450,
    },
  });
});

describe('a mistake names its input', () => {
  test.each([
    ['verify-subnet', ''],
    ['verify-subnet', 'default'],
    ['verify-subnet', SUBNET.replace('/subnets/default', '')],
    ['verify-vm-size', 'D2s v5'],
    ['verify-timeout-minutes', '0'],
    ['verify-resource-group', 'a/b'],
    ['verify-script', 'x'.repeat(200_000)],
    ['target-regions', 'northeurope'],
    ['wait-for', 'home'],
  ])('%s: %j', (name, text) => {
    expect(() => read({ [name]: text.slice(0, 200_000) })).toThrow(`\`${name}\``);
  });

  const CAPTURE = {
    operation: 'capture',
    'source-image-version': '',
    vm: VM_ID,
    'image-definition': DEFINITION_ID,
    verify: 'boot',
  };
  const OTHER = SUBNET.replace(SUBSCRIPTION, '99999999-9999-9999-9999-999999999999');

  test.each<Readonly<Record<string, string>>>([
    { 'verify-subnet': OTHER },
    { 'verify-subnet': '' },
    { 'wait-for': 'home' },
    { 'wait-for': 'none' },
    { verify: 'none', 'verify-script': 'exit 0', 'verify-subnet': '' },
    { verify: 'none', 'verify-on-failure': 'delete', 'verify-subnet': '' },
    { verify: 'none', ephemeral: 'true', 'verify-subnet': '' },
    { ephemeral: 'true', 'target-regions': 'northeurope' },
    { ephemeral: 'true', 'image-version': '1.0.0' },
    { ephemeral: 'true', 'verify-on-failure': 'keep' },
    { ephemeral: 'true', 'replication-mode': 'Full' },
    { 'require-verified': 'true' },
  ])('a capture with %j', (inputs) => {
    const name = Object.keys(inputs).at(-1) ?? '';
    const said = new RegExp(
      Object.keys(inputs)
        .map((each) => `\`${each}`)
        .join('|'),
    );
    expect(name).not.toBe('');
    expect(() => read({ ...CAPTURE, ...inputs })).toThrow(said);
  });

  test.each<Readonly<Record<string, string>>>([
    {},
    { 'wait-for': 'home', 'exclude-from-latest': 'true' },
    { ephemeral: 'true', 'after-capture': 'delete' },
    { 'verify-on-failure': 'delete', 'after-capture': 'delete' },
  ])('none is a capture with %j', (inputs) => {
    expect(read({ ...CAPTURE, ...inputs })).toMatchObject({
      verify: { group: `/subscriptions/${SUBSCRIPTION}/resourceGroups/images` },
    });
  });

  test('a promotion can require a verification, and make one', () => {
    const inputs = { operation: 'promote', verify: 'boot', 'require-verified': 'true' };
    expect(read(inputs)).toMatchObject({ requireVerified: true, verify: { onFailure: 'keep' } });
    expect(read({ operation: 'promote', 'verify-subnet': '' })).not.toHaveProperty('verify');
  });
});

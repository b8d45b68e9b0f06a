import { describe, expect, test } from 'vitest';
import { readAssignment } from '../../../src/github/inputs/assignment.ts';
import { SUBSCRIPTION } from '../worlds.ts';

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
  return readAssignment({
    get: (name) => all[name] ?? '',
    given: Object.keys(all),
    env: { ACTIONS_ID_TOKEN_REQUEST_URL: 'https://x', ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'x' },
    azSession: () => false,
    now: new Date('2026-11-22T09:30:05Z'),
  }).request;
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

  test('a subnet of another subscription is none for this VM', () => {
    const other = SUBNET.replace(SUBSCRIPTION, '99999999-9999-9999-9999-999999999999');
    expect(() => read({ 'verify-subnet': other, 'subscription-id': SUBSCRIPTION })).toThrow(
      /`verify-subnet` is in the subscription/,
    );
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { fakeClock, localAzure, verifyIt } from './harness.ts';
import { leftOf, putVersion } from './stored-version.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

const match = { method: 'PUT', path: '**/virtualMachines/verify-*' };

const stored = (): LocalAzure => {
  const azure = localAzure();
  putVersion(azure, [{ name: 'West Europe' }]);
  return azure;
};

describe('what says nothing about the image', () => {
  it.each([
    [
      'OperationNotAllowed',
      409,
      'exceeding approved standardDSv5Family Cores quota',
      'verify-vm-size',
    ],
    ['SubnetIsFull', 400, 'Subnet default does not have enough capacity', '`verify-subnet`'],
    ['SkuNotAvailable', 409, 'The requested size is not available.', 'verify-vm-size'],
    ['RequestDisallowedByPolicy', 403, 'disallowed by policy', 'verify-resource-group'],
  ])('%s leaves `verified` empty, and no VM', async (code, status, message, remedy) => {
    const azure = stored();
    azure.faults.add({ match, times: 1, fate: { status, body: { error: { code, message } } } });
    const { failure, told } = await verifyIt(azure);
    expect(failure?.message).toContain('says nothing about the image');
    expect(failure?.message).toContain(remedy);
    expect(told.outputs.get('verified') ?? '').toBe('');
    expect(told.outputs.get('state')).toBe('failed');
    expect(leftOf(azure)).toEqual([]);
  });
});

describe('an image that does not boot', () => {
  it('fails with the code by which Azure ends its provisioning', async () => {
    const azure = stored();
    const error = { code: 'OSProvisioningTimedOut', message: 'OS Provisioning did not finish.' };
    azure.faults.add({ match, times: 1, fate: { operation: { status: 'Failed', error } } });
    const { failure, told } = await verifyIt(azure);
    expect(failure?.message).toContain('OSProvisioningTimedOut');
    expect(told.outputs.get('verified')).toBe('false');
    expect(leftOf(azure)).toEqual([]);
  });
});

it('waits while the region does not find the image yet', async () => {
  const azure = stored();
  const error = { code: 'GalleryImageNotFound', message: 'The gallery image was not found.' };
  azure.faults.add({ match, times: 2, fate: { status: 404, body: { error } } });
  const { failure, told } = await verifyIt(azure);
  expect(failure).toBeUndefined();
  expect(told.outputs.get('verified')).toBe('true');
});

import { afterEach, beforeEach, expect, it } from 'vitest';
import type { VersionChoice } from '../../src/domain/version-number.ts';
import { type CaptureOperation, capture, fakeClock, localAzure } from './harness.ts';
import { changeVm, definition, specialized } from './world-changes.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

/** A VM with NVMe disks, and a definition that takes such disks from version 2.0.0 on. */
function nvmeFromTwo() {
  const azure = localAzure();
  changeVm(azure, (vm) => ({
    ...vm,
    storageProfile: { ...(vm.storageProfile as object), diskControllerType: 'NVMe' },
  }));
  definition(azure, {
    features: [
      { name: 'SecurityType', value: 'TrustedLaunch' },
      { name: 'DiskControllerTypes', value: 'SCSI' },
      { name: 'DiskControllerTypes', value: 'SCSI, NVMe', startsAtVersion: '2.0.0' },
    ],
  });
  return azure;
}

/** A capture whose findings are thrown away. */
const unchecked = (operation: CaptureOperation): CaptureOperation => ({
  ...operation,
  prepare: async (...given) => ({ ...(await operation.prepare(...given)), findings: [] }),
});

const ask = (requestedVersion: string, version: VersionChoice) => ({ requestedVersion, version });
const exactly = (major: number): VersionChoice => ({
  choose: 'exactly',
  number: { major, minor: 0, patch: 0 },
});

it('a version below the number from which a feature holds is refused before any change', async () => {
  const azure = nvmeFromTwo();
  const request = { ...specialized(azure), ...ask('1.0.0', exactly(1)) };
  const { failure, wrote, heard } = await capture(azure, { request });
  expect(heard.findings.map(({ rule }) => rule)).toContain('definition-disk-controller');
  expect(failure?.remedy).toContain('fit from 2.0.0 on: `image-version: 2.0.0`');
  expect(wrote).toBe(false);
  const blind = await capture(azure, { request, around: unchecked });
  expect(blind.failure?.message).toMatch(/disk controller type \['NVMe'\]/);
});

it('a version from that number on is made', async () => {
  const azure = nvmeFromTwo();
  const request = { ...specialized(azure), ...ask('2.0.0', exactly(2)) };
  const { failure, heard } = await capture(azure, { request });
  expect(failure).toBeUndefined();
  expect(heard.known?.version).toMatch(/2\.0\.0$/);
});

it('a first version, which is always 1.0.0, is not told to be a major one', async () => {
  const azure = nvmeFromTwo();
  for (const part of ['patch', 'major'] as const) {
    const request = { ...specialized(azure), ...ask(part, { choose: 'next', part }) };
    const { failure } = await capture(azure, { request });
    expect(failure?.remedy).toContain('fit from 2.0.0 on: `image-version: 2.0.0` or a higher');
  }
});

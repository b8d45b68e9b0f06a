/**
 * What people suffer from when they make images in Azure, each shown not to happen here. The titles
 * name the threads. Those of the guest and the VM; the others are in `reported-failures.test.ts`.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { objectAt, objectsAt } from '../../local-azure/src/json.ts';
import { setPower } from '../../local-azure/src/vm/instance-view.ts';
import { buildVm, capture, definitionId, fakeClock, localAzure, ofWindows } from './harness.ts';
import { change, refusedBy, versionId, well } from './reported-failure.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

describe('the guest', () => {
  it('WALinuxAgent#3547, cloud-pipeline#34: deprovision through Run Command never returns', async () => {
    const azure = localAzure();
    const { heard } = await well(capture(azure));
    expect(heard.took.get('deprovision')).toBeLessThan(300);
  });

  it('azure-cli#32305, #19137: Run Command is stuck behind another one', async () => {
    const azure = localAzure();
    azure.faults.add({
      match: { method: 'POST', path: '**/runCommand' },
      times: 5,
      fate: { status: 409, body: { error: { code: 'Conflict', message: 'In progress.' } } },
    });
    await well(capture(azure));
  });

  it('packer#8428, #9261: Sysprep hangs for ever', async () => {
    const azure = localAzure({ guests: () => ({ sysprep: 'hangs' }) });
    const request = { ...ofWindows(azure), deprovisionTimeoutSeconds: 1200 };
    const { failure, seconds } = await capture(azure, { request });
    expect(failure?.kind).toBe('refused');
    expect(seconds).toBeLessThan(2400);
  });

  it('runner-images#9659, azure-cli#29203: an image that was never deprovisioned does not boot', async () => {
    const azure = localAzure();
    const vm = azure.world.get(buildVm(azure));
    if (vm) setPower(vm, 'deallocated', azure.clock.now());
    await refusedBy('vm-stopped', azure);
  });

  it('azure-docs#71847, #86809, azure-powershell#2818: generalized in the wrong order, the VM is lost', async () => {
    const azure = localAzure();
    await well(capture(azure, { request: { snapshot: true } }));
    const writes = azure.requests
      .all()
      .filter(({ method, path }) => method !== 'GET' && /build-linux/.test(path))
      .map(({ path }) => path.split('/').at(-1) ?? '')
      .filter((last) => /^(runCommand|deallocate|generalize|build-linux-os-.*)$/.test(last))
      .map((last) => last.replace(/^build-linux-os-.*/, 'snapshot'));
    expect(writes).toEqual(['snapshot', 'runCommand', 'runCommand', 'deallocate', 'generalize']);
  });
});

describe('the VM and its definition', () => {
  const feature = (azure: LocalAzure, value: string) =>
    change(azure, definitionId(azure), (properties) => {
      properties.features = [{ name: 'SecurityType', value }];
    });

  it('packer-plugin-azure#304, #528, azure-cli#22995: Trusted Launch and definition do not fit, after ten minutes', async () => {
    const azure = localAzure();
    feature(azure, 'ConfidentialVM');
    await refusedBy('definition-security-type', azure);
  });

  it('azure-cli#24972, bicep#17206: the OS state of VM and definition differ', async () => {
    const azure = localAzure();
    change(azure, definitionId(azure), (properties) => {
      properties.osType = 'Windows';
    });
    await refusedBy('definition-os-type', azure);
  });

  it('azure-cli#24972: LinkedAuthorizationFailed does not say which right is missing', async () => {
    const azure = localAzure();
    const error = { code: 'LinkedAuthorizationFailed', message: 'Not permitted.' };
    azure.faults.add({
      match: { method: 'PUT', path: '**/snapshots/*' },
      times: 9,
      fate: { status: 403, body: { error } },
    });
    const { failure, wrote } = await capture(azure, { request: { snapshot: true } });
    expect(failure?.remedy).toContain('beginGetAccess');
    expect(wrote).toBe(false);
  });

  it('terraform#21671, azure-cli-extensions#314: data disks are left out', async () => {
    const azure = localAzure();
    await well(capture(azure, { request: { captureFrom: 'disks' } }));
    const storage = objectAt(azure.world.get(versionId(azure))?.properties, 'storageProfile');
    expect(objectsAt(storage, 'dataDiskImages').map(({ lun }) => lun)).toEqual([0]);
  });
});

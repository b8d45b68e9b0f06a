import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeVm } from '../../scenarios/changed-vm.ts';
import { buildVm, fakeClock, localAzure, type Run, restore } from '../../scenarios/harness.ts';
import { differences, type World, worldOf } from '../../scenarios/restored-world.ts';
import { type AzureCli, azureCliBeside, signIn } from '../az-cli.ts';

let az: AzureCli;

beforeAll(async () => {
  az = await azureCliBeside('--speed', '600');
  await signIn(az);
});
afterAll(() => az[Symbol.asyncDispose]());

const VM = '--resource-group images --name build-linux';

/** A VM that a capture has changed so far, and what the action makes of it. */
async function byAction(until: string) {
  using _clock = fakeClock();
  const azure = localAzure();
  const before = worldOf(azure);
  await changeVm(azure, until);
  const changed = azure.world.snapshot();
  const run = await restore(azure, { recreate: true });
  expect(run.failure).toBeUndefined();
  expect(differences(before, worldOf(azure), run)).toEqual([]);
  const { target } = JSON.parse(run.told.outputs.get('plan') ?? '{}') as {
    target: { disks: { snapshot: string; disk: string; replaces: string }[] };
  };
  return { before, changed, run, disks: target.disks, vm: buildVm(azure) };
}

/** What differs from the world before the change once az has restored the VM, but for what the plan names. */
async function differing(before: World, run: Run): Promise<string[]> {
  const world = (await az.control.world()) as { id: string }[];
  const now = new Map(world.map((each) => [each.id.toLowerCase(), { ...each }]));
  // az creates a VM by a template, and always says which interface is the primary one.
  const isOfAz = (line: string) =>
    /\/deployments\/vm_deploy_|\/primary: undefined → true$/.test(line);
  return differences(before, now, run).filter((line) => !isOfAz(line));
}

const nameOf = (id = '') => id.split('/').at(-1) ?? '';

const makeDisk = ({ disk, snapshot }: { disk: string; snapshot: string }) =>
  az(`disk create --resource-group images --name ${nameOf(disk)} --source ${snapshot}`);

describe('the Azure CLI, restoring a VM by hand', () => {
  it('gets the world of the action before the VM is generalized', async () => {
    const { before, changed, run, disks } = await byAction('deprovision');
    await az.control.setWorld(changed);
    const [os, data] = disks;
    for (const each of disks) await makeDisk(each);
    await az(`vm deallocate ${VM}`);
    await az(`vm update ${VM} --os-disk ${os?.disk} --remove tags.golden-image-deprovision`);
    const vm = '--resource-group images --vm-name build-linux';
    await az(`vm disk detach ${vm} --name ${nameOf(data?.replaces)}`);
    await az(`vm disk attach ${vm} --name ${nameOf(data?.disk)} --lun 0 --caching None`);
    await az(`vm start ${VM}`);
    expect(await differing(before, run)).toEqual([]);
  });

  it('gets the world of the action after the VM is generalized', async () => {
    const { before, changed, run, disks } = await byAction('generalize');
    await az.control.setWorld(changed);
    const [os, data] = disks;
    for (const each of disks) await makeDisk(each);
    await az(`vm delete ${VM} --yes`);
    await az(
      `vm create ${VM} --attach-os-disk ${nameOf(os?.disk)} --os-type Linux --attach-data-disks ${nameOf(data?.disk)} --nics build-linux-nic --size Standard_D2s_v5 --security-type TrustedLaunch --enable-secure-boot true --enable-vtpm true --nic-delete-option Detach --tags purpose=image-build`,
    );
    expect(await differing(before, run)).toEqual([]);
  });
});

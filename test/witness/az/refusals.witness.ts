import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ArmResource } from '../../runner/control.ts';
import { type AzureCli, azureCliBeside, signIn } from '../az-cli.ts';

let az: AzureCli;
let world: readonly ArmResource[];
let vm: string;

beforeAll(async () => {
  az = await azureCliBeside('--speed', '60');
  await signIn(az);
  world = await az.control.world();
  vm = world.find(({ id }) => id.endsWith('/build-linux'))?.id ?? '';
});
beforeEach(async () => {
  await az.control.clearFaults();
  await az.control.setWorld(world);
});
afterAll(() => az[Symbol.asyncDispose]());

const VM = '--resource-group images --name build-linux';
const inDefinition = (name: string) =>
  `--resource-group images --gallery-name golden --gallery-image-definition ${name}`;
const VERSION = `${inDefinition('ubuntu-2404')} --gallery-image-version 1.0.0`;
const SHOW = `sig image-version show ${VERSION} --expand ReplicationStatus`;

const generalized = async () => {
  await az(`vm deallocate ${VM}`);
  await az(`vm generalize ${VM}`);
};

describe('the Azure CLI, passing on what Azure refuses', () => {
  it('a VM, a group and a version that are not there', async () => {
    expect(await az.refusal('vm show --resource-group images --name nobody')).toContain(
      "(ResourceNotFound) The Resource 'Microsoft.Compute/virtualMachines/nobody' under resource group 'images' was not found.",
    );
    expect(await az.refusal('vm show --resource-group nowhere --name nobody')).toContain(
      "(ResourceGroupNotFound) Resource group 'nowhere' could not be found.",
    );
    expect(await az.refusal(`sig image-version show ${VERSION}`)).toContain('(ResourceNotFound)');
  });

  it('to generalize a VM that runs', async () => {
    expect(await az.refusal(`vm generalize ${VM}`)).toContain(
      "(OperationNotAllowed) Operation 'generalize' is not allowed on VM 'build-linux' since the VM is running.",
    );
  });

  it('a version of a VM that was not generalized, after having accepted it', async () => {
    const text = await az.refusal(
      `sig image-version create ${VERSION} --virtual-machine ${vm} --target-regions westeurope`,
    );
    expect(text).toContain(
      "has a different OS state ['Specialized'] than the parent gallery image OS state ['Generalized']",
    );
    expect(await az(SHOW)).toMatchObject({ provisioningState: 'Failed' });
  });

  it('a version of a Windows VM in a Linux definition', async () => {
    const windows = vm.replace('build-linux', 'build-windows');
    await az('vm deallocate --resource-group images --name build-windows');
    await az('vm generalize --resource-group images --name build-windows');
    const text = await az.refusal(
      `sig image-version create ${VERSION} --virtual-machine ${windows} --target-regions westeurope`,
    );
    expect(text).toContain('(Conflict)');
    expect(text).toMatch(/has a different OS (type|generation) \['Windows'\]/);
  });

  it('a version number that is none', async () => {
    const text = await az.refusal(
      `sig image-version create ${inDefinition('ubuntu-2404')} --gallery-image-version 1.2 --virtual-machine ${vm} --target-regions westeurope`,
    );
    expect(text).toContain('(InvalidParameter)');
  });

  it('a region that Azure does not have', async () => {
    const text = await az.refusal(
      `sig image-version create ${VERSION} --virtual-machine ${vm} --target-regions westeurope atlantis`,
    );
    expect(text).toContain('atlantis');
    expect(await az(`sig image-version list ${inDefinition('ubuntu-2404')}`)).toEqual([]);
  });

  it('a region that fails, and repairs it with the same request', async () => {
    await generalized();
    await az.control.fault({
      match: { method: 'PUT', path: '**/versions/*' },
      times: 1,
      // biome-ignore lint/suspicious/noThenProperty: the name of the control
      then: { region: { name: 'northeurope', state: 'Failed', details: 'Out of capacity.' } },
    });
    const create = `sig image-version create ${VERSION} --virtual-machine ${vm} --target-regions westeurope northeurope`;
    expect(await az.refusal(create)).toMatch(/replicat/i);
    const failed = await az(SHOW);
    expect(failed.provisioningState).toBe('Failed');
    expect(failed.replicationStatus.summary).toMatchObject([
      { region: 'westeurope', state: 'Completed' },
      { region: 'northeurope', state: 'Failed', details: 'Out of capacity.' },
    ]);
    await az(create);
    expect(await az(SHOW)).toMatchObject({ provisioningState: 'Succeeded' });
  });

  it('to delete a definition that has versions', async () => {
    await generalized();
    await az(
      `sig image-version create ${VERSION} --virtual-machine ${vm} --target-regions westeurope --no-wait`,
    );
    const text = await az.refusal(`sig image-definition delete ${inDefinition('ubuntu-2404')}`);
    expect(text).toContain('(CannotDeleteResource) Cannot delete resource while nested resources');
  });

  it('to delete what is locked', async () => {
    const lock = {
      id: `${vm}/providers/Microsoft.Authorization/locks/keep`,
      properties: { level: 'CanNotDelete' },
    };
    await az.control.setWorld([...world, lock]);
    expect(await az.refusal(`vm delete ${VM} --yes`)).toContain('(ScopeLocked) The scope ');
    expect(await az(`vm show ${VM} --query name`)).toBe('build-linux');
  });

  it('to write, when the identity may only read', async () => {
    const scope = vm.split('/').slice(0, 5).join('/');
    const reader = {
      id: `${scope}/providers/Microsoft.Authorization/roleAssignments/0bd1f3a0-0000-4000-8000-000000000001`,
      properties: {
        roleDefinitionId:
          '/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7',
        scope,
      },
    };
    await az.control.setWorld([...world, reader]);
    expect(await az(`vm show ${VM} --query name`)).toBe('build-linux');
    expect(await az.refusal(`vm deallocate ${VM}`)).toMatch(
      /\(AuthorizationFailed\) The client '[0-9a-f-]+' with object id '[0-9a-f-]+' does not have authorization to perform action 'Microsoft.Compute\/virtualMachines\/deallocate\/action' over scope/,
    );
  });

  it('nothing for good: az itself tries again after 429', async () => {
    await az.control.fault({
      match: { method: 'GET', path: '**/virtualMachines/build-linux' },
      times: 1,
      // biome-ignore lint/suspicious/noThenProperty: the name of the control
      then: {
        status: 429,
        headers: { 'retry-after': '1' },
        body: { error: { code: 'OperationNotAllowed', message: 'Too many requests.' } },
      },
    });
    await az.control.forgetRequests();
    expect(await az(`vm show ${VM} --query name`)).toBe('build-linux');
    const seen = await az.control.requests();
    expect(
      seen.filter(({ path }) => path.endsWith('/build-linux')).map(({ status }) => status),
    ).toEqual([429, 200]);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { http } from '../../runner/control.ts';
import { type AzureCli, azureCliBeside, signIn } from '../az-cli.ts';

let az: AzureCli;
let vmId: string;

beforeAll(async () => {
  az = await azureCliBeside('--speed', '60');
  vmId = `/subscriptions/${az.azure.subscriptionId}/resourceGroups/images/providers/Microsoft.Compute/virtualMachines/build-linux`;
});
afterAll(() => az[Symbol.asyncDispose]());

const VM = '--resource-group images --name build-linux';
const GALLERY = '--resource-group images --gallery-name clients';
const DEFINITION = `${GALLERY} --gallery-image-definition web`;
const VERSION = `${DEFINITION} --gallery-image-version 1.0.0`;
const SHOW = `sig image-version show ${VERSION} --expand ReplicationStatus`;

/** Waits until every region has the version. */
const replicated = () =>
  az(
    `sig image-version wait ${VERSION} --expand ReplicationStatus --interval 1 --timeout 120 --custom`,
    "properties.replicationStatus.aggregatedState=='Completed'",
  );

/** A GitHub ID token, asked for as a workflow step does. */
async function idToken(audience: string): Promise<string> {
  const { env } = az.azure;
  const url = new URL(env.ACTIONS_ID_TOKEN_REQUEST_URL ?? '');
  const path = `${url.pathname}${url.search}&audience=${encodeURIComponent(audience)}`;
  const headers = { authorization: `Bearer ${env.ACTIONS_ID_TOKEN_REQUEST_TOKEN}` };
  return JSON.parse((await http(az.azure, 'GET', path, { headers })).text).value;
}

describe('the Azure CLI, signing in', () => {
  const login = () =>
    `login --service-principal --username ${az.azure.clientId} --tenant ${az.azure.tenantId}`;

  it('is refused in Entra’s words', async () => {
    expect(await az.refusal('vm list')).toContain("Please run 'az login'");
    expect(await az.refusal(login(), '--password', 'guessed')).toMatch(/AADSTS7000215: /);
    const elsewhere = await idToken('api://elsewhere');
    expect(await az.refusal(login(), '--federated-token', elsewhere)).toContain('AADSTS700212');
  });

  it('signs in with the federated token of a workflow, and with a secret', async () => {
    const token = await idToken('api://AzureADTokenExchange');
    expect(await az(login(), '--federated-token', token)).toMatchObject([
      { id: az.azure.subscriptionId },
    ]);
    expect(await signIn(az)).toMatchObject([
      {
        id: az.azure.subscriptionId,
        tenantId: az.azure.tenantId,
        state: 'Enabled',
        user: { name: az.azure.clientId, type: 'servicePrincipal' },
      },
    ]);
  });
});

describe('the Azure CLI, doing by hand what the action does', () => {
  it('runs a script in the guest, and gets its output and its errors', async () => {
    const invoke = `vm run-command invoke ${VM} --command-id RunShellScript`;
    const { value } = await az(invoke, '--scripts', 'echo out $((6 * 7)); echo oops >&2; exit 3');
    expect(value[0].code).toBe('ProvisioningState/succeeded');
    expect(value[0].message).toContain('[stdout]\nout 42\n');
    expect(value[0].message).toContain('[stderr]\noops\n');
  });

  it('snapshots, deallocates and generalizes', async () => {
    expect(await az.refusal(`vm generalize ${VM}`)).toContain(
      "(OperationNotAllowed) Operation 'generalize' is not allowed on VM 'build-linux' since the VM is running.",
    );
    const vm = await az(`vm show --show-details ${VM}`);
    expect(vm).toMatchObject({
      powerState: 'VM running',
      privateIps: '10.10.0.4',
      securityProfile: { securityType: 'TrustedLaunch' },
    });
    const source = vm.storageProfile.osDisk.managedDisk.id;
    expect(
      await az(
        `snapshot create --resource-group images --name before --source ${source} --incremental true`,
      ),
    ).toMatchObject({
      incremental: true,
      provisioningState: 'Succeeded',
      creationData: { createOption: 'Copy', sourceResourceId: source },
    });
    await az(`vm deallocate ${VM}`);
    await az(`vm generalize ${VM}`);
    expect(await az.refusal(`vm start ${VM}`)).toMatch(/generalized/i);
  });

  it('makes a gallery and a definition', async () => {
    expect(await az(`sig create ${GALLERY}`)).toMatchObject({ provisioningState: 'Succeeded' });
    expect(
      await az(
        `sig image-definition create ${DEFINITION} --publisher contoso --offer clients --sku web --os-type Linux --os-state Generalized --hyper-v-generation V2 --features SecurityType=TrustedLaunch`,
      ),
    ).toMatchObject({ provisioningState: 'Succeeded', hyperVGeneration: 'V2' });
  });

  it('repairs a region that fails, and sees the version replicated', async () => {
    await az.control.fault({
      match: { method: 'PUT', path: '**/versions/*' },
      times: 1,
      // biome-ignore lint/suspicious/noThenProperty: the name of the control
      then: { region: { name: 'northeurope', state: 'Failed', details: 'Out of capacity.' } },
    });
    const create = `sig image-version create ${VERSION} --virtual-machine ${vmId} --target-regions`;
    const regions = ['West Europe=3', 'northeurope=2=Premium_LRS'];
    expect(await az.refusal(create, ...regions)).toMatch(/replicat/i);
    expect((await az(SHOW)).replicationStatus.summary).toMatchObject([
      { region: 'westeurope', state: 'Completed' },
      { region: 'northeurope', state: 'Failed', details: 'Out of capacity.' },
    ]);
    await az(create, ...regions);
    await replicated();
    const version = await az(SHOW);
    expect(version).toMatchObject({
      provisioningState: 'Succeeded',
      storageProfile: { source: { virtualMachineId: vmId }, osDiskImage: { sizeInGB: 64 } },
    });
    expect(version.publishingProfile.targetRegions).toMatchObject([
      { name: 'West Europe', regionalReplicaCount: 3 },
      { name: 'North Europe', regionalReplicaCount: 2, storageAccountType: 'Premium_LRS' },
    ]);
    expect(await az(`sig image-version list ${DEFINITION} --query [].name`)).toEqual(['1.0.0']);
  });

  it('makes two VMs from an image of the marketplace, with a template', async () => {
    await az(
      'vm create --resource-group images --name web --count 2 --image Ubuntu2204 --size Standard_D2s_v5 --vnet-name build --subnet default --admin-username operator --authentication-type password --admin-password Quite-long-1234 --public-ip-address',
      '',
      '--nsg',
      '',
    );
    const nics = await az('network nic list --resource-group images');
    const made = nics.filter(({ name }: { name: string }) => name.startsWith('web'));
    expect(made).toHaveLength(2);
    for (const nic of made)
      expect(nic).toMatchObject({
        provisioningState: 'Succeeded',
        macAddress: expect.stringMatching(/^00-0D-3A/),
        ipConfigurations: [{ privateIPAddress: expect.stringMatching(/^10\.10\.0\./) }],
      });
  });

  it('makes a scale set with its load balancer, and reads the output of the template', async () => {
    const { vmss } = await az(
      'vmss create --resource-group images --name fleet --image Ubuntu2204 --instance-count 2 --vm-sku Standard_D2s_v5 --orchestration-mode Uniform --admin-username operator --authentication-type password --admin-password Quite-long-1234',
    );
    expect(vmss.provisioningState).toBe('Succeeded');
    expect(await az('vmss list --resource-group images --query [].name')).toEqual(['fleet']);
  });

  it('is refused what is not there, locked, or not allowed, and tries again after 429', async () => {
    const nobody = 'vm show --resource-group images --name nobody';
    expect(await az.refusal(nobody)).toContain(
      "(ResourceNotFound) The Resource 'Microsoft.Compute/virtualMachines/nobody' under resource group 'images' was not found.",
    );
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
    expect(await az(`vm show ${VM} --query name`)).toBe('build-linux');
    const world = await az.control.world();
    const scope = vmId.split('/').slice(0, 5).join('/');
    const lock = {
      id: `${vmId}/providers/Microsoft.Authorization/locks/keep`,
      properties: { level: 'CanNotDelete' },
    };
    await az.control.setWorld([...world, lock]);
    expect(await az.refusal(`vm delete ${VM} --yes`)).toContain('(ScopeLocked) The scope ');
    const reader = {
      id: `${scope}/providers/Microsoft.Authorization/roleAssignments/0bd1f3a0-0000-4000-8000-000000000001`,
      properties: {
        roleDefinitionId:
          '/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7',
        scope,
      },
    };
    await az.control.setWorld([...world, reader]);
    expect(await az.refusal(`vm deallocate ${VM}`)).toMatch(/\(AuthorizationFailed\) The client '/);
    await az.control.setWorld(world);
  });

  it('deletes the version', async () => {
    await az(`sig image-version delete ${VERSION}`);
    expect(await az.refusal(`sig image-version show ${VERSION}`)).toContain('ResourceNotFound');
  });
});

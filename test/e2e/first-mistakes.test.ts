/** What somebody gets wrong on the first day: each is told at once, with its remedy. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CLIENT_SECRET } from '../../local-azure/src/identity.ts';
import { connectProxy } from '../runner/connect-proxy.ts';
import type { ArmResource } from '../runner/control.ts';
import { assign, roleFor } from './assigned.ts';
import { errorsIn, type Stage, stage, stageOfProcesses } from './harness.ts';

const STRANGER = '00000000-0000-4000-8000-000000000001';
const ISSUER = 'https://token.actions.githubusercontent.com';
const SUBJECT = 'repo:contoso@6844498/images@74729214:ref:refs/heads/main';
const AUDIENCE = 'api://AzureADTokenExchange';

let local: Stage;
beforeAll(async () => {
  local = await stage();
});
afterAll(() => local[Symbol.asyncDispose]());
beforeEach(async () => {
  await local.control.clearFaults();
  await local.control.forgetRequests();
});

/** The one error of a run that ends before it has changed anything. */
async function mistake(inputs: Record<string, string>, env: Record<string, string> = {}) {
  const run = await local.run(inputs, { env, mainOnly: true });
  expect(run.exitCode).toBe(1);
  const errors = errorsIn(run.log);
  expect(errors).toHaveLength(1);
  expect(run.outputs).toMatchObject({ state: 'failed', changed: 'false' });
  expect(run.log).not.toMatch(/^\s+at .*\(/m);
  return (errors[0] ?? '').replaceAll('%0A', '\n').replaceAll('%25', '%');
}

/** How often each path was asked for. */
const asked = async (end: string) =>
  (await local.control.requests()).filter(({ path }) => path.endsWith(end)).length;

describe('signing in', () => {
  it('to a tenant that does not exist is told at the first answer of Entra', async () => {
    const error = await mistake({ 'tenant-id': STRANGER });
    expect(error).toContain('AADSTS90002');
    expect(error).toMatch(/Check `tenant-id`/);
    expect(await asked('/.well-known/openid-configuration')).toBe(1);
    expect(await asked('/token')).toBe(0);
  });

  const untrusting = { NODE_EXTRA_CA_CERTS: '' };

  it('where the certificate of GitHub is not trusted names the variable', async () => {
    const error = await mistake({ environment: 'AzureCloud' }, untrusting);
    expect(error).toMatch(/GitHub gave no ID token.*\n.*`localhost:\d+`.*\n.*NODE_EXTRA_CA_CERTS/);
    expect(error).not.toContain('githubstatus');
  });

  it('where the certificate of a cloud of one’s own is not trusted names the variable', async () => {
    const error = await mistake({}, untrusting);
    expect(error).toMatch(/`localhost:\d+` \(.*certificate.*NODE_EXTRA_CA_CERTS/s);
    expect(await local.control.requests()).toEqual([]);
  });

  it.each([
    ['Entra', 'https://login.microsoftonline.com', 'https://management.azure.com'],
    ['ARM', 'https://management.azure.com', 'https://login.microsoftonline.com'],
  ])('where the certificate of %s is not trusted names the variable', async (_what, bad, good) => {
    // All of one process show one certificate.
    await using other = await stageOfProcesses();
    const byAddress = ({ azure }: Stage) => azure.endpoint.replace('localhost', '127.0.0.1');
    await using proxy = await connectProxy({ [bad]: byAddress(other), [good]: byAddress(local) });
    const env = { HTTPS_PROXY: proxy.url, AZURE_CLIENT_SECRET: CLIENT_SECRET };
    const error = await mistake({ environment: 'AzureCloud', 'auth-type': 'environment' }, env);
    const host = new URL(bad).host.replaceAll('.', '\\.');
    expect(error).toMatch(new RegExp(`\`${host}\` \\(.*certificate.*NODE_EXTRA_CA_CERTS`, 's'));
  });

  it.each([
    [
      'has no IDs',
      SUBJECT.replaceAll(/@\d+/g, ''),
      'AADSTS700213',
      /`repo:contoso\/images:ref:refs\/heads\/main` does not match.*contain IDs/,
    ],
    [
      'differs in case',
      SUBJECT.replace('images', 'Images'),
      'AADSTS7002138',
      /Only upper and lower case differ/,
    ],
  ])(
    'with a federated credential whose subject %s gives the command',
    async (_how, subject, code, hint) => {
      const world = await local.control.world();
      await local.control.setWorld([...world, credential(local.azure.subscriptionId, subject)]);
      const error = await mistake({});
      await local.control.setWorld(world);
      expect(error).toContain(code);
      expect(error).toContain(
        `issuer \`${ISSUER}\`, subject \`${SUBJECT}\`, audience \`${AUDIENCE}\``,
      );
      expect(error).toMatch(hint);
      const command = `az ad app federated-credential create --id ${local.azure.clientId} --parameters '${JSON.stringify(
        {
          name: 'github-contoso-images-main',
          issuer: ISSUER,
          subject: SUBJECT,
          audiences: [AUDIENCE],
        },
      )}'`;
      expect(error).toContain(command);
    },
  );

  it('with a code of this kind that is still to come is told by its text', async () => {
    await local.misfortune(
      'POST',
      '**/oauth2/v2.0/token',
      {
        status: 400,
        body: {
          error: 'invalid_client',
          error_description: `AADSTS70029999: No matching federated identity record found for presented assertion subject '${SUBJECT}'. Trace ID: 1`,
        },
      },
      20,
    );
    expect(await mistake({})).toMatch(/AADSTS70029999.*az ad app federated-credential create/s);
  });
});

describe('inputs', () => {
  it.each<[string, Record<string, string>, RegExp]>([
    [
      'several tags with commas',
      { tags: 'cost-center=4711, env=prod' },
      /`tags` is "cost-center=4711, env=prod".*several tags.*one name=value a line/,
    ],
    ['several tags as YAML joins lines', { tags: 'cost-center=4711 env=prod' }, /several tags/],
    [
      'regions with semicolons',
      { 'target-regions': 'westeurope; northeurope' },
      /"westeurope;" is not a region.*commas or lines/,
    ],
    [
      'a region that contains itself',
      { 'target-regions': '- &a {region: *a}' },
      /^::error[^\n]*`target-regions` is/,
    ],
    [
      'an odd object among the regions',
      { 'target-regions': '- {name: westeurope, regionalReplicaCount: {toString: 1}}' },
      /`target-regions`.*no number/,
    ],
    ['an input’s name', { 'image-versoin': '1.0.0' }, /Did you mean `image-version`\?/],
    ['a value', { 'storage-account-type': 'StandardLRS' }, /did you mean `Standard_LRS`\?/],
    ['a cloud', { environment: 'AzureUSGoverment' }, /did you mean `AzureUSGovernment`\?/],
    [
      'a flag that another input depends on',
      { snapshot: 'yes', 'snapshot-retention': '5' },
      /"yes"/,
    ],
  ])('%s', async (_what, inputs, message) => {
    const error = await mistake(inputs);
    expect(error).toMatch(message);
    expect(error).not.toContain('inputs need attention');
    expect(await local.control.requests()).toEqual([]);
  });

  it('take regions separated by spaces, as az does', async () => {
    const regions = 'westeurope=2 northeurope=1=Standard_LRS';
    const run = await local.run({ 'dry-run': 'true', 'target-regions': regions });
    expect(errorsIn(run.log)).toEqual([]);
    expect(run.log).toMatch(
      /Replicate image version 1\.0\.0 to westeurope and northeurope|northeurope/,
    );
  });

  it('take v1.0.0 for the version 1.0.0', async () => {
    const run = await local.run({
      operation: 'wait',
      'source-image-version': 'golden/ubuntu-2404/v1.0.0',
      vm: '',
      gallery: '',
      'image-definition': '',
    });
    expect(run.log).toContain('/versions/1.0.0` does not exist');
  });
});

describe('names of what does not exist', () => {
  it.each<[string, Record<string, string>, string]>([
    ['a region', { 'target-regions': 'westeurop' }, 'westeurope'],
    ['a VM', { vm: 'build-linx' }, 'build-linux'],
    ['a gallery', { gallery: 'goldn' }, 'golden'],
    ['a definition', { 'image-definition': 'ubuntu-24.04' }, 'ubuntu-2404'],
  ])('%s', async (_what, inputs, meant) => {
    expect(await mistake(inputs)).toContain(`Did you mean \`${meant}\`?`);
    expect(await local.writes()).toEqual([]);
  });

  it('a definition to promote from', async () => {
    const error = await mistake({
      operation: 'promote',
      'source-image-version': 'golden/ubuntu-2440/1.0.0',
      vm: '',
      gallery: '',
      'image-definition': '',
    });
    expect(error).toContain('Did you mean `ubuntu-2404`?');
  });
});

describe('rights', () => {
  const role = (without: string, ...more: string[]) => [
    ...roleFor('a capture')
      .filter(({ action }) => !action.endsWith(without))
      .map(({ action, scope }) => ({ action, scope })),
    ...more.flatMap((action) => [
      { action, scope: 'build' as const },
      { action, scope: 'gallery' as const },
    ]),
  ];
  const LISTED = 'Microsoft.Authorization/permissions/read';

  it('that Azure lists as not granted are an error before the first change', async () => {
    await using own = await stage();
    await assign(own, role('versions/write', LISTED));
    await own.control.forgetRequests();
    const run = await own.run();
    expect(run.exitCode).toBe(1);
    expect(errorsIn(run.log)).toHaveLength(1);
    expect(errorsIn(run.log)[0]).toMatch(/rights-missing.*galleries\/images\/versions\/write` on /);
    expect(await own.writes()).toEqual([]);
    expect(run.outputs).toMatchObject({ state: 'failed', changed: 'false' });
  });

  it('for what shows later only are a warning', async () => {
    await using own = await stage();
    await assign(own, role('versions/delete', LISTED));
    const run = await own.run();
    expect(errorsIn(run.log)).toEqual([]);
    expect(run.log).toMatch(/^::warning title=rights-doubtful.*versions\/delete` on /m);
    expect(run.outputs.state).toBe('succeeded');
  });

  it('that Azure does not list are told by its 403, with the state of the VM', async () => {
    await using own = await stage();
    await assign(own, role('versions/write'));
    const run = await own.run();
    expect(run.exitCode).toBe(1);
    const error = errorsIn(run.log).join().replaceAll('%0A', '\n');
    expect(error).toMatch(/versions\/write/);
    expect(error).toMatch(
      /`build-linux` is generalized and can never start again\. Then re-run the failed job/,
    );
    await assign(own, role('nothing'));
    const again = await own.run();
    expect(errorsIn(again.log)).toEqual([]);
    expect(again.outputs.state).toBe('succeeded');
  });
});

function credential(subscription: string, subject: string): ArmResource {
  const type = 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials';
  return {
    id: `/subscriptions/${subscription}/resourceGroups/images/providers/Microsoft.ManagedIdentity/userAssignedIdentities/deploy/federatedIdentityCredentials/main`,
    name: 'main',
    type,
    properties: { issuer: ISSUER, subject, audiences: [AUDIENCE] },
  };
}

/** setup/setup.sh, run by a shell with the real Azure CLI; then the action as the identity it made. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { runAction } from '../../runner/run-action.ts';
import { type AzureCli, azureCliBeside, type Ended, signIn } from '../az-cli.ts';

const SETUP = fileURLToPath(new URL('../../../setup/setup.sh', import.meta.url));
const WHERE = [
  ...['--repository', 'contoso/images', '--resource-group', 'images', '--vm', 'build-linux'],
  ...['--gallery', 'released', '--gallery-resource-group', 'rg-images'],
  ...['--image-definition', 'ubuntu-2404'],
];
const WHO = ['--owner-id', '6844498', '--repository-id', '74729214', '--branch', 'main'];

interface Workflow {
  readonly jobs: { capture: { steps: { with?: Record<string, string> }[] } };
}

let az: AzureCli;
/** Of the identity that was made, and the workflow that was printed for it. */
let client: string;
let workflow: string;

beforeAll(async () => {
  az = await azureCliBeside('--speed', '60');
  await signIn(az);
});
afterAll(() => az[Symbol.asyncDispose]());

const setup = (...options: string[]): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const env = { ...az.env, SETUP_RETRY_SECONDS: '0' };
    const child = spawn('bash', [SETUP, ...options], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const text = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (chunk: string) => {
        text[name] += chunk;
      });
    child.on('error', reject);
    child.on('close', (exitCode) => {
      process.stdout.write(`$ setup.sh ${options.join(' ')}\n${text.stderr}${text.stdout}`);
      resolve({ exitCode, ...text });
    });
  });

/** The commands that changed something, or would. */
const changes = ({ stderr }: Ended) => stderr.match(/^\+ az .*$/gm) ?? [];
const written = async () =>
  (await az.control.requests()).filter(({ method }) => /PUT|PATCH|DELETE/.test(method ?? ''));
const subjects = async () =>
  (await ofType('federatedIdentityCredentials')).map(({ properties }) => properties?.subject);
/** What the world holds whose type ends so. */
const ofType = async (type: string) => {
  const typed = new RegExp(`/${type.split('/').join('/[^/]+/')}/[^/]+$`, 'i');
  return (await az.control.world()).filter(({ id }) => typed.test(id));
};

describe('setup.sh', () => {
  it('tells with --dry-run what it would change', async () => {
    const ended = await setup(...WHERE, ...WHO, '--dry-run');
    expect(ended).toMatchObject({ exitCode: 0, stdout: '' });
    expect(changes(ended)).toHaveLength(10);
    expect(await written()).toEqual([]);
  });

  it('makes all that is missing', async () => {
    const ended = await setup(...WHERE, ...WHO, '--pull-request');
    expect(ended).toMatchObject({ exitCode: 0 });
    expect(changes(ended)).toHaveLength(17);
    const [, clientId = ''] = /AZURE_CLIENT_ID --repo \S+ --body (\S+)/.exec(ended.stdout) ?? [];
    expect(await subjects()).toEqual([
      'repo:contoso/images:ref:refs/heads/main',
      'repo:contoso@6844498/images@74729214:ref:refs/heads/main',
      'repo:contoso/images:pull_request',
      'repo:contoso@6844498/images@74729214:pull_request',
    ]);
    client = clientId;
    workflow = ended.stdout.slice(ended.stdout.indexOf('name: '));
  });

  it('gives the action exactly what it needs, as the workflow that it prints', async () => {
    const step = (parse(workflow) as Workflow).jobs.capture.steps[0]?.with ?? {};
    const inputs = Object.fromEntries(
      Object.entries(step).filter(([, value]) => !value.startsWith('${{')),
    );
    expect(Object.keys(inputs)).toHaveLength(5);
    const run = await runAction({
      inputs: {
        ...inputs,
        environment: az.azure.endpoint,
        'tenant-id': az.azure.tenantId,
        'client-id': client,
        'subscription-id': az.azure.subscriptionId,
        'poll-interval': '0.2',
      },
      env: az.azure.env,
    });
    expect(run).toMatchObject({ exitCode: 0, outputs: { state: 'succeeded' } });
  });

  it('adds rights to the roles that are there, and changes nothing else', async () => {
    const again = await setup(...WHERE, ...WHO, '--for', 'snapshot,start');
    expect(again).toMatchObject({ exitCode: 0 });
    expect(changes(again)).toEqual([expect.stringContaining('role definition update')]);
    const roles = await ofType('roleDefinitions');
    expect(JSON.stringify(roles[0])).toContain('"Microsoft.Compute/snapshots/write"');
    expect(changes(await setup(...WHERE, ...WHO, '--operation', 'change'))).toEqual([]);
  });

  it('removes with --delete what it made, and nothing else', async () => {
    const ended = await setup(...WHERE, '--delete');
    expect(ended).toMatchObject({ exitCode: 0 });
    for (const type of [
      'userAssignedIdentities',
      'federatedIdentityCredentials',
      'roleDefinitions',
    ])
      expect(await ofType(type)).toEqual([]);
    // The owner of the local Azure keeps their assignment; gallery, definition and version stay.
    expect(await ofType('roleAssignments')).toHaveLength(1);
    expect(await az(`sig list --resource-group rg-images --query [].name`)).toEqual(['released']);
    expect(await ofType('galleries/images/versions')).toHaveLength(1);
  });
});

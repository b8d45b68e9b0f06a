/**
 * `node live/resources.ts make` makes what a live check works on, in a resource group of its own; `delete`
 * deletes it. The identity that the action signs in with has the rights of setup/rights.txt and no other.
 */
import { createHash, randomUUID } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';
import { type Answer, ask, isAtIt, outcome, pause, settled, subscriptionId } from './azure.ts';

const env = process.env as Record<string, string>;
const { GROUP = '', GALLERY, LOCATION: location, RUN = '', SIZE, SYSTEM = '' } = env;
const group = `${subscriptionId}/resourceGroups/${GROUP}`;
const gallery = `${group}/providers/Microsoft.Compute/galleries/${GALLERY}`;
const network = `${group}/providers/Microsoft.Network`;
const subnet = `${network}/virtualNetworks/live/subnets/default`;
const identity = `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/live`;
const TAG = 'golden-image-live';

const IMAGES: Readonly<Record<string, readonly string[]>> = {
  Linux: ['Canonical', 'ubuntu-24_04-lts', 'server'],
  Windows: ['MicrosoftWindowsServer', 'WindowsServer', '2022-datacenter-g2'],
};
/** Names of setup/rights.txt: what the action is asked to do in live.yml. */
const CAPTURE = ['capture', 'snapshot', 'verification', 'verifyScript'];
const RIGHTS: Readonly<Record<string, readonly string[]>> = {
  Linux: [...CAPTURE, 'copy', 'restore', 'recreate', 'prune'],
  Windows: [...CAPTURE, 'windows'],
};

/** The same GUID for the same thing of this run, so that it is found again to be deleted. */
const guid = (what: string): string =>
  createHash('sha256')
    .update(JSON.stringify([GROUP, what]))
    .digest('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');

async function put(id: string, version: string, body: object): Promise<Answer> {
  const asked = await ask('PUT', `${id}?api-version=${version}`, body);
  const ended = await settled(asked);
  const isMade = outcome(ended) === 'accepted' && (ended === asked || !isAtIt(ended));
  if (!isMade || /Failed|Canceled/.test(ended.body?.status ?? ''))
    throw new Error(`${id} could not be made: ${JSON.stringify(ended.body)}`);
  return asked;
}

const SCOPES: Readonly<Record<string, string>> = {
  build: group,
  gallery,
  source: gallery,
  verify: group,
  network: subnet,
  users: subscriptionId,
};
/** Custom roles are assignable in resource groups and above. */
const assignable = (scope: string) => (scope === subscriptionId ? scope : group);
const role = (scope: string) =>
  `${assignable(SCOPES[scope] ?? '')}/providers/Microsoft.Authorization/roleDefinitions/${guid(scope)}`;
const assignment = (scope: string) =>
  `${SCOPES[scope]}/providers/Microsoft.Authorization/roleAssignments/${guid(`${scope} granted`)}`;
const ROLES = '?api-version=2022-04-01';

/** The documented actions of these rights, by scope. */
function documented(rights: readonly string[]): Map<string, string[]> {
  const actions = new Map<string, string[]>();
  for (const line of readFileSync(new URL('../setup/rights.txt', import.meta.url), 'utf8').split(
    '\n',
  )) {
    const [right = '', scope = '', action = ''] = line.split(' ');
    if (rights.includes(right)) actions.set(scope, [...(actions.get(scope) ?? []), action]);
  }
  return actions;
}

async function grant(principalId: string) {
  for (const [scope, actions] of documented(RIGHTS[SYSTEM] ?? [])) {
    await put(role(scope), '2022-04-01', {
      properties: {
        roleName: `Live check ${GROUP} ${scope}`,
        description: 'Made by the live check of Azure Golden Image, which deletes it',
        permissions: [{ actions: [...new Set(actions)], notActions: [] }],
        assignableScopes: [assignable(SCOPES[scope] ?? '')],
      },
    });
    const properties = {
      roleDefinitionId: role(scope),
      principalId,
      principalType: 'ServicePrincipal',
    };
    await insist('PUT', assignment(scope), { properties });
  }
}

/** Asks again: what was made or deleted a moment ago can be unknown elsewhere, or known there still. */
async function insist(method: 'PUT' | 'DELETE', id: string, body?: object) {
  for (let tries = 0; ; tries++) {
    const answer = await ask(method, id + ROLES, body);
    if (method === 'DELETE' && answer.status === 404) return;
    if (outcome(answer) === 'accepted') return;
    if (tries > 20) throw new Error(`${method} ${id}: ${JSON.stringify(answer.body)}`);
    await pause(10);
  }
}

const AUDIENCE = 'api://AzureADTokenExchange';

/** What this job's ID token says: who it is to be trusted as, whatever form the subject has. */
async function ownToken(): Promise<{ iss: string; sub: string }> {
  const url = `${env.ACTIONS_ID_TOKEN_REQUEST_URL}&audience=${AUDIENCE}`;
  const headers = { authorization: `Bearer ${env.ACTIONS_ID_TOKEN_REQUEST_TOKEN}` };
  const { value } = (await (await fetch(url, { headers })).json()) as { value: string };
  return JSON.parse(Buffer.from(value.split('.')[1] ?? '', 'base64url').toString());
}

async function makeIdentity() {
  const { body } = await put(identity, '2023-01-31', { location });
  const { principalId, clientId } = body.properties;
  const { iss: issuer, sub: subject } = await ownToken();
  await put(`${identity}/federatedIdentityCredentials/live`, '2023-01-31', {
    properties: { issuer, subject, audiences: [AUDIENCE] },
  });
  // Long before the first use: a role takes minutes to work.
  await grant(principalId);
  return clientId;
}

async function makeGallery() {
  await put(gallery, '2024-03-03', { location });
  for (const [name, type] of Object.entries({
    captured: 'TrustedLaunch',
    promoted: 'TrustedLaunch',
    supported: 'TrustedLaunchSupported',
  }))
    await put(`${gallery}/images/${name}`, '2024-03-03', {
      location,
      properties: {
        osType: SYSTEM,
        osState: 'Generalized',
        hyperVGeneration: 'V2',
        architecture: 'x64',
        identifier: { publisher: 'live', offer: 'check', sku: name },
        features: [{ name: 'SecurityType', value: type }],
      },
    });
}

async function makeVm() {
  const nic = `${network}/networkInterfaces/live`;
  const ipConfigurations = [{ name: 'private', properties: { subnet: { id: subnet } } }];
  await put(nic, '2023-11-01', { location, properties: { ipConfigurations } });
  const [publisher, offer, sku] = IMAGES[SYSTEM] ?? [];
  await put(`${group}/providers/Microsoft.Compute/virtualMachines/live`, '2024-07-01', {
    location,
    properties: {
      hardwareProfile: { vmSize: SIZE },
      storageProfile: {
        imageReference: { publisher, offer, sku, version: 'latest' },
        osDisk: { createOption: 'FromImage' },
      },
      securityProfile: {
        securityType: 'TrustedLaunch',
        uefiSettings: { secureBootEnabled: true, vTpmEnabled: true },
      },
      // Nobody signs in: the password is made here and forgotten.
      osProfile: {
        computerName: 'live',
        adminUsername: 'live',
        adminPassword: `${randomUUID()}aA1!`,
      },
      networkProfile: { networkInterfaces: [{ id: nic }] },
      diagnosticsProfile: { bootDiagnostics: { enabled: true } },
    },
  });
}

async function make() {
  await put(group, '2021-04-01', { location, tags: { [TAG]: RUN } });
  await put(`${network}/virtualNetworks/live`, '2023-11-01', {
    location,
    properties: {
      addressSpace: { addressPrefixes: ['10.77.0.0/24'] },
      subnets: [{ name: 'default', properties: { addressPrefix: '10.77.0.0/25' } }],
    },
  });
  await makeGallery();
  const client = await makeIdentity();
  appendFileSync(env.GITHUB_OUTPUT ?? '/dev/stdout', `subnet=${subnet}\nclient-id=${client}\n`);
  await makeVm();
  const table = '| Question | Azure | The local Azure | |\n| --- | --- | --- | --- |\n';
  appendFileSync(env.GITHUB_STEP_SUMMARY ?? '/dev/stdout', table);
}

/** Only the group that this run made: its tag says so. What stays in spite of this fails the job. */
async function remove() {
  const found = await ask('GET', `${group}?api-version=2021-04-01`);
  if (found.status === 404) return;
  if (found.body.tags?.[TAG] !== RUN) throw new Error(`${GROUP} is not known to be of this run`);
  const roles = await Promise.allSettled(
    Object.keys(SCOPES).map(async (scope) => {
      await insist('DELETE', assignment(scope));
      await insist('DELETE', role(scope));
    }),
  );
  await settled(await ask('DELETE', `${group}?api-version=2021-04-01`));
  const { status } = await ask('GET', `${group}?api-version=2021-04-01`);
  const left = roles.flatMap((each) => (each.status === 'rejected' ? [String(each.reason)] : []));
  if (status !== 404) left.push(`${GROUP} is still there`);
  if (left.length > 0) throw new Error(left.join('\n'));
}

await (process.argv[2] === 'delete' ? remove() : make());

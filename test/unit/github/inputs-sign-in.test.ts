import { describe, expect, it, test } from 'vitest';
import { CLIENT, type Inputs, MINIMAL, mistakes, readExactly, TENANT } from './assignments.ts';

const { 'tenant-id': _tenant, 'client-id': _client, ...UNSIGNED } = MINIMAL;
const ids = { 'tenant-id': TENANT, 'client-id': CLIENT };
const identity = { tenantId: TENANT, clientId: CLIENT };
const variables = { AZURE_TENANT_ID: TENANT, AZURE_CLIENT_ID: CLIENT };
const idToken = {
  ACTIONS_ID_TOKEN_REQUEST_URL: 'https://token.example?v=1',
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'request-token',
};

const signInOf = (inputs: Inputs, env: Inputs = {}) =>
  readExactly({ ...UNSIGNED, ...inputs }, env).signIn;

const mistakesIn = (inputs: Inputs, env: Inputs = {}) =>
  mistakes(() => readExactly({ ...UNSIGNED, ...inputs }, env));

describe('each way to sign in takes what it needs', () => {
  const by = (authType: string) => ({ 'auth-type': authType });

  it.each<[string, Inputs, Inputs, object]>([
    ['oidc by inputs', { ...by('oidc'), ...ids }, {}, { authType: 'oidc', ...identity }],
    ['oidc by variables', by('oidc'), variables, { authType: 'oidc', ...identity }],
    [
      'oidc with an audience',
      { ...by('OIDC'), ...ids, audience: 'api://mine' },
      {},
      { authType: 'oidc', ...identity, audience: 'api://mine' },
    ],
    ['the system-assigned identity', by('managed-identity'), {}, { authType: 'managed-identity' }],
    [
      'a user-assigned identity',
      { ...by('managed-identity'), 'client-id': CLIENT.toUpperCase() },
      {},
      { authType: 'managed-identity', clientId: CLIENT },
    ],
    [
      'a user-assigned identity by variable; the tenant goes without saying',
      by('managed-identity'),
      variables,
      { authType: 'managed-identity', clientId: CLIENT },
    ],
    ['az', by('cli'), { AZURE_CLIENT_ID: CLIENT }, { authType: 'cli' }],
    [
      'az in a tenant',
      { ...by('cli'), 'tenant-id': TENANT },
      {},
      { authType: 'cli', tenantId: TENANT },
    ],
    [
      'a secret',
      by('environment'),
      {
        ...variables,
        AZURE_CLIENT_SECRET: ' s3cret\n',
        AZURE_CLIENT_CERTIFICATE_PATH: '/tmp/a.pem',
      },
      { authType: 'environment', ...identity, proof: { secret: 's3cret' } },
    ],
    [
      'a certificate',
      { ...by('environment'), ...ids },
      { AZURE_CLIENT_CERTIFICATE_PATH: '/tmp/a.pem' },
      { authType: 'environment', ...identity, proof: { certificatePath: '/tmp/a.pem' } },
    ],
    [
      'an encrypted certificate',
      { ...by('environment'), ...ids },
      {
        AZURE_CLIENT_CERTIFICATE_PATH: '/tmp/a.pem',
        AZURE_CLIENT_CERTIFICATE_PASSWORD: ' spaces count ',
      },
      {
        authType: 'environment',
        ...identity,
        proof: { certificatePath: '/tmp/a.pem', password: ' spaces count ' },
      },
    ],
  ])('%s', (_name, inputs, env, expected) => {
    const signIn = signInOf(inputs, env);
    expect(signIn.identity).toEqual(expected);
    expect(signIn.because).toBe('`auth-type` says so');
  });
});

describe('what is missing is told, and only what this way needs', () => {
  it.each<[Inputs, RegExp[]]>([
    [{ 'auth-type': 'oidc' }, [/^`tenant-id` is not given.*AZURE_TENANT_ID/, /^`client-id`/]],
    [{}, [/^`tenant-id` is not given/, /^`client-id` is not given/]],
    [
      { 'auth-type': 'environment', ...ids },
      [/AZURE_CLIENT_SECRET.*AZURE_CLIENT_CERTIFICATE_PATH/],
    ],
    [{ 'auth-type': 'kerberos' }, [/^`auth-type` is "kerberos".*oidc, managed-identity, cli/]],
    [{ 'auth-type': 'managed-identity', 'client-id': 'runner' }, [/^`client-id` is "runner"/]],
  ])('%j', (inputs, expected) => {
    const found = mistakesIn(inputs);
    expect(found).toHaveLength(expected.length);
    for (const [at, pattern] of expected.entries()) expect(found[at]).toMatch(pattern);
  });
});

describe('what this way cannot use is refused', () => {
  it.each<[string, Inputs, Inputs]>([
    ['tenant-id', { 'auth-type': 'managed-identity' }, { 'tenant-id': TENANT }],
    ['audience', { 'auth-type': 'managed-identity' }, { audience: 'api://x' }],
    ['client-id', { 'auth-type': 'cli' }, { 'client-id': CLIENT }],
    ['audience', { 'auth-type': 'cli' }, { audience: 'api://x' }],
  ])('%s with %j', (name, inputs, unused) => {
    expect(mistakesIn(inputs)).toEqual([]);
    const [found = '', ...more] = mistakesIn({ ...inputs, ...unused });
    expect(more).toEqual([]);
    expect(found).toContain(`\`${name}\` has no use`);
    expect(found).toContain('Remove it');
  });

  test('audience with a client secret', () => {
    const inputs = { 'auth-type': 'environment', ...ids };
    const env = { AZURE_CLIENT_SECRET: 's3cret' };
    expect(mistakesIn(inputs, env)).toEqual([]);
    expect(mistakesIn({ ...inputs, audience: 'api://x' }, env)).toHaveLength(1);
  });
});

describe('detection sees', () => {
  it.each<[string, Inputs, Inputs, string]>([
    ['an ID token', ids, idToken, 'oidc'],
    ['half of what an ID token takes', ids, { ACTIONS_ID_TOKEN_REQUEST_URL: 'https://x' }, 'oidc'],
    ['a secret', ids, { AZURE_CLIENT_SECRET: 's' }, 'environment'],
    ['a blank secret', ids, { AZURE_CLIENT_SECRET: '  ' }, 'oidc'],
    ['a certificate', ids, { AZURE_CLIENT_CERTIFICATE_PATH: '/a.pem' }, 'environment'],
    ['a runner of one’s own', {}, { RUNNER_ENVIRONMENT: 'self-hosted' }, 'managed-identity'],
    ['an endpoint of identities', {}, { MSI_ENDPOINT: 'http://x' }, 'managed-identity'],
  ])('%s', (_name, inputs, env, authType) => {
    expect(signInOf(inputs, env).identity.authType).toBe(authType);
  });

  test('a session of the Azure CLI', () => {
    const { signIn } = readExactly(UNSIGNED, {}, { azSession: true });
    expect(signIn.identity).toEqual({ authType: 'cli' });
    expect(signIn.because).toContain('az login');
  });
});

describe('the cloud', () => {
  it.each([
    ['AzureCloud', 'AzureCloud'],
    ['azurecloud', 'AzureCloud'],
    ['AZUREUSGOVERNMENT', 'AzureUSGovernment'],
    ['azureChinaCloud', 'AzureChinaCloud'],
  ])('%s', (environment, name) => {
    expect(signInOf({ ...ids, environment }).environment).toBe(name);
  });

  test('any other by its endpoint, over https alone', () => {
    const environment = 'https://management.local.azurestack.external/';
    expect(signInOf({ ...ids, environment }).environment).toEqual(new URL(environment));
    for (const wrong of ['http://management.azure.com', 'AzureGermanCloud', 'management.azure.com'])
      expect(mistakesIn({ ...ids, environment: wrong })[0]).toMatch(
        /neither AzureCloud, AzureUSGovernment, AzureChinaCloud nor the https URL/,
      );
  });
});

test('a subscription is needed by every way', () => {
  const { 'subscription-id': _, ...without } = UNSIGNED;
  const found = mistakes(() => readExactly({ ...without, 'auth-type': 'cli' }));
  expect(found).toEqual([expect.stringMatching(/^`subscription-id` is not given/)]);
});

import { defined } from '../../domain/plain-objects.ts';
import { detectAuthType, type Identity, type SignIn } from '../../domain/sign-in.ts';
import { mayHaveIdToken } from '../id-token.ts';
import type { InputReader, InputSource } from './reader.ts';
import type { InputName } from './table.ts';

const NO_ID_TOKEN = 'no GitHub ID token is asked for';

/** What each way of signing in has no use for, and why. */
const UNUSED: Readonly<
  Record<Identity['authType'], readonly (readonly [InputName, why: string])[]>
> = {
  oidc: [],
  'managed-identity': [
    ['tenant-id', 'a managed identity belongs to one tenant'],
    ['audience', NO_ID_TOKEN],
  ],
  cli: [
    ['client-id', 'the session of `az login` decides who signs in'],
    ['audience', NO_ID_TOKEN],
  ],
  environment: [['audience', NO_ID_TOKEN]],
};

/** Where managed identities are served when not at IMDS (App Service, Azure Arc, pods). */
const IDENTITY_ENDPOINTS = [
  'IDENTITY_ENDPOINT',
  'MSI_ENDPOINT',
  'AZURE_POD_IDENTITY_AUTHORITY_HOST',
];

/** Where and as whom to sign in; `undefined` when a mistake was noted that leaves it open. */
export function readSignIn(reader: InputReader, source: InputSource): SignIn | undefined {
  const environment = reader.value('environment');
  const asked = reader.value('auth-type');
  if (reader.text('auth-type') && !asked) return undefined;
  const { authType, because } = asked
    ? { authType: asked, because: '`auth-type` says so' }
    : detectAuthType(meansOf(reader, source));
  for (const [name, why] of UNUSED[authType])
    if (reader.text(name))
      reader.mistake(
        `\`${name}\` has no use when the run signs in by ${authType} (${because}): ${why}. Remove it, or choose another \`auth-type\`.`,
      );
  const identity = readIdentity(reader, source.env, authType);
  return identity && { environment, identity, because };
}

function meansOf(reader: InputReader, { env, azSession }: InputSource) {
  const set = (name: string) => Boolean(env[name]?.trim());
  return {
    tenantId: reader.text('tenant-id') !== undefined || set('AZURE_TENANT_ID'),
    clientId: reader.text('client-id') !== undefined || set('AZURE_CLIENT_ID'),
    audience: reader.text('audience') !== undefined,
    idToken: mayHaveIdToken(env),
    clientSecret: set('AZURE_CLIENT_SECRET'),
    clientCertificate: set('AZURE_CLIENT_CERTIFICATE_PATH'),
    azSession,
    selfHosted: env.RUNNER_ENVIRONMENT === 'self-hosted',
    identityEndpoint: IDENTITY_ENDPOINTS.find(set),
  };
}

function readIdentity(
  reader: InputReader,
  env: InputSource['env'],
  authType: Identity['authType'],
): Identity | undefined {
  if (authType === 'managed-identity')
    return defined({ authType, clientId: reader.value('client-id') });
  if (authType === 'cli') return defined({ authType, tenantId: reader.value('tenant-id') });
  const tenantId = reader.required('tenant-id');
  const clientId = reader.required('client-id');
  if (authType === 'oidc') {
    const audience = reader.value('audience');
    return tenantId && clientId ? defined({ authType, tenantId, clientId, audience }) : undefined;
  }
  const proof = readProof(reader, env);
  return tenantId && clientId && proof ? { authType, tenantId, clientId, proof } : undefined;
}

/** The variables of the SDK's `EnvironmentCredential`, in its order: a secret before a certificate. */
function readProof(
  reader: InputReader,
  env: InputSource['env'],
): Extract<Identity, { readonly proof: unknown }>['proof'] | undefined {
  const secret = env.AZURE_CLIENT_SECRET?.trim();
  if (secret) return { secret };
  const certificatePath = env.AZURE_CLIENT_CERTIFICATE_PATH?.trim();
  const password = env.AZURE_CLIENT_CERTIFICATE_PASSWORD;
  if (certificatePath) return { certificatePath, ...(password && { password }) };
  reader.mistake(
    '`auth-type` is environment, but neither AZURE_CLIENT_SECRET nor AZURE_CLIENT_CERTIFICATE_PATH is set. Set one with `env` of the step; the secret comes from `secrets`.',
  );
  return undefined;
}

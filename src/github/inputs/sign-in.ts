import { defined } from '../../domain/plain-objects.ts';
import {
  type AuthType,
  type ClientProof,
  detectAuthType,
  type Identity,
  type SignIn,
} from '../../domain/sign-in.ts';
import { mayHaveIdToken } from '../id-token.ts';
import type { InputReader, InputSource } from './reader.ts';
import { type InputName, isInput } from './table.ts';

const TENANT = 'tenant-id';
const CLIENT = 'client-id';
const AUDIENCE = 'audience';

/** What each way of signing in has no use for, and why. */
const UNUSED: Readonly<Record<AuthType, Partial<Record<InputName, string>>>> = {
  oidc: {},
  'managed-identity': {
    [TENANT]: 'a managed identity belongs to one tenant',
    [AUDIENCE]: 'no GitHub ID token is asked for',
  },
  cli: {
    [CLIENT]: 'the session of `az login` decides who signs in',
    [AUDIENCE]: 'no GitHub ID token is asked for',
  },
  environment: { [AUDIENCE]: 'no GitHub ID token is asked for' },
};

/** Where managed identities are served when not at IMDS (App Service, Azure Arc, pods). */
const IDENTITY_ENDPOINTS = [
  'IDENTITY_ENDPOINT',
  'MSI_ENDPOINT',
  'AZURE_POD_IDENTITY_AUTHORITY_HOST',
];

type Env = InputSource['env'];

/** Where and as whom to sign in; `undefined` when a mistake was noted that leaves it open. */
export function readSignIn(reader: InputReader, source: InputSource): SignIn | undefined {
  const environment = reader.value('environment');
  const asked = reader.value('auth-type');
  if (reader.text('auth-type') && !asked) return undefined;
  const { authType, because } = asked
    ? { authType: asked, because: '`auth-type` says so' }
    : detectAuthType(meansOf(reader, source));
  for (const [name, why] of Object.entries(UNUSED[authType]))
    if (isInput(name) && reader.text(name))
      reader.mistake(
        `\`${name}\` has no use when the run signs in by ${authType} (${because}): ${why}. Remove it, or choose another \`auth-type\`.`,
      );
  const identity = readIdentity(reader, source.env, authType);
  return identity && { environment, identity, because };
}

function meansOf(reader: InputReader, { env, azSession }: InputSource) {
  const set = (name: string) => Boolean(env[name]?.trim());
  return {
    tenantId: reader.text(TENANT) !== undefined || set('AZURE_TENANT_ID'),
    clientId: reader.text(CLIENT) !== undefined || set('AZURE_CLIENT_ID'),
    audience: reader.text(AUDIENCE) !== undefined,
    idToken: mayHaveIdToken(env),
    clientSecret: set('AZURE_CLIENT_SECRET'),
    clientCertificate: set('AZURE_CLIENT_CERTIFICATE_PATH'),
    azSession,
    selfHosted: env.RUNNER_ENVIRONMENT === 'self-hosted',
    identityEndpoint: IDENTITY_ENDPOINTS.find(set),
  };
}

function readIdentity(reader: InputReader, env: Env, authType: AuthType): Identity | undefined {
  if (authType === 'managed-identity') return defined({ authType, clientId: reader.value(CLIENT) });
  if (authType === 'cli') return defined({ authType, tenantId: reader.value(TENANT) });
  const tenantId = reader.required(TENANT);
  const clientId = reader.required(CLIENT);
  if (authType === 'oidc') {
    const audience = reader.value(AUDIENCE);
    return tenantId && clientId ? defined({ authType, tenantId, clientId, audience }) : undefined;
  }
  const proof = readProof(reader, env);
  return tenantId && clientId && proof ? { authType, tenantId, clientId, proof } : undefined;
}

/** The variables of the SDK's `EnvironmentCredential`, in its order: a secret before a certificate. */
function readProof(reader: InputReader, env: Env): ClientProof | undefined {
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

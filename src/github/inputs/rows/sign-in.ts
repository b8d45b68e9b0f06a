import { OPERATIONS } from '../../../domain/request.ts';
import { AUTH_TYPES, CLOUD_NAMES, type SignIn } from '../../../domain/sign-in.ts';
import { didYouMean, Problem, parseAnything, parseChoice, parseGuid, type Rows } from '../row.ts';

/** One of Azure's clouds by its name, or another by the URL of its endpoint. */
function parseEnvironment(text: string): SignIn['environment'] | Problem {
  const name = parseChoice(...CLOUD_NAMES)(text);
  if (!(name instanceof Problem)) return name;
  const url = /^https:\/\//i.test(text) && URL.parse(text);
  if (url) return url;
  return new Problem(
    `which is neither ${CLOUD_NAMES.join(', ')} nor the https URL of an Azure Resource Manager endpoint${didYouMean(text, CLOUD_NAMES)}`,
  );
}

/** An ID that an environment variable can give as well. */
const byVariable = (variable: string) =>
  ({
    operations: OPERATIONS,
    parse: parseGuid,
    variable,
    example: `vars.${variable}`,
    give: 'the GUID, best from `vars`: it is no secret',
  }) as const;

/** Where and as whom to sign in. */
export const SIGN_IN = {
  'tenant-id': {
    ...byVariable('AZURE_TENANT_ID'),
    about:
      'The Microsoft Entra tenant to sign in to, a GUID. For `auth-type` `oidc`, `environment` and, if the session has several tenants, `cli`.',
    required: 'for `auth-type` `oidc` and `environment`',
  },
  'client-id': {
    ...byVariable('AZURE_CLIENT_ID'),
    about:
      "The application (client) ID to sign in with, a GUID. It is the ID of the app registration or managed identity that has a federated credential for this workflow. With `auth-type: managed-identity` it is the ID of the runner's user-assigned identity.",
    required: 'for `auth-type` `oidc` and `environment`',
  },
  'subscription-id': {
    ...byVariable('AZURE_SUBSCRIPTION_ID'),
    about:
      'The subscription of the build VM, a GUID. Take it from `vars`, never from `secrets`: GitHub drops every job output that contains a secret, and the image version ID contains the subscription ID.',
    unless: '`vm` or `source-image-version` is a resource ID',
  },
  'auth-type': {
    operations: OPERATIONS,
    parse: parseChoice(...AUTH_TYPES),
    about:
      "How to sign in. `oidc` uses an ID token of GitHub. `managed-identity` uses the runner's user-assigned identity with `client-id`, or its system-assigned identity without. `cli` uses the session of `az login`. `environment` uses the secret in `AZURE_CLIENT_SECRET`, or the PEM file named by `AZURE_CLIENT_CERTIFICATE_PATH` (and `AZURE_CLIENT_CERTIFICATE_PASSWORD`).",
    otherwise:
      '`oidc` if the job is allowed to request an ID token, else what is available; the log says which and why',
  },
  audience: {
    operations: OPERATIONS,
    parse: parseAnything,
    about:
      'The audience of the GitHub ID token, as in the federated credential. Only for `auth-type: oidc`.',
    otherwise: "the cloud's, which is `api://AzureADTokenExchange` in AzureCloud",
  },
  environment: {
    operations: OPERATIONS,
    parse: parseEnvironment,
    about:
      "The cloud: `AzureCloud`, `AzureUSGovernment`, `AzureChinaCloud`, or the https URL of an Azure Resource Manager endpoint. The `/metadata/endpoints` of that endpoint says where to sign in. Tokens are sent only to a host in that endpoint's own domain.",
    example: 'https://management.sovcloud-api.fr',
    default: 'AzureCloud',
  },
} satisfies Rows;

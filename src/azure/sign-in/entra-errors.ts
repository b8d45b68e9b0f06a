import type { Explanation } from './method.ts';

const CLOUD: Explanation = {
  why: 'The identity, or its tenant, is in another cloud than the one that `environment` names.',
  remedy:
    'Set `environment` to the cloud of the tenant: AzureCloud, AzureUSGovernment or AzureChinaCloud.',
};

const ENTRA_FAILS: Explanation = {
  kind: 'transient',
  why: 'Microsoft Entra itself has a problem.',
  remedy:
    'Re-run the failed job in a few minutes. If it fails again, see https://status.azure.com.',
};

/**
 * The sign-in errors people meet (learn, "Microsoft Entra authentication and
 * authorization error codes").
 */
export const ENTRA_ERRORS: Readonly<Record<string, Explanation>> = {
  AADSTS700016: {
    why: 'The tenant knows no application with this client ID.',
    remedy: 'Check `client-id` (the application ID, not the object ID) and `tenant-id`.',
  },
  AADSTS7000112: {
    why: 'The application is disabled in the tenant.',
    remedy:
      'Ask an administrator to enable its enterprise application, or use another `client-id`.',
  },
  AADSTS7000215: {
    why: 'The client secret is wrong. Often it is the secret ID instead of the value, or the secret of another application.',
    remedy:
      'Set AZURE_CLIENT_SECRET to the value of a secret of this `client-id`; the value is shown only when the secret is made. GitHub OIDC needs no secret at all.',
  },
  AADSTS7000222: {
    why: 'The client secret has expired.',
    remedy:
      'Make a new one with `az ad app credential reset --append`, and set AZURE_CLIENT_SECRET to it. GitHub OIDC needs no secret at all.',
  },
  AADSTS700027: {
    why: 'The client certificate is not registered with the application, or has expired there.',
    remedy:
      'Register the certificate with the thumbprint above: `az ad app credential reset --id … --cert @FILE.pem --append`; or use the one that is registered.',
  },
  AADSTS90002: {
    why: 'There is no such tenant in this cloud.',
    remedy: 'Check `tenant-id`, and `environment` for a national cloud.',
  },
  AADSTS900023: {
    why: 'The tenant ID is neither a GUID nor a domain name.',
    remedy: 'Check `tenant-id`.',
  },
  AADSTS500011: CLOUD,
  AADSTS900382: CLOUD,
  AADSTS53003: {
    why: 'A conditional access policy for workload identities blocks this identity from where the runner is.',
    remedy:
      'Let the policy allow the addresses of the runner, or use a runner in a network that it allows.',
  },
  AADSTS90006: ENTRA_FAILS,
  AADSTS90033: ENTRA_FAILS,
};

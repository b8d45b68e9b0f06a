import type { HttpClient } from '@azure/core-rest-pipeline';
import { ManagedIdentityCredential } from '@azure/identity';
import { codeIn, type Explanation, type Method, saidIn, transportOver } from './method.ts';

/** Milliseconds: IMDS is on the same host and answers at once, or nobody is there. */
const IMDS_TIMEOUT_MS = 10_000;

/**
 * A managed identity of the runner: of the VM by IMDS, or of what else the SDK finds (App Service,
 * Azure Arc, Kubernetes).
 */
export function managedIdentity(clientId: string | undefined, httpClient: HttpClient): Method {
  const who = clientId
    ? `managed identity, the user-assigned one with client ID ${clientId}`
    : 'managed identity, the system-assigned one of the runner';
  const { client, trouble } = transportOver(direct(httpClient), IMDS_TIMEOUT_MS);
  return {
    prepare: async () => who,
    credential: new ManagedIdentityCredential({
      ...(clientId && { clientId }),
      httpClient: client,
    }),
    explain: (message) => explainManagedIdentity(message, clientId, trouble()),
  };
}

/**
 * Never through a proxy, even where one is set for everything else: the metadata service is the
 * VM's own, a proxy's answer would be another machine's (learn, "Azure Instance Metadata Service",
 * "Proxies").
 */
const direct = (client: HttpClient): HttpClient => ({
  sendRequest: (request) => {
    delete request.agent;
    return client.sendRequest(request);
  },
});

/**
 * Texts of IMDS: "Identity not found" and "Multiple user assigned identities exist"
 * (azure-sdk-for-net#37278; the CLI's tests); of the SDK: "Network unreachable".
 */
function explainManagedIdentity(
  message: string,
  clientId: string | undefined,
  trouble: string | undefined,
): Explanation | undefined {
  if (/network unreachable|network_error/i.test(message))
    return {
      why: `The instance metadata service at 169.254.169.254 did not answer (${trouble}): the runner is not an Azure VM, or a container or firewall blocks the address.`,
      remedy:
        'Run the job on a self-hosted runner on an Azure VM that has the identity, with access to 169.254.169.254; or choose another `auth-type`.',
    };
  if (/multiple user.assigned identities/i.test(message))
    return {
      why: 'The VM of the runner has several user-assigned identities, and none was named.',
      remedy: 'Give the client ID of one of them as `client-id`.',
    };
  if (/identity not found/i.test(message))
    return clientId
      ? {
          why: 'The machine of the runner has no user-assigned identity with this client ID. Runners of GitHub itself have none at all.',
          remedy:
            'Assign it to the VM of your self-hosted runner with `az vm identity assign --identities`, or correct `client-id` (not the principal ID).',
        }
      : {
          why: 'The machine of the runner has no system-assigned identity. Runners of GitHub itself have none at all.',
          remedy:
            'Turn it on for the VM of your self-hosted runner with `az vm identity assign`, or name a user-assigned identity with `client-id`.',
        };
  if (codeIn(message)) return undefined;
  return {
    kind: 'transient',
    why: `The metadata service says: ${saidIn(message)}`,
    remedy:
      'Re-run the failed job. If it fails again, query the metadata service on the runner, with curl at 169.254.169.254.',
  };
}

import { isRestError, type RestError } from '@azure/core-rest-pipeline';
import { certificateProblem } from '../domain/certificate.ts';
import { Failure, messageOf } from '../domain/failure.ts';
import { describePolicy } from './policy-violation.ts';
import { type AzureError, errorIn, UNUSABLE } from './wire.ts';

/** Statuses after which the same request may well succeed (azure-cli, test_vmss_create_options). */
const PASSING_STATUS = new Set([408, 429, 500, 502, 503, 504]);
const PASSING_CODE = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'REQUEST_SEND_ERROR',
  'PARSE_ERROR',
  UNUSABLE,
]);

/**
 * As an HTTP 409: another request is at work on the same resource, or on what it belongs to. Seen:
 * `Conflict` (azure-cli#15765), `ConflictingConcurrentWriteNotAllowed` (bosh-azure-cpi-release#762),
 * the others in what Azure's own tools take as a reason to wait. Refusals for good have other codes.
 */
const BUSY_CODE = new Set([
  'Conflict',
  'ConflictingConcurrentWriteNotAllowed',
  'AnotherOperationInProgress',
  'OperationPreempted',
  'RetryableError',
]);
/** The same in words, under codes that mean other things as well, such as `OperationNotAllowed`. */
const BUSY_WORDS = /another (operation|request)\b.*\bin progress|\bconcurrent (write|request)\b/i;

/**
 * Codes of operations that failed through no fault of what was asked for, so that the same request
 * once more may succeed (azure-rest-api-specs#22434, cockroach#77613; azure-powershell repeats
 * `InternalExecutionError` itself).
 */
const PASSING_OPERATION = new Set([
  'OperationPreempted',
  'OperationCanceled',
  'InternalExecutionError',
  'RetryableError',
  'AnotherOperationInProgress',
  'ConflictingConcurrentWriteNotAllowed',
  'InternalServerError',
  'ServiceUnavailable',
]);

const AGAIN = 'Re-run the failed job; it resumes here.';

/**
 * Says in our words what an Azure call threw; the only place that knows the SDK's errors.
 *
 * @param doing what was being done, such as "read the build VM": completes "Azure could not …"
 */
export function fromAzure(thrown: unknown, doing: string): Failure {
  if (thrown instanceof Failure) return thrown;
  if (isRestError(thrown)) return fromRestError(thrown, doing);
  const name = thrown instanceof Error ? thrown.name : '';
  if (name === 'AbortError' || name === 'TimeoutError')
    return new Failure({
      kind: 'transient',
      what: `Azure gave no answer when asked to ${doing}.`,
      why: 'The network lost the request, or Azure is overloaded.',
      remedy: AGAIN,
      cause: thrown,
    });
  const what = `Could not ${doing}: ${messageOf(thrown)}`;
  return new Failure({ kind: 'bug', what, cause: thrown });
}

/** Azure's refusal of an operation that it had accepted first. */
export function fromOperation(
  error: AzureError | undefined,
  doing: string,
  status = 'Failed',
): Failure {
  const isCanceled = /^cancell?ed$/i.test(status);
  const passing = isCanceled || PASSING_OPERATION.has(error?.code ?? '');
  return new Failure({
    kind: passing ? 'transient' : 'refused',
    what: `Azure accepted the request to ${doing}, but the operation ${isCanceled ? 'was canceled' : 'failed'}.`,
    why: `Azure says: ${azureText(error)}`,
    // Without a reason there is nothing else to do.
    ...(passing || !(error?.code || error?.message) ? { remedy: AGAIN } : explained(error, doing)),
    ...(error?.code && { code: error.code }),
  });
}

/** An error body in one line, its nested details included. */
export function azureText(error: AzureError | undefined): string {
  if (!error) return 'nothing more.';
  const nested = (error.details ?? []).map(azureText).filter((text) => text !== error.message);
  return [error.message || error.code || 'nothing more.', ...nested].join(' ');
}

function fromRestError(error: RestError, doing: string): Failure {
  const { statusCode: status, code } = error;
  const distrust =
    status === undefined &&
    certificateProblem(error.message, URL.parse(error.request?.url ?? '')?.host ?? 'Azure');
  if (distrust)
    return new Failure({
      kind: 'input',
      what: `No connection was made to Azure to ${doing}.`,
      ...distrust,
      cause: error,
    });
  const passing =
    status === undefined
      ? PASSING_CODE.has(code ?? '')
      : PASSING_STATUS.has(status) ||
        code === UNUSABLE ||
        (status === 409 && isAboutBusy(error)) ||
        (status === 412 && isConditional(error));
  const correlationId = error.response?.headers.get('x-ms-correlation-request-id');
  return new Failure({
    kind: passing ? 'transient' : 'refused',
    what:
      status === undefined
        ? `The connection to Azure broke while trying to ${doing}.`
        : `Azure refused to ${doing} (HTTP ${status}).`,
    why: status === undefined ? error.message : `Azure says: ${bodyOf(error).message}`,
    ...(code === UNUSABLE && {
      what: `Azure's answer to the request to ${doing} cannot be used: ${error.message}.`,
      why: 'Azure, or a proxy on the way, sent something that Azure does not document.',
    }),
    ...(passing ? { remedy: AGAIN } : explained(bodyOf(error), doing)),
    ...(code && { code }),
    ...(status !== undefined && { status }),
    ...(correlationId && { correlationId }),
    cause: error,
  });
}

/** What Azure's body says, or the error itself where that is all there is. */
const bodyOf = ({ code, message, response }: RestError): AzureError => ({
  ...(code && { code }),
  message,
  ...errorIn(response),
});

const isAboutBusy = ({ code, message }: RestError): boolean =>
  BUSY_CODE.has(code ?? '') || BUSY_WORDS.test(message);

/**
 * Whether it was sent for what nobody has changed since it was read: it is read again then. Without that
 * condition, a 412 is about something that no repetition changes (RFC 9110 §13.1.1).
 */
const isConditional = ({ request }: RestError): boolean =>
  request?.headers.has('if-match') ?? false;

/** A remedy, and a better reason where Azure's own is not for people. */
function explained(error: AzureError, doing: string): { why?: string; remedy?: string } {
  const { code = '', message = '' } = error;
  if (code === 'RequestDisallowedByPolicy') return describePolicy(error, doing);
  const remedy =
    REMEDIES[code] ?? (WRONG_SECURITY_TYPE.test(message) ? SECURE_DEFINITION : undefined);
  return { ...lackedRight(message), ...(remedy && { remedy }) };
}

/** The right that Azure names as missing, in a line short enough to be read. */
function lackedRight(message: string): { why?: string } {
  const [, identity, action, scope] =
    /object id '([^']+)' does not have authorization to perform action '([^']+)' over scope '([^']+)'/.exec(
      message,
    ) ?? [];
  if (!identity) return {};
  return { why: `The identity (object ID \`${identity}\`) lacks \`${action}\` on \`${scope}\`.` };
}

/** By Azure's error code (troubleshooting-shared-images.md and public issues). */
const REMEDIES: Readonly<Record<string, string>> = {
  AuthorizationFailed:
    'Give the identity a role with the action that Azure names, at the scope that it names. `docs/permissions.md` lists all actions. A new role assignment needs a few minutes to take effect.',
  LinkedAuthorizationFailed:
    'Give the identity a role with the action that Azure names, at the linked scope that it names: `write` on the source VM for a version, `beginGetAccess` on the disk for a snapshot. `docs/permissions.md` lists all actions. A new role assignment needs a few minutes to take effect.',
  ScopeLocked:
    'Remove the lock that Azure names, or wait until it is gone. Then re-run the failed job; it resumes here.',
  InvalidAuthenticationTokenTenant: 'Check that `tenant-id` is the tenant of the subscription.',
  SubscriptionNotFound:
    'Check `subscription-id`, and that the identity has a role in that subscription.',
  ResourceGroupNotFound: 'Check the name of the resource group, and its subscription.',
  NoRegisteredProviderFound:
    'Use another of the regions that Azure names. It needs a stable API version that is not newer than this release of the action.',
  InvalidApiVersionParameter:
    'Check that `environment` is the Resource Manager endpoint of a cloud with Azure Compute Galleries. The cloud needs a stable API version that is not newer than this release of the action.',
  PropertyChangeNotAllowed:
    'The resource exists already and this property can never be changed; give it another name or number.',
};

/** Azure's words, where its code says too little (packer-plugin-azure#304). */
const WRONG_SECURITY_TYPE = /security type '.*' is not supported for the source/i;
const SECURE_DEFINITION =
  'Make an image definition with `--features SecurityType=TrustedLaunch` (`az sig image-definition create`), which takes a Trusted Launch VM and its disks, and give it as `image-definition`. The VM stays as it is now, and the next run captures it from there.';

/** Whether another request was at work on the same resource, which will end. */
export const isBusy = ({ kind, status }: Failure): boolean =>
  kind === 'transient' && status === 409;

/** The HTTP status of Azure's answer, if it gave one. */
export const statusOf = (thrown: unknown): number | undefined =>
  isRestError(thrown) ? thrown.statusCode : undefined;

/** Whether Azure answered that the thing asked for does not exist. */
export const isNotFound = (thrown: unknown): boolean => statusOf(thrown) === 404;

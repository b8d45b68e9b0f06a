/** Azure's refusals: one type that handlers throw, and the texts that several of them share. */
import { parseId } from './arm-id.ts';
import type { JsonObject } from './json.ts';

/** How Azure describes a failure, inside `error` of an answer or of an operation. */
export interface ErrorBody extends JsonObject {
  code: string;
  message: string;
}

/** Thrown by a handler; becomes the answer `{"error": {code, message, target?, details?}}`. */
export class ArmError extends Error {
  readonly status: number;
  readonly body: ErrorBody;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, body: ErrorBody, headers: Record<string, string> = {}) {
    super(`${status} ${body.code}: ${body.message}`);
    this.name = 'ArmError';
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

/** An `ArmError` from its parts; `more` holds target, details and such. */
export function armError(
  status: number,
  code: string,
  message: string,
  more: JsonObject = {},
): ArmError {
  return new ArmError(status, { code, message, ...more });
}

const GATEWAY = { 'x-ms-failure-cause': 'gateway' };

/**
 * ARM itself does not know the resource (recorded in test_vm_generalize; nested ones that ARM tracks
 * by all their names: azure-cli#25148). `withHelp`: whether the text points to ARM's help page.
 */
export function resourceNotFound(id: string, withHelp = true): ArmError {
  const { resourceGroup } = parseId(id);
  const resource = id.split(/\/providers\//i).at(-1) ?? id;
  const help = ' For more details please go to https://aka.ms/ARMResourceNotFoundFix';
  const message =
    `The Resource '${resource}' under resource group '${resourceGroup ?? ''}' was not found.` +
    (withHelp ? help : '');
  return new ArmError(404, { code: 'ResourceNotFound', message }, GATEWAY);
}

/** The provider does not know it: nested resources, which ARM does not track. */
export function entityNotFound(target?: string): ArmError {
  const message = 'The entity was not found in this Azure location.';
  return armError(404, 'NotFound', message, target === undefined ? {} : { target });
}

/** The resource a nested one is to be made in is missing (openshift/installer#6304). */
export function parentNotFound(parent: string): ArmError {
  return armError(
    404,
    'ParentResourceNotFound',
    `Can not perform requested operation on nested resource. Parent resource '${parent}' not found.`,
  );
}

/** (azure-cli, test_custom_image.) */
export function groupNotFound(group: string): ArmError {
  const message = `Resource group '${group}' could not be found.`;
  return new ArmError(404, { code: 'ResourceGroupNotFound', message }, GATEWAY);
}

/** A property that cannot be what it is; `target` is Azure's path of it. */
export function invalidParameter(message: string, target?: string): ArmError {
  return armError(400, 'InvalidParameter', message, target === undefined ? {} : { target });
}

/** A property that cannot become what it is asked to (azure-libraries-for-net, CanCreateUpdatePriorityAndPrice). */
export function propertyChangeNotAllowed(property: string): ArmError {
  const message = `Changing property '${property}' is not allowed.`;
  return armError(409, 'PropertyChangeNotAllowed', message, { target: property });
}

export function operationNotAllowed(message: string): ArmError {
  return armError(409, 'OperationNotAllowed', message);
}

/** Another write to the resource is under way (azure-cli, test_guest_attestation_extension_and_msi). */
export function concurrentRequest(): ArmError {
  return armError(
    409,
    'Conflict',
    'The request failed due to conflict with a concurrent request. To resolve it, please refer ' +
      'to https://aka.ms/activitylog to get more details on the conflicting requests.',
  );
}

/** The connection is cut: the client is to see a reset, not an answer. */
export class ConnectionReset extends Error {
  constructor() {
    super('The local Azure cut the connection, as a fault rule told it to');
    this.name = 'ConnectionReset';
  }
}

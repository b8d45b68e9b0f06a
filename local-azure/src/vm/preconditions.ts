/** Conditional writes of VMs. */
import type { ArmRequest } from '../arm.ts';
import { armError } from '../errors.ts';
import { textAt } from '../json.ts';
import type { Resource } from '../world.ts';

/** The API version since which VMs have them (azure-rest-api-specs#26368). */
const SINCE = '2023-09-01';

/**
 * `If-Match` as scale sets answer it (cloud-provider-azure#9728). `If-None-Match` takes `*` alone, as its
 * specification says; the wording of its refusals is invented.
 */
export function requirePreconditions(
  { headers, apiVersion }: ArmRequest,
  existing: Resource | undefined,
): void {
  if (apiVersion < SINCE) return;
  const failed = (message: string) => armError(412, 'PreconditionFailed', message);
  const none = headers.get('if-none-match');
  if (none !== null && none !== '*')
    throw armError(400, 'BadRequest', `The If-None-Match header ${none} is not supported.`);
  if (none !== null && existing !== undefined)
    throw failed('The resource exists, and the if-none-match header * was provided.');
  const match = headers.get('if-match');
  const etag = textAt(existing, 'etag');
  if (match !== null && match !== '*' && match !== etag)
    throw failed(
      `Etag provided in if-match header ${match} does not match etag ${etag} of resource.`,
    );
}

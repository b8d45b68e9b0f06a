/** Temporary access to the bytes of a disk or snapshot, by a signed URL. */
import { type Arm, type ArmRequest, inGroup, type Reply } from '../arm.ts';
import { entityNotFound, operationNotAllowed } from '../errors.ts';
import { type JsonObject, textAt } from '../json.ts';
import type { Resource } from '../world.ts';
import { startDiskOperation } from './disk-operations.ts';

/** Registers `beginGetAccess` and `endGetAccess` of a type. */
export function registerAccess(arm: Arm, type: string): void {
  const short = type.split('/')[1] ?? type;
  arm.route('POST', inGroup(`${type}/{name}/beginGetAccess`), 'recordings', (request) =>
    begin(arm, request, short),
  );
  arm.route('POST', inGroup(`${type}/{name}/endGetAccess`), 'recordings', (request) =>
    end(arm, request, short),
  );
}

function begin(arm: Arm, request: ArmRequest, short: string): Reply {
  const resource = required(arm, request);
  if (textAt(resource, 'properties', 'networkAccessPolicy') === 'DenyAll') {
    // Invented wording; "DenyAll prevents the resource from being exported" is documented.
    throw operationNotAllowed(`Export of '${resource.name}' is denied by its networkAccessPolicy.`);
  }
  return startDiskOperation(arm, request, {
    name: `POST ${short}/beginGetAccess`,
    output: (): JsonObject => {
      const isWrite = textAt(request.body, 'access')?.toLowerCase() === 'write';
      resource.properties.diskState = isWrite ? 'ActiveUpload' : 'ActiveSAS';
      const wantsGuestState = request.body.getSecureVMGuestStateSAS === true;
      return {
        accessSAS: signedUrl(arm),
        ...(wantsGuestState ? { securityDataAccessSAS: signedUrl(arm) } : {}),
      };
    },
  });
}

function end(arm: Arm, request: ArmRequest, short: string): Reply {
  const resource = required(arm, request);
  return startDiskOperation(arm, request, {
    name: `POST ${short}/endGetAccess`,
    output: () => {
      resource.properties.diskState = resource.managedBy === undefined ? 'Unattached' : 'Attached';
      return undefined;
    },
  });
}

function required(arm: Arm, request: ArmRequest): Resource {
  const resource = arm.world.get(request.id);
  if (resource === undefined) throw entityNotFound();
  return resource;
}

/** In the form of a recorded one; the local Azure serves nothing there. */
function signedUrl(arm: Arm): string {
  const host = `md-${arm.random.hex(12)}.z36.blob.storage.azure.net`;
  const query = `sv=2018-03-28&sr=b&si=${arm.random.uuid()}&sig=${arm.random.hex(43)}`;
  return `https://${host}/${arm.random.hex(12)}/abcd?${query}`;
}

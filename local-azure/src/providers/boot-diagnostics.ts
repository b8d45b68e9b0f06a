/** Boot diagnostics: SAS URIs of a VM's serial log and screenshot, and the blobs behind them. */
import type { Arm, ArmRequest, Reply } from '../arm.ts';
import { inGroup } from '../arm.ts';
import { fromSource } from '../coverage.ts';
import { invalidParameter, operationNotAllowed } from '../errors.ts';
import { at, textAt } from '../json.ts';
import type { Machines } from '../vm/machines.ts';
import { requireVm } from '../vm/show.ts';

/** What a SAS URI gives access to. */
interface Grant {
  readonly vmId: string;
  readonly kind: 'serialconsole' | 'screenshot';
  readonly expires: number;
}

/** Registers the action, and the blobs it leads to on the same host, which need no token. */
export function registerBootDiagnostics(arm: Arm, machines: Machines): void {
  const grants = new Map<string, Grant>();
  const pattern = inGroup('Microsoft.Compute/virtualMachines/{vm}/retrieveBootDiagnosticsData');
  arm.route('POST', pattern, 'specification', (request) => retrieve(arm, grants, request));
  fromSource(arm.app, 'documentation', () =>
    arm.app.get('/bootdiagnostics/:blob', (context) => {
      const grant = grants.get(new URL(context.req.url).searchParams.get('sig') ?? '');
      if (grant === undefined || arm.now() > grant.expires) return refused();
      const vm = arm.world.get(grant.vmId);
      if (vm === undefined || grant.kind === 'screenshot') return notThere();
      return new Response(machines.of(vm).serialLog(), {
        headers: { 'content-type': 'application/octet-stream', 'x-ms-blob-type': 'PageBlob' },
      });
    }),
  );
}

/**
 * 200 with two URIs (ComputeRP's RetrieveBootDiagnosticsDataResult). What it says of a VM without
 * boot diagnostics is invented.
 */
function retrieve(arm: Arm, grants: Map<string, Grant>, request: ArmRequest): Reply {
  const vm = requireVm(arm, request);
  if (at(vm, 'properties', 'diagnosticsProfile', 'bootDiagnostics', 'enabled') !== true) {
    throw operationNotAllowed(
      `Operation 'retrieveBootDiagnosticsData' is not allowed on VM '${vm.name}' since boot ` +
        'diagnostics is not enabled.',
    );
  }
  const minutes = Number(request.query.get('sasUriExpirationTimeInMinutes') ?? 120);
  // (ComputeRP's swagger: 1 to 1440; wording invented.)
  if (!(minutes >= 1 && minutes <= 1440)) {
    const message =
      'The value of parameter sasUriExpirationTimeInMinutes is out of range. The value must be ' +
      'between 1 and 1440, inclusive.';
    throw invalidParameter(message, 'sasUriExpirationTimeInMinutes');
  }
  for (const [signature, { expires: end }] of grants) if (arm.now() > end) grants.delete(signature);
  const expires = arm.now() + minutes * 60_000;
  const name = `${vm.name}.${textAt(vm, 'properties', 'vmId') ?? ''}`;
  const uri = (kind: Grant['kind'], ending: string): string => {
    const signature = arm.random.hex(44);
    grants.set(signature, { vmId: vm.id, kind, expires });
    const query = new URLSearchParams({
      sv: '2018-03-28',
      sr: 'b',
      sig: signature,
      se: new Date(expires).toISOString(),
      sp: 'r',
    });
    return `${request.origin}/bootdiagnostics/${name}.${ending}?${query}`;
  };
  return {
    status: 200,
    body: {
      consoleScreenshotBlobUri: uri('screenshot', 'screenshot.bmp'),
      serialConsoleLogBlobUri: uri('serialconsole', 'serialconsole.log'),
    },
  };
}

/** Storage's answer to a signature that is wrong or has expired (from memory). */
function refused(): Response {
  return xml(
    403,
    'AuthenticationFailed',
    'Server failed to authenticate the request. Make sure the value of Authorization header is ' +
      'formed correctly including the signature.',
  );
}

function notThere(): Response {
  return xml(404, 'BlobNotFound', 'The specified blob does not exist.');
}

function xml(status: number, code: string, message: string): Response {
  const body = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  const headers = { 'content-type': 'application/xml', 'x-ms-error-code': code };
  return new Response(body, { status, headers });
}

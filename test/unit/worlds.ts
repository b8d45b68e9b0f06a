/** Facts for the tests of pure code: the plainest world in which a capture succeeds, to be varied. */

import {
  DEPROVISION_TAG,
  type DeprovisionMark,
  formatDeprovisionMark,
} from '../../src/domain/deprovision-mark.ts';
import type { Definition, ImageVersion } from '../../src/domain/gallery.ts';
import type { Inventory } from '../../src/domain/observed.ts';
import { OWNER_TAG, ownerKey, RUN_TAG, SOURCE_TAG } from '../../src/domain/owner.ts';
import type { RegionReplication } from '../../src/domain/replication.ts';
import type { CaptureRequest } from '../../src/domain/request.ts';
import type { CaptureTarget } from '../../src/domain/target.ts';
import type { Disk, Vm } from '../../src/domain/vm.ts';
import type { Origin } from '../../src/plan/origin.ts';
import { captureOwner, resolveCapture } from '../../src/plan/resolve-capture.ts';

export const SUBSCRIPTION = '11111111-1111-1111-1111-111111111111';
export const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/images/providers/Microsoft.Compute`;
export const VM_ID = `${GROUP}/virtualMachines/build`;
export const GALLERY_ID = `${GROUP}/galleries/golden`;
export const DEFINITION_ID = `${GALLERY_ID}/images/ubuntu`;
export const NOW = new Date('2026-11-22T09:30:05Z');

export const versionId = (number: string): string => `${DEFINITION_ID}/versions/${number}`;

export const request = (change: Partial<CaptureRequest> = {}): CaptureRequest => ({
  operation: 'capture',
  vm: VM_ID,
  definition: DEFINITION_ID,
  version: { choose: 'next', part: 'patch' },
  requestedVersion: 'auto',
  regions: [],
  replicas: 1,
  replicationMode: 'Full',
  captureFrom: 'auto',
  excludeFromLatest: false,
  blockDeletionBeforeEndOfLife: false,
  waitFor: 'replicated',
  repairRegions: false,
  afterCapture: 'keep',
  tags: {},
  snapshot: false,
  deprovision: 'auto',
  deprovisionTimeoutSeconds: 1800,
  ...change,
});

export const origin = (change: Partial<Origin> = {}): Origin => ({
  repository: 'octo/images',
  runId: '42',
  provenance: { 'golden-image-run': 'https://github.com/octo/images/actions/runs/42/attempts/1' },
  ...change,
});

export const vm = (change: Partial<Vm> = {}): Vm => ({
  id: VM_ID,
  name: 'build',
  location: 'westeurope',
  vmId: '22222222-2222-2222-2222-222222222222',
  osType: 'Linux',
  securityType: 'Standard',
  generation: 'V2',
  provisioningState: 'Succeeded',
  power: 'running',
  generalized: false,
  agentReady: true,
  extensionsAllowed: true,
  busyExtensions: [],
  extensions: [],
  bootDiagnostics: true,
  hibernation: false,
  size: 'Standard_D2s_v5',
  diskController: 'SCSI',
  tags: {},
  osDisk: { id: `${GROUP}/disks/build-os`, name: 'build-os', ephemeral: false },
  dataDisks: [],
  nics: [],
  ...change,
});

export const dataDisk = (lun: number) => ({
  id: `${GROUP}/disks/build-data${lun}`,
  name: `build-data${lun}`,
  lun,
  ephemeral: false,
});

export const osDisk = (change: Partial<Disk> = {}): Disk => ({
  id: `${GROUP}/disks/build-os`,
  location: 'westeurope',
  sizeGiB: 30,
  sku: 'Premium_LRS',
  generation: 'V2',
  architecture: 'x64',
  controllers: ['SCSI', 'NVMe'],
  acceleratedNetwork: true,
  maxShares: 1,
  guestEncrypted: false,
  attachedTo: [VM_ID],
  ...change,
});

export const definition = (change: Partial<Definition> = {}): Definition => ({
  id: DEFINITION_ID,
  location: 'westeurope',
  osType: 'Linux',
  osState: 'Generalized',
  generation: 'V2',
  architecture: 'x64',
  securityType: 'Standard',
  provisioningState: 'Succeeded',
  diskControllers: ['SCSI'],
  acceleratedNetwork: false,
  hibernation: false,
  recommended: {},
  disallowedDiskTypes: [],
  ...change,
});

export const inventory = (change: Partial<Inventory> = {}): Inventory => ({
  now: NOW,
  vm: vm(),
  disks: [osDisk()],
  gallery: {
    id: GALLERY_ID,
    softDelete: false,
    provisioningState: 'Succeeded',
  },
  definition: definition(),
  versions: [],
  softDeleted: [],
  snapshotsBeside: [],
  regions: [
    ...['westeurope', 'northeurope', 'eastus'].map((name) => ({ name, zones: true })),
    { name: 'westus', zones: false },
  ],
  encryptionSets: [],
  rights: [VM_ID, GROUP.split('/providers/')[0] ?? '', DEFINITION_ID].map((scope) => ({
    scope,
    permissions: [{ actions: ['*'], notActions: [] }],
  })),
  ...change,
});

/** A version; with the target's own tags when the target is given. */
export const version = (
  number: string,
  provisioningState: ImageVersion['provisioningState'] = 'Succeeded',
  change: Partial<ImageVersion> = {},
): ImageVersion => ({
  id: versionId(number),
  name: number,
  location: 'westeurope',
  provisioningState,
  excludeFromLatest: false,
  deletionBlocked: false,
  regions: [{ name: 'westeurope', replicas: 1 }],
  removed: [],
  tags: {},
  ...change,
});

export const region = (
  name: string,
  state: RegionReplication['state'] = 'Completed',
  progress = state === 'Completed' ? 100 : 0,
): RegionReplication => ({ region: name, state, progress });

/** What a request resolves to in a inventory that lacks nothing. */
export function target(
  change: Partial<CaptureRequest> = {},
  seen: Partial<Inventory> = {},
): CaptureTarget {
  const resolved = resolveCapture(request(change), origin(), inventory(seen));
  if (!resolved) throw new Error('This inventory resolves to nothing');
  return resolved;
}

/** The owner of this request by the default run and VM. */
export const ownerOfRequest = (change: Partial<CaptureRequest> = {}): string =>
  captureOwner(request(change), origin(), vm());

export const ownTags = (change: Partial<CaptureRequest> = {}) => ({
  [OWNER_TAG]: ownerOfRequest(change),
});

/** The deprovision tag of a build VM. */
export const marked = (stage: DeprovisionMark['stage'], owner = ownerOfRequest()) => ({
  [DEPROVISION_TAG]: formatDeprovisionMark({ stage, owner, nonce: '0a1b2c3d-4e5f' }),
});

export const OTHER_OWNER = '0123456789abcdef0123.fedcba9876543210fedc';

/** Tags of a version that another run of the same workflow made of this machine. */
export const otherRun = (machine = vm().vmId) => ({
  [OWNER_TAG]: ownerKey({
    repository: 'octo/images',
    runId: '7',
    operation: 'capture',
    source: VM_ID,
    sourceInstance: machine,
    definition: DEFINITION_ID,
    requestedVersion: 'auto',
  }),
  [SOURCE_TAG]: VM_ID,
  [RUN_TAG]: 'https://github.com/octo/images/actions/runs/7/attempts/1',
});

import type { Permission } from '../domain/circumstances.ts';
import type { CaptureRequest } from '../domain/request.ts';
import { parentId, parseResourceId } from '../domain/resource-id.ts';
import type { Source } from '../domain/source.ts';

/** Where a right must be held; a role on anything that contains it will do. */
export type RightScope = 'vm' | 'vm-group' | 'definition';

/** An action of Azure's that a run needs. */
export interface Right {
  readonly action: string;
  readonly on: RightScope;
  /** What it is for, as a person reads it. */
  readonly for: string;
  /** The inputs or facts that make it necessary, as a person reads them; absent: always. */
  readonly only?: string;
}

/** What decides which rights a capture needs. Facts that are not known count as if they asked. */
export interface CaptureNeeds {
  readonly request: CaptureRequest;
  /** Of the definition. */
  readonly osState?: 'Generalized' | 'Specialized';
  readonly source?: Source['from'];
}

const COMPUTE = 'Microsoft.Compute';
const VM = `${COMPUTE}/virtualMachines`;
const VERSIONS = `${COMPUTE}/galleries/images/versions`;

interface CaptureRight extends Right {
  readonly when?: (needs: CaptureNeeds) => boolean;
}

const generalizes = ({ osState = 'Generalized' }: CaptureNeeds) => osState === 'Generalized';
const deprovisions = (needs: CaptureNeeds) =>
  generalizes(needs) && needs.request.deprovision !== 'never';
const from =
  (kind: Source['from']) =>
  ({ source }: CaptureNeeds) =>
    source === kind;
const deletesVm = ({ request }: CaptureNeeds) => request.afterCapture === 'delete';

/** Every right that some capture needs (azure.md §8). The one list there is of them. */
export const CAPTURE_RIGHTS: readonly CaptureRight[] = [
  { action: `${VM}/read`, on: 'vm', for: 'every look at the VM' },
  { action: `${COMPUTE}/disks/read`, on: 'vm-group', for: 'what its disks are' },
  { action: `${COMPUTE}/galleries/read`, on: 'definition', for: 'the gallery and its recycle bin' },
  { action: `${COMPUTE}/galleries/images/read`, on: 'definition', for: 'the image definition' },
  { action: `${VERSIONS}/read`, on: 'definition', for: 'the versions, and how one replicates' },
  {
    action: `${VM}/write`,
    on: 'vm',
    for: 'its tag of the deprovision; Azure also asks for it when a VM becomes a version',
  },
  {
    action: `${VM}/runCommand/action`,
    on: 'vm',
    for: 'starting the deprovision in the guest',
    only: 'the VM is deprovisioned',
    when: deprovisions,
  },
  {
    action: `${VM}/retrieveBootDiagnosticsData/action`,
    on: 'vm',
    for: 'seeing the deprovision end, on the serial console',
    only: 'the VM is deprovisioned',
    when: deprovisions,
  },
  {
    action: `${VM}/start/action`,
    on: 'vm',
    for: 'starting a stopped VM',
    only: '`deprovision: always`',
    when: ({ request }) => request.deprovision === 'always',
  },
  { action: `${VM}/deallocate/action`, on: 'vm', for: 'the step of that name' },
  {
    action: `${VM}/generalize/action`,
    on: 'vm',
    for: 'the step of that name',
    only: 'the definition holds generalized images, and disks are not the source',
    when: (needs) => generalizes(needs) && needs.source !== 'disks',
  },
  ...snapshotRights(
    '`snapshot: true`, or disks are the source',
    (needs) => needs.request.snapshot || from('disks')(needs),
  ),
  {
    action: `${COMPUTE}/snapshots/delete`,
    on: 'vm-group',
    for: 'deleting snapshots that are not kept',
    only: '`snapshot-retention`, or disks are the source',
    when: (needs) => needs.request.snapshotRetention !== undefined || from('disks')(needs),
  },
  ...(['read', 'write', 'delete'] as const).map((verb) => ({
    action: `${COMPUTE}/images/${verb}`,
    on: 'vm-group' as const,
    for: 'the temporary managed image',
    only: 'the definition only supports the security type of the VM',
    when: from('image'),
  })),
  { action: `${VERSIONS}/write`, on: 'definition', for: 'making the version' },
  {
    action: `${VERSIONS}/delete`,
    on: 'definition',
    for: 'deleting a version of this run that failed in every region',
  },
  {
    action: `${VM}/delete`,
    on: 'vm',
    for: 'deleting the captured VM',
    only: '`after-capture: delete`',
    when: deletesVm,
  },
  ...[
    `${COMPUTE}/disks/delete`,
    'Microsoft.Network/networkInterfaces/read',
    'Microsoft.Network/networkInterfaces/delete',
    'Microsoft.Network/publicIPAddresses/read',
    'Microsoft.Network/publicIPAddresses/delete',
  ].map((action) => ({
    action,
    on: 'vm-group' as const,
    for: 'what is attached to the VM alone',
    only: '`after-capture: delete`',
    when: deletesVm,
  })),
];

function snapshotRights(only: string, when: (needs: CaptureNeeds) => boolean): CaptureRight[] {
  return [
    { action: `${COMPUTE}/snapshots/read`, on: 'vm-group', for: 'seeing them succeed', only, when },
    { action: `${COMPUTE}/snapshots/write`, on: 'vm-group', for: 'taking them', only, when },
    {
      action: `${COMPUTE}/disks/beginGetAccess/action`,
      on: 'vm-group',
      for: 'Azure asks for it on the source of a snapshot',
      only,
      when,
    },
  ];
}

/** Waiting for a version reads it, and nothing else. */
export const WAIT_RIGHTS: readonly Right[] = [
  { action: `${VERSIONS}/read`, on: 'definition', for: 'the version, and how it replicates' },
];

/** The rights that this capture needs. */
export const captureRights = (needs: CaptureNeeds): Right[] =>
  CAPTURE_RIGHTS.filter(({ when }) => !when || when(needs));

/** Whether the action changes anything. */
export const isWrite = ({ action }: Right): boolean => !action.endsWith('/read');

/** The IDs that the scopes of a capture's rights stand for. */
export const scopesOf = ({ vm, definition }: CaptureRequest): Record<RightScope, string> => ({
  vm,
  'vm-group': groupOf(vm),
  definition,
});

/** The ID of the resource group that a resource is in. */
export function groupOf(id: string): string {
  const { subscriptionId, resourceGroup } = parseResourceId(id) ?? {
    subscriptionId: '',
    resourceGroup: parentId(id),
  };
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`;
}

/** Whether one of the roles grants the action: none takes off what another grants (Azure RBAC). */
export const allows = (permissions: readonly Permission[], action: string): boolean =>
  permissions.some(
    ({ actions, notActions }) =>
      actions.some((pattern) => matches(pattern, action)) &&
      !notActions.some((pattern) => matches(pattern, action)),
  );

function matches(pattern: string, action: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'i').test(action);
}

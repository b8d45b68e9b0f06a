import { encryptionSetsOf } from '../domain/encryption.ts';
import type { OsType, Vm } from '../domain/observed.ts';
import type { RegionChoice } from '../domain/regions.ts';
import type {
  CaptureRequest,
  PromoteRequest,
  PruneRequest,
  RestoreRequest,
  VerifyRequest,
} from '../domain/request.ts';
import { resourceIdOf, sameId, VIRTUAL_MACHINE as VM } from '../domain/resource-id.ts';
import type { Source } from '../domain/source.ts';
import type { Permission } from '../domain/subscription.ts';
import type { VerifySettings } from '../domain/verification.ts';
import { grantsOf } from './grants.ts';
import type { EXTRAS, RightsName } from './rights.ts';

/** What of a capture decides which rights it needs; what is not known counts as if it needed them. */
interface CaptureNeeds {
  readonly request: CaptureRequest;
  /** Of the definition. */
  readonly osState?: 'Generalized' | 'Specialized';
  readonly source?: Source['from'];
  /** Of the VM; Linux while it is not known. */
  readonly osType?: OsType;
}

/** An action, and the ID of where it is needed: the VM for what is done to it. */
export interface NeededRight {
  readonly action: string;
  readonly scope: string;
}

/** The rights that this capture needs, but for those whose lack shows when it is planned. */
export function captureNeeds(needs: CaptureNeeds): NeededRight[] {
  const { request, source } = needs;
  const extras: Readonly<Record<keyof typeof EXTRAS, boolean>> = {
    start: request.deprovision === 'always',
    windows: isWindows(needs) && runsInGuest(needs),
    snapshot: request.snapshot,
    retention: request.snapshotRetention !== undefined,
    oldSnapshots: false,
    disks: source === 'disks',
    image: source === 'image',
    return: request.afterCapture === 'restore',
    deletion: request.afterCapture === 'delete',
    withVm: false,
    verification: false,
    verifyScript: false,
    keys: false,
    bin: false,
    oldDisks: request.oldDisks === 'delete',
    recreate: false,
    dismissal: false,
  };
  const names = (Object.keys(extras) as (keyof typeof EXTRAS)[]).filter((name) => extras[name]);
  return [
    ...grantsOf(['capture', ...names])
      .filter(({ action }) => !spared(needs).includes(action))
      .map(({ action, scope }) => ({
        action,
        scope:
          scope === 'gallery'
            ? request.definition
            : action.startsWith(`${VM}/`)
              ? request.vm
              : groupOf(request.vm),
      })),
    ...verifyNeeds(request.verify, request.definition),
    ...keyNeeds(request.regions),
  ];
}

/** The rights that a verification needs; the action's own on the definition are among those of others. */
function verifyNeeds(settings: VerifySettings | undefined, definition: string): NeededRight[] {
  if (!settings) return [];
  const { subnet, group, script } = settings;
  const names = ['verification', ...(script === undefined ? [] : (['verifyScript'] as const))];
  return grantsOf(names as RightsName[]).map(({ action, scope }) => ({
    action,
    scope: scope === 'network' ? subnet : scope === 'gallery' ? definition : group,
  }));
}

/**
 * The rights that a promotion needs: on the definition of the source and that of the copy, and on
 * the disk encryption sets of all regions that the version has or is to have.
 */
export function promoteNeeds(
  { source, destination, verify }: PromoteRequest,
  regions: readonly RegionChoice[],
): NeededRight[] {
  const own = destination ?? source.definition;
  return [
    ...grantsOf([destination ? 'copy' : 'change']).map(({ action, scope }) => ({
      action,
      scope: scope === 'source' ? source.definition : own,
    })),
    ...verifyNeeds(verify, own),
    ...keyNeeds(regions),
  ];
}

/** The rights that a verification of a version needs that is there. */
export const verifyRunNeeds = ({ definition, verify }: VerifyRequest): NeededRight[] => [
  ...grantsOf(['verify']).flatMap(({ action, scope }) =>
    scope === 'gallery' ? [{ action, scope: definition }] : [],
  ),
  ...verifyNeeds(verify, definition),
];

/** The rights that a prune needs; those in the subscriptions of the users show when they are read. */
export function pruneNeeds({ definition, snapshots }: PruneRequest): NeededRight[] {
  return grantsOf(['prune', ...(snapshots ? (['oldSnapshots'] as const) : [])]).flatMap(
    ({ action, scope }) => {
      if (scope === 'users') return [];
      return [
        { action, scope: snapshots && scope === 'build' ? groupOf(snapshots.vm) : definition },
      ];
    },
  );
}

/** The rights that a restore needs: on the VM, and on the resource group that its disks are in. */
export function restoreNeeds(
  { vm: id, oldDisks, recreate }: RestoreRequest,
  vm: Vm | undefined,
): NeededRight[] {
  const names: RightsName[] = [
    'restore',
    ...(oldDisks === 'delete' ? ['oldDisks' as const] : []),
    ...(recreate && (vm?.generalized ?? true) ? ['recreate' as const] : []),
  ];
  return grantsOf(names).map(({ action }) => ({
    action,
    scope: action.startsWith(`${VM}/`) && vm ? id : groupOf(id),
  }));
}

const keyNeeds = (regions: readonly RegionChoice[]): NeededRight[] =>
  keysOf(regions).flatMap((scope) => grantsOf(['keys']).map(({ action }) => ({ action, scope })));

/** IDs of the disk encryption sets that these regions name, each once. */
export const keysOf = (regions: readonly RegionChoice[]): string[] => [
  ...new Set(regions.flatMap(({ encryption }) => (encryption ? encryptionSetsOf(encryption) : []))),
];

/** What a capture of other means does not do: a specialized image keeps its identity. */
function spared(needs: CaptureNeeds): string[] {
  const generalized = isGeneralized(needs);
  return [
    ...(runsInGuest(needs) && !isWindows(needs)
      ? []
      : [`${VM}/runCommand/action`, `${VM}/retrieveBootDiagnosticsData/action`]),
    ...(generalized && needs.source !== 'disks' ? [] : [`${VM}/generalize/action`]),
  ];
}

const isGeneralized = ({ osState = 'Generalized' }: CaptureNeeds): boolean =>
  osState === 'Generalized';

const isWindows = ({ osType }: CaptureNeeds): boolean => osType === 'Windows';

/** Whether the guest is deprovisioned: Linux by Run Command, Windows by a managed run command. */
const runsInGuest = (needs: CaptureNeeds): boolean =>
  isGeneralized(needs) && needs.request.deprovision !== 'never';

/** Scopes whose permissions tell whether a run may do what it needs to; at a VM only while it is there. */
export const scopesOf = {
  capture: ({ vm, definition, regions, verify }: CaptureRequest, isThere: boolean): string[] => [
    ...(isThere ? [vm] : []),
    groupOf(vm),
    definition,
    ...verifyScopes(verify).filter((scope) => !sameId(scope, groupOf(vm))),
    ...keysOf(regions),
  ],
  promote: (
    { source, destination, verify }: PromoteRequest,
    regions: readonly RegionChoice[],
  ): string[] => [
    source.definition,
    ...(destination ? [destination] : []),
    ...verifyScopes(verify),
    ...keysOf(regions),
  ],
  verify: ({ definition, verify }: VerifyRequest): string[] => [
    definition,
    ...verifyScopes(verify),
  ],
  prune: ({ definition, snapshots }: PruneRequest): string[] => [
    definition,
    ...(snapshots ? [groupOf(snapshots.vm)] : []),
  ],
};

const verifyScopes = (settings: VerifySettings | undefined): string[] =>
  settings ? [settings.group, settings.subnet] : [];

/** The ID of the resource group that a resource is in. */
export function groupOf(id: string): string {
  const { subscriptionId, resourceGroup } = resourceIdOf(id);
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

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
import {
  parseResourceId,
  resourceIdOf,
  sameId,
  VIRTUAL_MACHINE as VM,
} from '../domain/resource-id.ts';
import type { Permission } from '../domain/subscription.ts';
import type { VerifySettings } from '../domain/verification.ts';
import type { Source } from '../domain/version-order.ts';
import type { Step, StepKind } from './plan.ts';
import { type EXTRAS, RIGHTS, type RightsName, type Scope } from './rights.ts';

/** An action at a scope. */
export interface Grant {
  readonly scope: Scope;
  readonly action: string;
}

/** The grants of these rights together, each once. */
export function grantsOf(names: readonly RightsName[]): readonly Grant[] {
  const all = names.flatMap((name) =>
    Object.entries(RIGHTS[name].on).flatMap(([scope, { actions }]) =>
      actions.map((action) => ({ scope: scope as Scope, action })),
    ),
  );
  return [...new Map(all.map((grant) => [`${grant.scope} ${grant.action}`, grant])).values()];
}

/** An action, and the ID of where it is needed: the VM for what is done to it. */
export interface NeededRight {
  readonly action: string;
  readonly scope: string;
}

/** These rights, each where `at` says; none where it says nothing. */
const needsOf = (
  names: readonly RightsName[],
  at: (grant: Grant) => string | undefined,
): NeededRight[] =>
  grantsOf(names).flatMap((grant) => {
    const scope = at(grant);
    return scope === undefined ? [] : [{ action: grant.action, scope }];
  });

/** What of a capture decides which rights it needs; what is not known counts as if it needed them. */
interface CaptureNeeds {
  readonly request: CaptureRequest;
  /** Of the definition. */
  readonly osState?: 'Generalized' | 'Specialized';
  readonly source?: Source['from'];
  /** Of the VM; Linux while it is not known. */
  readonly osType?: OsType;
}

/** The rights that this capture needs, but for those whose lack shows when it is planned. */
export function captureNeeds(needs: CaptureNeeds): NeededRight[] {
  const { request, osState = 'Generalized', source, osType } = needs;
  // A specialized image keeps its identity.
  const generalizes = osState === 'Generalized';
  const runsInGuest = generalizes && request.deprovision !== 'never';
  // Linux is deprovisioned by Run Command, Windows by a managed run command.
  const isWindows = osType === 'Windows';
  const extras: Readonly<Partial<Record<keyof typeof EXTRAS, boolean>>> = {
    start: request.deprovision === 'always',
    windows: isWindows && runsInGuest,
    snapshot: request.snapshot,
    retention: request.snapshotRetention !== undefined,
    disks: source === 'disks',
    image: source === 'image',
    return: request.afterCapture === 'restore',
    deletion: request.afterCapture === 'delete',
    oldDisks: request.oldDisks === 'delete',
  };
  const names = (Object.keys(extras) as (keyof typeof EXTRAS)[]).filter((name) => extras[name]);
  const spared = [
    ...(runsInGuest && !isWindows
      ? []
      : [`${VM}/runCommand/action`, `${VM}/retrieveBootDiagnosticsData/action`]),
    ...(generalizes && source !== 'disks' ? [] : [`${VM}/generalize/action`]),
  ];
  return [
    ...needsOf(['capture', ...names], ({ action, scope }) => {
      if (spared.includes(action)) return undefined;
      if (scope === 'gallery') return request.definition;
      return action.startsWith(`${VM}/`) ? request.vm : groupOf(request.vm);
    }),
    ...verifyNeeds(request.verify, request.definition),
    ...keyNeeds(request.regions),
  ];
}

/** The rights that a verification needs; the action's own on the definition are among those of others. */
function verifyNeeds(settings: VerifySettings | undefined, definition: string): NeededRight[] {
  if (!settings) return [];
  const { subnet, group, script } = settings;
  const names: RightsName[] = [
    'verification',
    ...(script === undefined ? [] : ['verifyScript' as const]),
  ];
  return needsOf(names, ({ scope }) =>
    scope === 'network' ? subnet : scope === 'gallery' ? definition : group,
  );
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
    ...needsOf([destination ? 'copy' : 'change'], ({ scope }) =>
      scope === 'source' ? source.definition : own,
    ),
    ...verifyNeeds(verify, own),
    ...keyNeeds(regions),
  ];
}

/** The rights that a verification of a version needs that is there. */
export const verifyRunNeeds = ({ definition, verify }: VerifyRequest): NeededRight[] => [
  ...needsOf(['verify'], ({ scope }) => (scope === 'gallery' ? definition : undefined)),
  ...verifyNeeds(verify, definition),
];

/** The rights that a prune needs; those in the subscriptions of the users show when they are read. */
export const pruneNeeds = ({ definition, snapshots }: PruneRequest): NeededRight[] =>
  needsOf(['prune', ...(snapshots ? (['oldSnapshots'] as const) : [])], ({ scope }) => {
    if (scope === 'users') return undefined;
    return snapshots && scope === 'build' ? groupOf(snapshots.vm) : definition;
  });

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
  return needsOf(names, ({ action }) => (action.startsWith(`${VM}/`) && vm ? id : groupOf(id)));
}

const keyNeeds = (regions: readonly RegionChoice[]): NeededRight[] =>
  keysOf(regions).flatMap((id) => needsOf(['keys'], () => id));

/** IDs of the disk encryption sets that these regions name, each once. */
export const keysOf = (regions: readonly RegionChoice[]): string[] => [
  ...new Set(regions.flatMap(({ encryption }) => (encryption ? encryptionSetsOf(encryption) : []))),
];

/**
 * Which kinds of step fail without an action, by its end; other deletions go by what is deleted. A run
 * command that is not deleted does no harm.
 */
const USED_BY: readonly (readonly [end: string, kinds: readonly StepKind[]])[] = [
  ['virtualMachines/runCommand/action', ['deprovision', 'verify']],
  ['virtualMachines/retrieveBootDiagnosticsData/action', ['deprovision']],
  ['virtualMachines/runCommands/read', ['deprovision']],
  ['virtualMachines/runCommands/write', ['deprovision']],
  ['virtualMachines/runCommands/delete', []],
  ['virtualMachines/write', ['deprovision', 'publish', 'verify', 'exchange', 'detach', 'create']],
  ['subnets/join/action', ['verify']],
  ['virtualMachines/start/action', ['start']],
  ['virtualMachines/deallocate/action', ['deallocate']],
  ['virtualMachines/generalize/action', ['generalize']],
  ['disks/write', ['disks', 'exchange', 'create', 'settle']],
  ['networkInterfaces/join/action', ['create']],
  ['disks/beginGetAccess/action', ['snapshot']],
  ['snapshots/write', ['snapshot']],
  ['snapshots/beginGetAccess/action', ['publish', 'disks']],
  ['images/write', ['image']],
  ['versions/write', ['publish', 'update']],
];

/** Run commands are no step's resources. */
const isDelete = (action: string): boolean =>
  action.endsWith('/delete') && !action.includes('/runCommands/');

/**
 * Those of the rights that this plan will use, whatever happens: without one it fails. The others are
 * for what shows later only, such as deleting a version that fails.
 */
export function plannedOf(needs: readonly NeededRight[], steps: readonly Step[]): NeededRight[] {
  const kinds = new Set(steps.map((each) => each.do));
  const deleted = steps.flatMap((each) => (each.do === 'delete' ? each.resources : []));
  const types = new Set(deleted.map((id) => parseResourceId(id)?.type.toLowerCase()));
  return needs.filter(({ action }) => {
    if (isDelete(action)) return types.has(action.toLowerCase().replace(/\/delete$/, ''));
    const uses = USED_BY.find(([end]) => action.endsWith(end))?.[1];
    return !uses || uses.some((kind) => kinds.has(kind));
  });
}

/** The scopes of these rights, whose permissions tell whether a run may do what it needs to; each once. */
export const scopesOf = (needs: readonly NeededRight[]): string[] =>
  needs
    .map(({ scope }) => scope)
    .filter((scope, at, all) => all.findIndex((other) => sameId(other, scope)) === at);

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

const EXEMPT = 'ask whoever owns the assignment for an exemption of';

/**
 * What to do about a policy by what it forbids: no input of this action reaches the build VM.
 *
 * @param doing completes "Azure could not …"
 */
export function policyRemedy(doing: string): string {
  if (/^delete /.test(doing)) return `Delete it by other means, or ${EXEMPT} its resource group.`;
  if (/^(create|change) image version /.test(doing))
    return `Send what the policy asks for: tags in \`tags\`, regions in \`target-regions\`, and a customer-managed key as the \`encryption\` of each region there. Otherwise ${EXEMPT} the gallery's resource group.`;
  if (/^take snapshot /.test(doing))
    return `Tags that the policy asks for go into \`tags\`. Otherwise do without snapshots (\`snapshot\`, \`capture-from\`), or ${EXEMPT} the resource group of the VM.`;
  if (/^make managed image /.test(doing))
    return `Tags that the policy asks for go into \`tags\`. Otherwise ${EXEMPT} the resource group of the VM.`;
  if (/^make VM /.test(doing))
    return 'Have the throw-away VM exempted from the policy, or name a group that it does not cover as `verify-resource-group`.';
  return `The input \`tags\` does not reach the VM. Have the build give the VM what the policy asks for, such as its tags, or ${EXEMPT} the VM.`;
}

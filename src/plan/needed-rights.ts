import { encryptionSetsOf } from '../domain/encryption.ts';
import type { Definition } from '../domain/gallery.ts';
import { distinctBy } from '../domain/plain-objects.ts';
import type { RegionChoice } from '../domain/regions.ts';
import {
  type CaptureRequest,
  definitionOf,
  type Request,
  type WaitRequest,
} from '../domain/request.ts';
import { groupOf, parseResourceId, VIRTUAL_MACHINE } from '../domain/resource-id.ts';
import type { Permission } from '../domain/subscription.ts';
import type { VerifySettings } from '../domain/verification.ts';
import type { Source } from '../domain/version-order.ts';
import type { Vm } from '../domain/vm.ts';
import type { Step, StepKind } from './plan.ts';
import { RIGHTS, type RightsName, type Scope } from './rights.ts';

/** An action at a scope. */
export interface Grant {
  readonly scope: Scope;
  readonly action: string;
}

/** All grants of these rights, each once. */
export function grantsOf(names: readonly RightsName[]): readonly Grant[] {
  const all = names.flatMap((name) =>
    Object.entries(RIGHTS[name].on).flatMap(([scope, { actions }]) =>
      actions.map((action) => ({ scope: scope as Scope, action })),
    ),
  );
  return distinctBy(all, ({ scope, action }) => `${scope} ${action}`);
}

/** An action, and the ID of where it is needed: the VM for what is done to it. */
export interface NeededRight {
  readonly action: string;
  readonly scope: string;
}

/** These rights, each where `at` says; none where it says nothing. */
const needsOf = (
  wanted: Readonly<Partial<Record<RightsName, boolean>>>,
  at: (grant: Grant) => string | undefined,
): NeededRight[] =>
  grantsOf((Object.keys(wanted) as RightsName[]).filter((name) => wanted[name])).flatMap(
    (grant) => {
      const scope = at(grant);
      return scope === undefined ? [] : [{ action: grant.action, scope }];
    },
  );

/** What else decides which rights a request needs; what is not known counts as if it needed them. */
interface Met {
  readonly vm?: Vm | undefined;
  readonly definition?: Definition | undefined;
  /** Of a capture: what its version is made of. */
  readonly from?: Source['from'] | undefined;
  /** Of a promotion: all regions that its version has or is to have. */
  readonly regions?: readonly RegionChoice[];
}

/** The rights that a run needs, but for those whose lack shows when it is planned, or when users are read. */
export function neededRights(request: Exclude<Request, WaitRequest>, met: Met = {}): NeededRight[] {
  switch (request.operation) {
    case 'capture':
      return captureNeeds(request, met);
    case 'promote': {
      const { source, destination, verify } = request;
      const own = definitionOf(request);
      return [
        ...needsOf({ [destination ? 'copy' : 'change']: true }, ({ scope }) =>
          scope === 'source' ? source.definition : own,
        ),
        ...verifyNeeds(verify, own),
        ...keyNeeds(met.regions ?? request.regions),
      ];
    }
    case 'verify': {
      const { definition, verify } = request;
      return [
        ...needsOf({ verify: true }, ({ scope }) => (scope === 'gallery' ? definition : undefined)),
        ...verifyNeeds(verify, definition),
      ];
    }
    case 'prune': {
      const { definition, snapshots } = request;
      return needsOf({ prune: true, oldSnapshots: snapshots !== undefined }, ({ scope }) => {
        if (scope === 'users') return undefined;
        return snapshots && scope === 'build' ? groupOf(snapshots.vm) : definition;
      });
    }
    case 'restore': {
      const { vm: id, oldDisks, recreate } = request;
      const { vm } = met;
      const wanted = {
        restore: true,
        oldDisks: oldDisks === 'delete',
        recreate: recreate && (vm?.generalized ?? true),
      };
      return needsOf(wanted, ({ action }) =>
        action.startsWith(`${VIRTUAL_MACHINE}/`) && vm ? id : groupOf(id),
      );
    }
  }
}

function captureNeeds(request: CaptureRequest, { vm, definition, from }: Met): NeededRight[] {
  // A specialized image keeps its identity.
  const generalizes = definition?.osState !== 'Specialized';
  const runsInGuest = generalizes && request.deprovision !== 'never';
  // Linux, as which an unknown VM counts, is deprovisioned by Run Command, Windows by a managed one.
  const isWindows = vm?.osType === 'Windows';
  const wanted = {
    capture: true,
    start: request.deprovision === 'always',
    windows: isWindows && runsInGuest,
    snapshot: request.snapshot,
    retention: request.snapshotRetention !== undefined,
    disks: from === 'disks',
    image: from === 'image',
    return: request.afterCapture === 'restore',
    deletion: request.afterCapture === 'delete',
    oldDisks: request.oldDisks === 'delete',
  };
  const spared = [
    ...(runsInGuest && !isWindows
      ? []
      : ['runCommand/action', 'retrieveBootDiagnosticsData/action']),
    ...(generalizes && from !== 'disks' ? [] : ['generalize/action']),
  ].map((verb) => `${VIRTUAL_MACHINE}/${verb}`);
  return [
    ...needsOf(wanted, ({ action, scope }) => {
      if (spared.includes(action)) return undefined;
      if (scope === 'gallery') return request.definition;
      return action.startsWith(`${VIRTUAL_MACHINE}/`) ? request.vm : groupOf(request.vm);
    }),
    ...verifyNeeds(request.verify, request.definition),
    ...keyNeeds(request.regions),
  ];
}

/** The rights that a verification needs; the action's own on the definition are among those of others. */
function verifyNeeds(settings: VerifySettings | undefined, definition: string): NeededRight[] {
  if (!settings) return [];
  const { subnet, group, script } = settings;
  return needsOf({ verification: true, verifyScript: script !== undefined }, ({ scope }) =>
    scope === 'network' ? subnet : scope === 'gallery' ? definition : group,
  );
}

const keyNeeds = (regions: readonly RegionChoice[]): NeededRight[] =>
  keysOf(regions).flatMap((id) => needsOf({ keys: true }, () => id));

/** IDs of the disk encryption sets that these regions name, each once. */
export const keysOf = (regions: readonly RegionChoice[]): string[] => [
  ...new Set(regions.flatMap(({ encryption }) => encryptionSetsOf(encryption))),
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

/**
 * Those of the rights that this plan will use, whatever happens: without one it fails. The others are
 * for what shows later only, such as deleting a version that fails.
 */
export function plannedOf(needs: readonly NeededRight[], steps: readonly Step[]): NeededRight[] {
  const kinds = new Set(steps.map((each) => each.do));
  const deleted = steps.flatMap((each) => (each.do === 'delete' ? each.resources : []));
  const types = new Set(deleted.map((id) => parseResourceId(id)?.type.toLowerCase()));
  return needs.filter(({ action }) => {
    const uses = USED_BY.find(([end]) => action.endsWith(end))?.[1];
    if (uses) return uses.some((kind) => kinds.has(kind));
    return !action.endsWith('/delete') || types.has(action.toLowerCase().replace(/\/delete$/, ''));
  });
}

/** Whether one of the roles grants the action: none takes off what another grants (Azure RBAC). */
export const allows = (permissions: readonly Permission[], action: string): boolean =>
  permissions.some(
    ({ actions, notActions }) =>
      actions.some((pattern) => matches(pattern, action)) &&
      !notActions.some((pattern) => matches(pattern, action)),
  );

const matches = (pattern: string, action: string): boolean =>
  new RegExp(`^${pattern.split('*').map(RegExp.escape).join('.*')}$`, 'i').test(action);

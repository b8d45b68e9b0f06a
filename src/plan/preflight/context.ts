import { deprovisionedBy } from '../../domain/deprovision-mark.ts';
import type { Need } from '../../domain/finding.ts';
import { allRegions, definitionAt } from '../../domain/gallery.ts';
import type { Inventory } from '../../domain/observed.ts';
import {
  isAmong,
  type StorageAccountType,
  type TargetRegion,
  targetRegions,
  withReplicas,
} from '../../domain/regions.ts';
import type { Operation, Request } from '../../domain/request.ts';
import { nameOf, sameId } from '../../domain/resource-id.ts';
import type { Lock } from '../../domain/subscription.ts';
import type { Target } from '../../domain/target.ts';
import { type AttachedDisk, type Disk, disksOf } from '../../domain/vm.ts';
import { runThatGaveOs } from '../after-capture.ts';
import { chooseNumber } from '../choose-number.ts';
import type { Origin } from '../origin.ts';
import { type Step, writesOf } from '../plan.ts';
import type { Judged } from '../prune.ts';
import { ownVersion } from '../resolve-capture.ts';
import { copiedRegions } from '../resolve-promote.ts';

/** Operations that are checked before the first change. */
export type Checked = Exclude<Operation, 'wait'>;

/** What was seen, and what came of it. */
export interface Known<O extends Checked> {
  readonly request: { readonly [R in Request as R['operation']]: R }[O];
  /** What the request resolves to; absent when too much is missing. */
  readonly target: { readonly [T in Target as T['operation']]: T }[O] | undefined;
  /** Nothing will be done: what is built later may be missing. */
  readonly dryRun: boolean;
  readonly origin: Origin;
  readonly inventory: Inventory;
  readonly steps: readonly Step[];
  /** Locks on, above and below what is changed or deleted; absent when the identity lacks permission to read them. */
  readonly locks?: readonly Lock[] | undefined;
  /** Of a prune: what it makes of the versions, and where it could not look. */
  readonly pruning?: {
    readonly judged: readonly Judged[];
    readonly unreadable: readonly { readonly subscription: string; readonly why: string }[];
  };
}

/** What the rules look at: of one operation, or of whichever it is. What does not arise with it is left out. */
export interface RuleContext<O extends Checked = Checked> extends Known<O> {
  /** The number of the version that the run makes, changes or boots; definitions have the features for it. */
  readonly version: string | undefined;
  /** Nothing is made any more: what only concerns the making is moot. */
  readonly made: boolean;
  /** This run, in an earlier attempt, has begun to deprovision the VM. */
  readonly changedByUs: boolean;
  /** What Azure did not show. */
  readonly lacks: Readonly<Partial<Record<Need, boolean>>>;
  /**
   * The VM's disks with what Azure shows of each, OS disk first; of a restore those that come back, or
   * all while nobody knows which.
   */
  readonly disks: readonly (AttachedDisk & Partial<Disk>)[];
  /** All regions that the version is to have; those that were asked for when it cannot be resolved. */
  readonly regions: readonly TargetRegion[];
  /** Those of them that it does not have yet, and never had. */
  readonly added: readonly TargetRegion[];
  /** Of regions that say none. */
  readonly storageAccountType?: StorageAccountType | undefined;
  /** The version is not in `latest` yet, and is to be. */
  readonly entersLatest?: boolean;
  /** The end of life that is to be set; UTC. */
  readonly endOfLife?: Date | undefined;
  /** Resource IDs that the plan creates or changes. */
  readonly changes: readonly string[];
  /** Resource IDs that the plan deletes. */
  readonly deletions: readonly string[];
}

/** What each operation makes of what is known. */
const FACTS: {
  readonly [O in Checked]: (
    known: Known<O>,
  ) => Pick<RuleContext, 'made'> & Partial<Omit<RuleContext, keyof Known<Checked>>>;
} = {
  capture: captureFacts,
  promote: promoteFacts,
  verify: () => ({ made: true }),
  prune: () => ({ made: true }),
  restore: ({ target, steps, inventory: { vm, restore } }) => ({
    made: target !== undefined && steps.length === 0,
    lacks: { vm: !vm, versions: restore?.versionsSeen === false },
  }),
};

/** The VM's part is over once this run has made its version: its rules do not apply then. */
function captureFacts({ request, target, inventory, origin }: Known<'capture'>) {
  const { vm } = inventory;
  const made = ownVersion(request, origin, inventory) !== undefined;
  // The home region of a capture that cannot be resolved is among them where the VM tells.
  const asked = vm
    ? targetRegions(vm.location, request.regions, request.replicas)
    : withReplicas(request.regions, request.replicas);
  const regions = made ? [] : (target?.regions ?? asked);
  return {
    made,
    lacks: {
      vm: !vm && !made,
      // They are only listed where another run has given the VM its OS disk.
      disks: !made && vm !== undefined && runThatGaveOs(vm) !== undefined && !inventory.detached,
      regions: inventory.regions === undefined,
    },
    regions,
    added: regions,
    entersLatest: !request.excludeFromLatest,
    storageAccountType: request.storageAccountType,
    endOfLife: made ? undefined : request.endOfLife,
  };
}

function promoteFacts({ request, target, inventory }: Known<'promote'>) {
  const { source, versions } = inventory;
  const { destination } = request;
  // The version that is to be changed, or the copy when there is one.
  const there = destination ? versions.find(({ id }) => sameId(id, target?.version)) : source;
  const asked =
    destination && source
      ? copiedRegions(request, source)
      : withReplicas(request.regions, request.replicas);
  const regions = target?.regions ?? asked;
  // One that a repair removed comes back as Azure has had it, and is nothing to be judged anew.
  const had = there ? allRegions(there) : [];
  const added = regions.filter(({ name }) => !isAmong(name, had));
  const excludeFromLatest = target ? target.goal.excludeFromLatest : request.excludeFromLatest;
  const endOfSource = destination ? source?.endOfLife : undefined;
  const endOfLife = target ? target.endOfLife : (request.endOfLife ?? endOfSource);
  // A change in place that the definition has a say in; of a copy other rules tell.
  const asksDefinition = !destination && (request.endOfLife !== undefined || added.length > 0);
  return {
    made: !destination || (there !== undefined && there.provisioningState !== 'Failed'),
    lacks: {
      source: !source,
      definition: source !== undefined && !inventory.definition && asksDefinition,
      // Regions are only asked for where some are added.
      regions: inventory.regions === undefined && added.length > 0,
    },
    regions,
    added,
    entersLatest: excludeFromLatest === false && (there?.excludeFromLatest ?? true),
    storageAccountType: target?.order?.storageAccountType ?? there?.storageAccountType,
    endOfLife: endOfLife?.getTime() === there?.endOfLife?.getTime() ? undefined : endOfLife,
  };
}

/** Gathers what the rules of an operation look at. */
export function contextOf<O extends Checked>(operation: O, seen: Known<O>): RuleContext<O> {
  const { target, steps, locks } = seen;
  const version = versionOf(seen);
  const { vm, definition, sourceDefinition, source } = seen.inventory;
  // The features that the definitions have for this version, and for the source.
  const inventory = {
    ...seen.inventory,
    definition: definition && definitionAt(definition, version),
    sourceDefinition: sourceDefinition && definitionAt(sourceDefinition, source?.name),
  };
  const known = { ...seen, inventory };
  const facts = FACTS[operation](known);
  const { rights, surroundings } = inventory;
  return {
    ...known,
    changedByUs:
      target !== undefined && vm !== undefined && deprovisionedBy(vm.tags) === target.owner,
    disks: disksIn(seen),
    regions: [],
    added: [],
    ...facts,
    version,
    ...writesOf(steps),
    lacks: {
      locks: locks === undefined,
      rights: rights.length === 0,
      // Nothing is lacking where no throw-away VM is made.
      ...(surroundings && {
        group: surroundings.group === undefined,
        network: surroundings.network === undefined,
        sizes: surroundings.size === undefined,
        quotas: surroundings.quotas === undefined,
      }),
      ...facts.lacks,
    },
  };
}

function versionOf({ request, target, inventory }: Known<Checked>): string | undefined {
  if (target) return nameOf(target.version);
  return request.operation === 'capture' ? chooseNumber(request, inventory) : undefined;
}

function disksIn({ target, inventory: { vm, disks } }: Known<Checked>): RuleContext['disks'] {
  const comesBack = ({ lun }: AttachedDisk) =>
    target?.operation !== 'restore' || target.disks.some((disk) => disk.lun === lun);
  return (vm ? disksOf(vm) : [])
    .filter(comesBack)
    .map((disk) => ({ ...disks.find(({ id }) => sameId(id, disk.id)), ...disk }));
}

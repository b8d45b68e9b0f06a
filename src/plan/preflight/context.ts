import { definitionAt } from '../../domain/features.ts';
import type { ImageVersion, Inventory } from '../../domain/observed.ts';
import { quoted } from '../../domain/quoted.ts';
import type { StorageAccountType, TargetRegion } from '../../domain/regions.ts';
import type { Operation, Request } from '../../domain/request.ts';
import { nameOf } from '../../domain/resource-id.ts';
import type { Lock } from '../../domain/subscription.ts';
import type { Target } from '../../domain/target.ts';
import { type NeededRight, pruneNeeds, verifyRunNeeds } from '../needed-rights.ts';
import { type Step, writesOf } from '../plan.ts';
import { plannedOf } from '../planned-rights.ts';
import type { Judged } from '../prune-judgement.ts';

/** Operations that are checked before the first change. */
export type Checked = Exclude<Operation, 'wait'>;
type Requests = { readonly [R in Request as R['operation']]: R };
type Targets = { readonly [T in Target as T['operation']]: T };

/**
 * What a rule cannot judge without. When Azure does not show it, the rule is listed as not checked
 * instead of being silently passed.
 */
export type Need =
  | 'vm'
  | 'disks'
  | 'source'
  | 'definition'
  | 'regions'
  | 'locks'
  | 'rights'
  | 'versions'
  | 'group'
  | 'network'
  | 'sizes'
  | 'quotas';

/** What the rules look at: of one operation, or of whichever it is. */
export interface RuleContext<O extends Checked = Checked> {
  readonly request: Requests[O];
  /** What the request resolves to; absent when too much is missing. */
  readonly target: Targets[O] | undefined;
  /** Nothing will be done: what is built later may be missing. */
  readonly dryRun: boolean;
  /** Of a restore: `owner/name` on GitHub, whose snapshots count. */
  readonly repository?: string;
  /** Resource ID of the definition that the version is of; empty of a restore. */
  readonly definition: string;
  readonly inventory: Inventory;
  /** The number of the version that the run makes or changes. */
  readonly version?: string;
  /** Whether no number is left that the request could mean. */
  readonly numberExhausted: boolean;
  /** The version that has this number already, and was not made by this run. */
  readonly namesake?: ImageVersion;
  /** What is confidential, as a sentence begins, and the region that its guest state cannot leave. */
  readonly confidential?: { readonly what: string; readonly home: string };
  /** Nothing is made any more: what only concerns the making is moot. */
  readonly made: boolean;
  /** All regions that the version is to have; those that were asked for when it cannot be resolved. */
  readonly regions: readonly TargetRegion[];
  /** Those of them that it does not have yet, and never had. */
  readonly added: readonly TargetRegion[];
  /** Of regions that say none. */
  readonly storageAccountType?: StorageAccountType;
  /** The version is not in `latest` yet, and is to be. */
  readonly entersLatest: boolean;
  /** The end of life that is to be set; UTC. */
  readonly endOfLife?: Date;
  /** The rights that the run needs; none when it has nothing to do. */
  readonly needs: readonly NeededRight[];
  /** Those of them that the plan uses in any case; all while there is no plan. */
  readonly planned: readonly NeededRight[];
  /** Resource IDs that the plan creates or changes. */
  readonly changes: readonly string[];
  /** Resource IDs that the plan deletes. */
  readonly deletions: readonly string[];
  /** What Azure did not show. */
  readonly lacks: readonly Need[];
  /** Of a prune: what it makes of the versions, and where it could not look. */
  readonly pruning?: {
    readonly judged: readonly Judged[];
    readonly unreadable: readonly { readonly subscription: string; readonly why: string }[];
  };
  /** Locks on, above and below what is changed or deleted; absent when the identity lacks permission to read them. */
  readonly locks?: readonly Lock[];
}

/** What was seen, and what came of it. */
export interface Known<O extends Checked>
  extends Pick<RuleContext<O>, 'request' | 'inventory' | 'target' | 'dryRun'> {
  readonly steps: readonly Step[];
  readonly locks?: readonly Lock[] | undefined;
}

/**
 * What every operation draws together alike, for a run that makes no version; one that makes a
 * version lays its own over this.
 *
 * @param lacks what Azure did not show, beside or instead of what the common rules look at
 */
export const contextOf = <O extends Checked>(
  { steps, locks, request, target, dryRun, inventory }: Known<O>,
  needs: readonly NeededRight[],
  lacks: Readonly<Partial<Record<Need, boolean>>> = {},
) => {
  const { rights, surroundings } = inventory;
  return {
    request,
    target,
    dryRun,
    inventory,
    numberExhausted: false,
    regions: [],
    added: [],
    entersLatest: false,
    needs,
    planned: steps.length > 0 ? plannedOf(needs, steps) : needs,
    ...writesOf(steps),
    lacks: needsAmong({
      locks: locks === undefined,
      rights: rights.length === 0,
      // Nothing is lacking where no throw-away VM is made.
      ...(surroundings && {
        group: surroundings.group === undefined,
        network: surroundings.network === undefined,
        sizes: surroundings.size === undefined,
        quotas: surroundings.quotas === undefined,
      }),
      ...lacks,
    }),
    ...(locks && { locks }),
  };
};

/** The needs that are not met. */
const needsAmong = (lacks: Readonly<Partial<Record<Need, boolean>>>): Need[] =>
  (Object.keys(lacks) as Need[]).filter((need) => lacks[need]);

/** `is` or `has` for one, `are` or `have` for more. */
export const number = (count: number, one: string, more: string): string =>
  count === 1 ? one : more;

/** What has a name, such as regions, by name. */
export const names = (named: readonly { readonly name: string }[]): string =>
  quoted(named.map(({ name }) => name));

/** Draws together what the rules of a prune look at; nothing is made by one. */
export const pruneContext = (
  known: Known<'prune'>,
  pruning: NonNullable<RuleContext['pruning']>,
): RuleContext<'prune'> => ({
  ...contextOf(known, known.steps.length > 0 ? pruneNeeds(known.request) : []),
  pruning,
  definition: known.request.definition,
  made: true,
});

/** Draws together what the rules of a verification look at. */
export function verifyContext(known: Known<'verify'>): RuleContext<'verify'> {
  const { request, target, inventory, steps } = known;
  const isDone = target !== undefined && steps.length === 0;
  const needs = isDone ? [] : verifyRunNeeds(request);
  const { definition } = inventory;
  return {
    ...contextOf(known, needs),
    inventory: {
      ...inventory,
      definition: definition && definitionAt(definition, target && nameOf(target.version)),
    },
    definition: request.definition,
    made: true,
  };
}

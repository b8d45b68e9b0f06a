import { quoted } from '../../domain/failure.ts';
import type { Need } from '../../domain/finding.ts';
import type { ImageVersion, Inventory } from '../../domain/observed.ts';
import type { StorageAccountType, TargetRegion } from '../../domain/regions.ts';
import type { Operation, Request } from '../../domain/request.ts';
import type { Lock } from '../../domain/subscription.ts';
import type { Target } from '../../domain/target.ts';
import type { NeededRight } from '../needed-rights.ts';
import type { Step } from '../plan.ts';
import type { Judged } from '../prune.ts';
import type { Origin } from '../resolve.ts';

/** Operations that are checked before the first change. */
export type Checked = Exclude<Operation, 'wait'>;
type Requests = { readonly [R in Request as R['operation']]: R };
type Targets = { readonly [T in Target as T['operation']]: T };

/** What was seen, and what came of it. */
export interface Known<O extends Checked> {
  readonly request: Requests[O];
  /** What the request resolves to; absent when too much is missing. */
  readonly target: Targets[O] | undefined;
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

/** What an operation makes of what is known; what it leaves out does not arise with it. */
export interface Facts {
  /** Resource ID of the definition that the version is of; empty of a restore. */
  readonly definition: string;
  /** Nothing is made any more: what only concerns the making is moot. */
  readonly made: boolean;
  /** The rights that the run needs; none when it has nothing to do. */
  readonly neededRights: readonly NeededRight[];
  /** What Azure did not show. */
  readonly lacks?: Readonly<Partial<Record<Need, boolean>>>;
  /** Whether no number is left that the request could mean. */
  readonly numberExhausted?: boolean;
  /** The version that has this number already, and was not made by this run. */
  readonly namesake?: ImageVersion | undefined;
  /** What is confidential, as a sentence begins, and the region that its guest state cannot leave. */
  readonly confidential?: { readonly what: string; readonly home: string } | undefined;
  /** All regions that the version is to have; those that were asked for when it cannot be resolved. */
  readonly regions?: readonly TargetRegion[];
  /** Those of them that it does not have yet, and never had. */
  readonly added?: readonly TargetRegion[];
  /** Of regions that say none. */
  readonly storageAccountType?: StorageAccountType | undefined;
  /** The version is not in `latest` yet, and is to be. */
  readonly entersLatest?: boolean;
  /** The end of life that is to be set; UTC. */
  readonly endOfLife?: Date | undefined;
}

/** What the rules look at: of one operation, or of whichever it is. */
export interface RuleContext<O extends Checked = Checked> extends Known<O>, Facts {
  /** The number of the version that the run makes, changes or boots; definitions have the features for it. */
  readonly version: string | undefined;
  readonly lacks: Readonly<Partial<Record<Need, boolean>>>;
  readonly regions: readonly TargetRegion[];
  readonly added: readonly TargetRegion[];
  /** Those of the rights that the plan uses in any case; all while there is no plan. */
  readonly plannedRights: readonly NeededRight[];
  /** Resource IDs that the plan creates or changes. */
  readonly changes: readonly string[];
  /** Resource IDs that the plan deletes. */
  readonly deletions: readonly string[];
}

/** Whether nothing is left to do. */
export const isReached = ({ target, steps }: Known<Checked>): boolean =>
  target !== undefined && steps.length === 0;

/** `is` or `has` for one, `are` or `have` for more. */
export const number = (count: number, one: string, more: string): string =>
  count === 1 ? one : more;

/** What has a name, such as regions, by name. */
export const names = (named: readonly { readonly name: string }[]): string =>
  quoted(named.map(({ name }) => name));

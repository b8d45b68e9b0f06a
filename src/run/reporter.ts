import type { Finding, Unchecked } from '../domain/finding.ts';
import type { LatestByRegion } from '../domain/latest.ts';
import type { TargetRegion } from '../domain/regions.ts';
import type { RegionReplication } from '../domain/replication.ts';
import type { Target } from '../domain/target.ts';
import type { Verification } from '../domain/verification.ts';
import type { Step } from '../plan/plan.ts';
import type { Judged, PruneVerdict } from '../plan/prune.ts';
import type { ReportFacts } from '../plan/reported.ts';

/** Under which terms a gallery deletes, and what was looked at. */
export interface PruneTerms {
  /** Subscriptions in which users were looked for. */
  readonly subscriptions: readonly string[];
  /** Of a gallery with soft delete: days that a version can be brought back, when Azure shows them. */
  readonly recoverable?: { readonly days?: number };
  /** By Azure's clock. */
  readonly now: Date;
}

/** What is known before the first change. */
export interface Announcement {
  /** Absent when too much is missing to say what the run is about. */
  readonly target?: Target;
  readonly planned: readonly Step[];
  readonly findings: readonly Finding[];
  readonly unchecked: readonly Unchecked[];
  /** How many checks passed; absent of an operation without any. */
  readonly passed?: number;
  /** What reports show beside; absent when nothing was found. */
  readonly shown?: ReportFacts;
  /** Regions that the version had before the run; empty when there was no version. */
  readonly before: readonly TargetRegion[];
}

/** What a run finds out or brings about, each as soon as it is known. */
export interface Facts {
  /** Azure has the version, accepted or found: it has an ID to give on. */
  readonly versionKnown: boolean;
  /** Snapshots that now exist, OS disk first. */
  readonly snapshotIds: readonly string[];
  /** Resource IDs of replaced disks that were to be deleted, and stay after the last attempt at it. */
  readonly keptDisks?: readonly string[];
  readonly replication: readonly RegionReplication[];
  /** What is known of whether the image works; `undefined` also when nothing is any more. */
  readonly verification?: Verification | undefined;
  /** What `latest` means in the version's regions; absent where it was not looked at. */
  readonly latestBefore?: LatestByRegion;
  readonly latestAfter?: LatestByRegion;
  /** What is to become of the versions of a definition that is pruned. */
  readonly pruning?: { readonly versions: readonly Judged[]; readonly terms: PruneTerms };
}

/** Who is told how the run goes. Rendering is the listener's business. */
export interface Reporter {
  announce(known: Announcement): void;
  learned(facts: Partial<Facts>): void;
  stepStarted(step: Step): void;
  say(step: Step, line: string): void;
  stepEnded(step: Step, seconds: number, failure?: unknown): void;
  /** Something a person should see, without a step it belongs to. */
  warn(message: string): void;
  /** One line of the log, outside any step. */
  info(line: string): void;
  /** This run deleted a version, or it stays after all, or something else has deleted it. */
  pruned(id: string, instead?: PruneVerdict | 'gone'): void;
}

import type { Failure } from '../domain/failure.ts';
import { forbids, NEEDS, type Unchecked } from '../domain/finding.ts';
import { isReplicated } from '../domain/replication.ts';
import type { Target } from '../domain/target.ts';
import type { Step } from '../plan/plan.ts';
import type { ReportedTarget, ReportFacts } from '../plan/reported.ts';
import type { Announcement, Facts } from '../run/reporter.ts';
import type { Pruning } from './pruning.ts';

/** All that is known of a run so far: outputs, summary and result file are drawn from it alone. */
export interface RunRecord extends Facts, Omit<Announcement, 'target' | 'passed'> {
  readonly operation: Target['operation'];
  readonly dryRun: boolean;
  readonly target?: ReportedTarget;
  /** Steps that were begun, and how each fared. */
  readonly steps: readonly {
    readonly step: Step;
    /** `interrupted`: the run ended first; Azure may go on with it. */
    readonly outcome: 'done' | 'failed' | 'interrupted';
    readonly seconds: number;
  }[];
  /** Origin of the cloud's portal; absent for a cloud that has none that is known. */
  readonly portal?: string | undefined;
  readonly pruning?: Pruning;
  readonly shown: ReportFacts;
  readonly changed: boolean;
  readonly failure?: Failure;
  readonly seconds: number;
}

export const emptyRecord: RunRecord = {
  operation: 'capture',
  dryRun: false,
  planned: [],
  findings: [],
  unchecked: [],
  before: [],
  steps: [],
  versionKnown: false,
  snapshotIds: [],
  shown: {},
  replication: [],
  changed: false,
  seconds: 0,
};

/** Whether the checks forbade the run: nothing was begun, and the findings say all there is to say. */
export const isRefused = ({ findings, failure }: RunRecord): boolean =>
  forbids(findings) && (failure === undefined || failure.kind === 'refused');

/**
 * What the end of an operation is about, and how it reads: its work, and that nothing came of it.
 * A version is for deployments; of a proof, all that counts is whether the image works.
 */
export const WORDS = {
  capture: { about: 'version', work: 'capture', nothing: 'No image version was captured' },
  promote: { about: 'version', work: 'promotion', nothing: 'No image version was promoted' },
  wait: { about: 'version', work: 'wait', nothing: 'No image version was waited for' },
  verify: { about: 'proof', work: 'verification', nothing: 'No image version was verified' },
  prune: { about: 'definition', work: 'prune', nothing: 'Nothing was pruned' },
  restore: { about: 'vm', work: 'restore', nothing: 'The restore is not complete' },
} as const satisfies Record<Target['operation'], unknown>;

/** What this run is about in the end. */
export const aboutOf = ({ operation, target }: Pick<RunRecord, 'operation' | 'target'>) =>
  target?.ephemeral ? 'proof' : WORDS[operation].about;

/**
 * A dry run is `planned`, also when the checks found errors, but `failed` when it could not look.
 * Told not to wait, out of time, or cancelled, with Azure still at work: `replicating`.
 */
export function stateOf(record: RunRecord) {
  const { dryRun, failure, versionKnown, replication, verification } = record;
  if (dryRun) return failure && !isRefused(record) ? 'failed' : 'planned';
  const about = aboutOf(record);
  if (about === 'proof') return failure || !verification?.passed ? 'failed' : 'succeeded';
  // Only a version can be on its way.
  if (about !== 'version') return failure ? 'failed' : 'succeeded';
  if (!failure) return isReplicated(replication) ? 'succeeded' : 'replicating';
  // Whatever ends the run then: the image does not work.
  if (verification?.passed === false) return 'failed';
  const ended = failure.kind === 'timeout' || failure.kind === 'cancelled';
  return ended && versionKnown ? 'replicating' : 'failed';
}

/** The exit code of the step. */
export const exitCodeOf = ({ failure }: RunRecord): number => (failure ? 1 : 0);

/** The rules that could not be judged, by what they lacked. */
export function byLack(unchecked: readonly Unchecked[]) {
  return [...new Set(unchecked.map(({ lacks }) => lacks))].map((lacks) => ({
    lacks: NEEDS[lacks].lacking,
    rules: unchecked.filter((each) => each.lacks === lacks).map(({ rule }) => rule),
  }));
}

import type { Failure } from '../domain/failure.ts';
import type { Finding } from '../domain/finding.ts';
import type { LatestByRegion } from '../domain/latest.ts';
import { isReplicated, type RegionReplication } from '../domain/replication.ts';
import { nameOf, parentId } from '../domain/resource-id.ts';
import { planOutput, type Step } from '../plan/plan.ts';
import { describeSubject, type Subject } from '../plan/subject.ts';

/** How a step fared. */
export interface StepRecord {
  readonly step: Step;
  readonly outcome: 'done' | 'failed';
  readonly seconds: number;
}

/** All that is known of a run so far: outputs, summary and result file are drawn from it alone. */
export interface RunRecord {
  /** Nothing was to be changed. */
  readonly dryRun: boolean;
  readonly target?: Subject;
  readonly planned: readonly Step[];
  readonly findings: readonly Finding[];
  readonly steps: readonly StepRecord[];
  /** Azure has the version: it was accepted, or found. */
  readonly versionKnown: boolean;
  readonly snapshotIds: readonly string[];
  readonly replication: readonly RegionReplication[];
  /** What `latest` means in the version's regions; absent where it was not looked at. */
  readonly latestBefore?: LatestByRegion;
  readonly latestAfter?: LatestByRegion;
  readonly changed: boolean;
  readonly failure?: Failure;
  readonly seconds: number;
}

export const emptyRecord: RunRecord = {
  dryRun: false,
  planned: [],
  findings: [],
  steps: [],
  versionKnown: false,
  snapshotIds: [],
  replication: [],
  changed: false,
  seconds: 0,
};

export type State = 'planned' | 'succeeded' | 'replicating' | 'failed';

/** A dry run is always `planned`. Told not to wait, out of time, or cancelled, with Azure still at work: `replicating`. */
export function stateOf({ dryRun, failure, versionKnown, replication }: RunRecord): State {
  if (dryRun) return 'planned';
  if (!failure) return isReplicated(replication) ? 'succeeded' : 'replicating';
  const ended = failure.kind === 'timeout' || failure.kind === 'cancelled';
  return ended && versionKnown ? 'replicating' : 'failed';
}

/** The outputs of action.yml, as values; the version's are empty until Azure has it. */
export function outputsOf(record: RunRecord) {
  const { target, versionKnown, planned, findings } = record;
  const version = target && versionKnown ? target.version : '';
  const definition = version && parentId(version);
  return {
    'image-version-id': version,
    'image-version': version && nameOf(version),
    gallery: version && nameOf(parentId(definition)),
    'image-definition': definition && nameOf(definition),
    'image-definition-id': definition,
    location: version ? (target?.location ?? '') : '',
    state: stateOf(record),
    changed: record.changed,
    replication: regionRows(record),
    'snapshot-ids': record.snapshotIds,
    'latest-before': record.latestBefore ?? {},
    'latest-after': record.latestAfter ?? {},
    plan: planOutput(
      target?.operation ?? 'capture',
      target ? describeSubject(target) : {},
      planned,
      findings,
    ),
  };
}

export type Outputs = ReturnType<typeof outputsOf>;

/** A row for each region of the version, in the order that was asked for. */
export function regionRows({ target, replication, versionKnown }: RunRecord) {
  if (!target || !versionKnown) return [];
  return replication.map(({ region, state, progress, details }) => {
    const wanted = target.regions.find(({ name }) => name === region);
    const storageAccountType = wanted?.storageAccountType ?? target.storageAccountType;
    return {
      region,
      state,
      progress,
      replicas: wanted?.replicas ?? 1,
      storageAccountType: storageAccountType ?? null,
      ...(details && { details }),
    };
  });
}

import type { Companion } from '../domain/companions.ts';
import type { Finding } from '../domain/finding.ts';
import type { TargetRegion } from '../domain/regions.ts';
import type { WaitFor } from '../domain/request.ts';
import { nameOf } from '../domain/resource-id.ts';
import type { Source } from '../domain/source.ts';
import type { SnapshotTarget } from '../domain/target.ts';

interface Head {
  /** Unique in its plan. */
  readonly id: string;
  /** IDs of the steps that must have ended well before this one starts. */
  readonly needs: readonly string[];
  /** Resource IDs it creates or changes. */
  readonly resources: readonly string[];
  /** Whether no later run can take it back. */
  readonly irreversible: boolean;
  /** Median of recorded operations (traffic/durations.json, 2023 and later), seconds. */
  readonly expectedSeconds: number;
}

/** The kinds of step there are. A step is plain data; `run/steps/` says how each is done. */
export type Step = Head &
  (
    | {
        readonly do: 'snapshot';
        readonly of: readonly SnapshotTarget[];
        readonly purpose: 'rollback' | 'source';
      }
    | { readonly do: 'start'; readonly vm: string }
    | { readonly do: 'deprovision'; readonly vm: string }
    | { readonly do: 'deallocate'; readonly vm: string }
    | { readonly do: 'generalize'; readonly vm: string }
    | { readonly do: 'image'; readonly vm: string; readonly image: string }
    | { readonly do: 'discard'; readonly version: string }
    | {
        readonly do: 'publish';
        readonly version: string;
        readonly regions: readonly TargetRegion[];
        readonly source?: Source;
      }
    | {
        readonly do: 'protect';
        readonly version: string;
        readonly regions: readonly TargetRegion[];
      }
    | {
        readonly do: 'replicate';
        readonly version: string;
        readonly regions: readonly TargetRegion[];
        readonly until: WaitFor;
        /** Home region. */
        readonly home: string;
      }
    | { readonly do: 'remove'; readonly of: readonly string[] }
    | { readonly do: 'prune'; readonly of: readonly string[] }
    | { readonly do: 'retire'; readonly vm: string; readonly companions: readonly Companion[] }
  );

export type StepKind = Step['do'];

/** The step of one kind. */
export type StepOf<K extends StepKind> = Extract<Step, { do: K }>;

export interface Plan {
  readonly steps: readonly Step[];
}

/** What a person reads of a step: in the log's groups, the plan table, the dry run. */
export function describeStep(step: Step): string {
  switch (step.do) {
    case 'snapshot':
      return `Snapshot ${step.of.length === 1 ? 'the disk' : `${step.of.length} disks`} of the build VM${step.purpose === 'source' ? ' to capture from' : ''}`;
    case 'start':
      return `Start ${nameOf(step.vm)}`;
    case 'deprovision':
      return `Deprovision ${nameOf(step.vm)}`;
    case 'deallocate':
      return `Deallocate ${nameOf(step.vm)}`;
    case 'generalize':
      return `Generalize ${nameOf(step.vm)}`;
    case 'image':
      return `Make the temporary managed image ${nameOf(step.image)}`;
    case 'discard':
      return `Delete the failed image version ${nameOf(step.version)}`;
    case 'publish':
      return `Create image version ${nameOf(step.version)}`;
    case 'protect':
      return `Block deletion of image version ${nameOf(step.version)} before its end of life`;
    case 'remove':
      return `Delete ${step.of.map(nameOf).join(', ')}, only needed to capture from`;
    case 'prune':
      return `Delete ${step.of.length} older snapshots: ${step.of.map(nameOf).join(', ')}`;
    case 'retire':
      return `Delete ${[step.vm, ...step.companions.map(({ id }) => id)].map(nameOf).join(', ')}`;
    case 'replicate':
      return `Replicate image version ${nameOf(step.version)} to ${step.regions.map((region) => region.name).join(', ')}`;
  }
}

/** The `plan` output, as action.yml documents it. */
export function planOutput(
  operation: string,
  target: Readonly<Record<string, unknown>>,
  steps: readonly Step[],
  findings: readonly Finding[],
) {
  return {
    schema: 1,
    operation,
    target,
    steps: steps.map(({ id, do: kind, needs, resources, irreversible, expectedSeconds }) => ({
      id,
      do: kind,
      needs,
      resources,
      irreversible,
      expectedSeconds,
    })),
    findings: findings.map(({ rule, severity, message, remedy }) => ({
      rule,
      severity,
      message,
      remedy,
    })),
  };
}

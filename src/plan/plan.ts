import { KINDS, type Kind } from './step-kinds.ts';

export type StepKind = keyof typeof KINDS;

/** The data of one kind of step. */
type DataOf<K extends StepKind> = (typeof KINDS)[K] extends Kind<infer D> ? D : never;

/** The step of one kind: plain data. */
export type StepOf<K extends StepKind> = DataOf<K> & {
  readonly do: K;
  /** Unique in its plan. */
  readonly id: string;
  /** Resource IDs it creates, changes, deletes or waits for. */
  readonly resources: readonly string[];
  /** Whether no later run can take it back. */
  readonly irreversible: boolean;
  readonly expectedSeconds: number;
};

/** A plan is a list of steps, each of which is done before the next one starts. */
export type Step = { [K in StepKind]: StepOf<K> }[StepKind];

/** A step, with what its kind says of it. */
export function step<K extends StepKind>(name: K, data: DataOf<K>): StepOf<K> {
  const row = rowOf(name);
  const head = {
    do: name,
    id: row.id?.(data) ?? name,
    resources: row.resources(data),
    irreversible: row.irreversible?.(data) ?? false,
    expectedSeconds: row.seconds(data),
  };
  return Object.assign(head, data);
}

const rowOf = (name: StepKind): Kind<unknown> => KINDS[name];

/** What a person reads of a step. */
export const describeStep = (of: Step): string => rowOf(of.do).describe(of);

/** What Azure, or a guest, still does when the run ends during this step. */
export const describeInFlight = (of: Step): string => rowOf(of.do).inFlight(of);

/** Resource IDs that a plan writes to, and those that it deletes. */
export function writesOf(steps: readonly Step[]) {
  const of = (effect: 'changes' | 'deletes') => [
    ...new Set(
      steps.flatMap((each) =>
        (rowOf(each.do).effect ?? 'changes') === effect ? each.resources : [],
      ),
    ),
  ];
  return { changes: of('changes'), deletions: of('deletes') };
}

/** Seconds that a plan usually takes. */
export const expectedTotal = (steps: readonly Step[]): number =>
  steps.reduce((sum, { expectedSeconds }) => sum + expectedSeconds, 0);

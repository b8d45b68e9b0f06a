/** What there is to know of a kind of step; `D` is the data that one step of it has. */
export interface Kind<D> {
  /** What a person reads: in the log's groups, the plan table, the dry run. */
  describe(data: D): string;
  /** What Azure, or the guest, still does when the run ends during the step. */
  inFlight(data: D): string;
  /** Seconds that it usually takes. */
  seconds(data: D): number;
  /** What it does to its resources; `waits` changes nothing. */
  readonly effect: 'changes' | 'deletes' | 'waits';
  /** Whether no later run can take it back. */
  irreversible(data: D): boolean;
  /** Resource IDs that it has this effect on. */
  resources(data: D): readonly string[];
  /** Unique in a plan; the kind where this is left out, of which a plan then has one step. */
  id?(data: D): string;
}

/** A row of the table of kinds. */
export const kind = <D>(row: Kind<D>): Kind<D> => row;
export const always = () => true;
export const never = () => false;

/** Data of a step on a VM. */
export interface OnVm {
  readonly vm: string;
}

/** The time that is left for a verification. */
export interface Allowance {
  readonly signal: AbortSignal;
  /** Seconds. */
  left(): number;
  isOver(): boolean;
}

/** What came of a verification. Times in seconds. */
export interface Verification {
  readonly passed: boolean;
  /** From the request for the VM until it was provisioned; absent when that never came. */
  readonly boot?: number;
  /** From then until its agent reported. */
  readonly agent?: number;
  readonly script?: number;
  /** Of the script; absent when there was none, or it did not end. */
  readonly exitCode?: number;
  readonly vmSize: string;
  readonly region: string;
}

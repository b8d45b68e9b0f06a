/** When a mark was written: in which boot of the guest, and how old that was, in hundredths of a second. */
export interface Moment {
  readonly boot: string;
  readonly count: number;
}

/** Whether one is later than the other in the same boot. */
export const isNewer = (now: Moment | undefined, then: Moment | undefined): boolean =>
  now !== undefined && then !== undefined && now.boot === then.boot && now.count > then.count;

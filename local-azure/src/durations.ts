/**
 * How long operations take, in seconds: medians of recorded start to end times of today's service
 * (2023 and later). Keys are its method and resource type.
 */
export const MEDIAN_SECONDS: Readonly<Record<string, number>> = {
  'PUT virtualMachines': 7.8,
  'PATCH virtualMachines': 5.2,
  'DELETE virtualMachines': 22,
  'POST virtualMachines/start': 10.3,
  'POST virtualMachines/restart': 43,
  'POST virtualMachines/powerOff': 8.7,
  'POST virtualMachines/deallocate': 25.3,
  'POST virtualMachines/runCommand': 14.5,
  'POST virtualMachines/redeploy': 119.2,
  'POST virtualMachines/reapply': 7.8,
  'PUT virtualMachines/runCommands': 16,
  'PATCH virtualMachines/runCommands': 10.2,
  'DELETE virtualMachines/runCommands': 10.3,
  'PUT images': 5.2,
  'DELETE images': 5.1,
  'PUT disks [Copy; from snapshot]': 0.6,
  'PUT disks [Copy; from disk]': 0.8,
  'PUT disks [Empty]': 0.1,
  'PUT disks [FromImage]': 0.9,
  'PUT disks': 0.6,
  'PATCH disks': 0.6,
  'DELETE disks': 0.2,
  'PUT snapshots [Copy; incremental]': 0.7,
  'PUT snapshots [Copy]': 0.8,
  'PUT snapshots [CopyStart; incremental]': 1.8,
  'PUT snapshots': 0.8,
  'PATCH snapshots': 0.8,
  'DELETE snapshots': 0.3,
  'POST disks/beginGetAccess': 0.3,
  'POST disks/endGetAccess': 2,
  'POST snapshots/beginGetAccess': 0.2,
  'POST snapshots/endGetAccess': 0.1,
  'PUT galleries': 0.2,
  'DELETE galleries': 0.1,
  'PUT galleries/images': 0.1,
  'DELETE galleries/images': 0.2,
  'PUT galleries/images/versions [create; Full]': 427.9,
  'PUT galleries/images/versions [create; Shallow]': 45.2,
  'PUT galleries/images/versions [update; metadata]': 150.3,
  'PUT galleries/images/versions [update; regions]': 376,
  'DELETE galleries/images/versions': 91,
};

/** Which operation is to be timed. */
export interface OperationKey {
  /** Method and type below Microsoft.Compute, with a variant in brackets: a MEDIAN_SECONDS key. */
  readonly name: string;
  /** The ID of the resource it works on. */
  readonly resource: string;
}

/** A test's own idea of how long an operation takes; undefined leaves it to the median. */
export type Durations = (operation: OperationKey) => number | undefined;

/** Seconds for `key`: the override, else the median of the exact name, else of the name alone. */
export function secondsFor(key: OperationKey, override: Durations | undefined): number {
  const plain = key.name.replace(/ \[.*$/, '');
  return override?.(key) ?? MEDIAN_SECONDS[key.name] ?? MEDIAN_SECONDS[plain] ?? 1;
}

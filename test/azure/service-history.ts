/**
 * What changed in Azure's services themselves, whatever API version is asked for. The clock decides:
 * a local Azure whose clock says 2021 answers as Azure did then. Each date lies between the two
 * recordings (named by month) that show the old and the new behaviour.
 */
import type { OperationKind } from './operations.ts';

/** Whether poll URLs carry `p=…`: disks since 2018-04…2020-05, VMs since 2021-08…2022-01. */
export function hasPartition(kind: OperationKind, now: number): boolean {
  if (kind === 'capsOperations') return false;
  return now >= Date.parse(kind === 'DiskOperations' ? '2019-06-01' : '2021-10-01');
}

/**
 * Whether a first answer says `azure-asyncnotification: Enabled`: VMs' PUT since 2018-04…2021-08,
 * their POST since 2022-01…2022-12, galleries since 2025-01…2026-04.
 */
export function hasNotification(kind: OperationKind, method: string, now: number): boolean {
  if (kind === 'DiskOperations') return false;
  if (kind === 'capsOperations') return now >= Date.parse('2025-09-01');
  return now >= Date.parse(method === 'PUT' ? '2020-01-01' : '2022-07-01');
}

/** Whether VM limits are token buckets by resource and subscription: since 2022-12…2024-08. */
export function hasTokenBuckets(now: number): boolean {
  return now >= Date.parse('2023-10-01');
}

/** Whether ARM's own limits are token buckets, 200 writes and not 1,200 an hour: since 2024-03…2024-07. */
export function hasArmTokenBuckets(now: number): boolean {
  return now >= Date.parse('2024-05-01');
}

/** Whether the gateway's 404 points to its help page: since 2018-04…2023-11. */
export function hasNotFoundHelp(now: number): boolean {
  return now >= Date.parse('2021-01-01');
}

/** Whether the gallery service tells of its limits: since 2019-10…2021-08. */
export function hasGalleryLimits(now: number): boolean {
  return now >= Date.parse('2020-07-01');
}

/** Whether the limits of disk encryption sets tell writes from deletes: since 2025-01. */
export function hasSetWriteLimits(now: number): boolean {
  return now >= Date.parse('2025-02-01');
}

/** Whether a client may poll the gallery service 15,000 times in 30 minutes: since 2022-12…2024-07. */
export function hasWideGalleryPolls(now: number): boolean {
  return now >= Date.parse('2023-10-01');
}

/** Whether the disk service has its wide limits: since 2018-03…2023-11. */
export function hasWideDiskLimits(now: number): boolean {
  return now >= Date.parse('2021-01-01');
}

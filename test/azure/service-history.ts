/**
 * What changed in Azure's services themselves, whatever API version is asked for. The clock decides:
 * a local Azure whose clock says 2021 answers as Azure did then. Each date lies between the two
 * recordings (named by month) that show the old and the new behaviour.
 */
import type { OperationKind } from './operations.ts';

/** Whether poll URLs carry `p=…`: disks since 2020-12…2021-10, VMs since 2021-08-09…2021-09-03. */
export function hasPartition(kind: OperationKind, now: number): boolean {
  if (kind === 'capsOperations') return false;
  return now >= Date.parse(kind === 'DiskOperations' ? '2021-05-01' : '2021-08-20');
}

/**
 * Whether a first answer says `azure-asyncnotification: Enabled`: the VM service's PUT, PATCH and
 * DELETE since 2018-11-28…2018-12-03, its POST since 2022-06…2022-09, galleries since
 * 2025-01…2026-04.
 */
export function hasNotification(kind: OperationKind, method: string, now: number): boolean {
  if (kind === 'DiskOperations') return false;
  if (kind === 'capsOperations') return now >= Date.parse('2025-09-01');
  return now >= Date.parse(method === 'POST' ? '2022-08-01' : '2018-12-01');
}

/** Whether VM limits are token buckets by resource and subscription: since 2023-09-26…2023-10-13. */
export function hasTokenBuckets(now: number): boolean {
  return now >= Date.parse('2023-10-05');
}

/** Whether the limits of managed images are token buckets: since 2023-12-19, region by region. */
export function hasImageTokenBuckets(now: number): boolean {
  return now >= Date.parse('2023-12-20');
}

/** Whether lists of definitions and versions tell of their limits: since 2021-10…2022-12. */
export function hasGalleryListLimits(now: number): boolean {
  return now >= Date.parse('2022-06-01');
}

/** Whether VMs have an `etag`: since 2024-07-08…2024-07-16. */
export function hasVmEtags(now: number): boolean {
  return now >= Date.parse('2024-07-12');
}

/** Whether the gateway's 404 points to its help page: since 2018-04…2023-11. */
export function hasNotFoundHelp(now: number): boolean {
  return now >= Date.parse('2021-01-01');
}

/** Whether the gallery service tells of its limits: since 2019-11…2020-10. */
export function hasGalleryLimits(now: number): boolean {
  return now >= Date.parse('2020-07-01');
}

/** Whether the limits of disk encryption sets tell writes from deletes: since 2025-01. */
export function hasSetWriteLimits(now: number): boolean {
  return now >= Date.parse('2025-02-01');
}

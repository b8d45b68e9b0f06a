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

/**
 * Whether VMs have an `etag`: since 2024-07-08…2024-07-09, in a canary region since
 * 2024-05-15…2024-07-02.
 */
export function hasVmEtags(now: number, location = ''): boolean {
  return now >= Date.parse(/euap$/i.test(location) ? '2024-06-15' : '2024-07-09');
}

/** Whether ARM's own limits are token buckets, 200 writes and not 1,200 an hour: since 2024-03…2024-07. */
export function hasArmTokenBuckets(now: number): boolean {
  return now >= Date.parse('2024-05-01');
}

/** Whether the gateway's 404 points to its help page: since 2019-12…2020-07. */
export function hasNotFoundHelp(now: number): boolean {
  return now >= Date.parse('2020-04-01');
}

/** Whether the gallery service tells of its limits: since 2019-11…2020-05. */
export function hasGalleryLimits(now: number): boolean {
  return now >= Date.parse('2020-02-01');
}

/** Whether the limits of disk encryption sets tell writes from deletes: since 2025-01. */
export function hasSetWriteLimits(now: number): boolean {
  return now >= Date.parse('2025-02-01');
}

/** What the first answer of the disk service to a write named and told. */
interface DiskAnswers {
  /** Whether it showed the service's own record, marked `isArmResource`: until 2022-10…2022-11. */
  readonly isInternal: boolean;
  /** `id`: since 2022-06…2022-08. */
  readonly hasId: boolean;
  /** A snapshot's `name`, which a disk always had: since 2022-12…2023-07. */
  readonly hasSnapshotName: boolean;
}

/** How the disk service answered writes at this time. */
export function diskAnswers(now: number): DiskAnswers {
  return {
    isInternal: now < Date.parse('2022-11-01'),
    hasId: now >= Date.parse('2022-07-15'),
    hasSnapshotName: now >= Date.parse('2023-04-01'),
  };
}

/** MB/s of the smaller Standard SSDs: 60 until 2023-12…2024-11, then 100; 25 in 2019-11. */
export function standardSsdMBps(now: number): number {
  return now < Date.parse('2020-06-01') ? 25 : now < Date.parse('2024-06-01') ? 60 : 100;
}

/** Whether disks other than Ultra tell what they can do: since 2018-12…2019-02. */
export function hasDiskPerformance(now: number): boolean {
  return now >= Date.parse('2019-01-15');
}

/** Whether a community gallery shows the prefix of its public name: since 2022-11-23…2022-12-16. */
export function hasPublicNamePrefix(now: number): boolean {
  return now >= Date.parse('2022-12-05');
}

/** Whether a PUT may no longer share a gallery with groups: since 2021-09…2022-01. */
export function refusesGroupsByPut(now: number): boolean {
  return now >= Date.parse('2021-12-01');
}

/**
 * Whether lists of managed images write the group's name in capitals: since 2023-12…2024-11 with
 * 2024-07-01, not in 2024-12 with 2017-03-30.
 */
export function hasCapitalImageGroups(now: number, apiVersion: string): boolean {
  return now >= Date.parse('2024-06-01') && apiVersion >= '2024-03-01';
}

/** Whether a gallery being updated says so: since 2023-05…2023-12; before, it was `Succeeded` at once. */
export function tellsGalleryUpdate(now: number): boolean {
  return now >= Date.parse('2023-09-01');
}

/** Whether a managed image is stored as its source's disks are: since 2019-11-01…2019-11-06. */
export function imagesKeepSku(now: number): boolean {
  return now >= Date.parse('2019-11-04');
}

/** IOPS and MB/s of the least Ultra disk: since 2019-11…2020-07 as today; otherwise in 2018-10. */
export function leastUltra(now: number): readonly [iops: number, mbps: number] {
  if (now < Date.parse('2019-05-01')) return [500, 8];
  return now < Date.parse('2020-03-01') ? [650, 82] : [100, 13];
}

/** Whether lists of VMs by filter write the group's name in capitals: since 2022-12…2023-12. */
export function hasCapitalFilteredGroups(now: number): boolean {
  return now >= Date.parse('2023-06-01');
}

/** Whether a client may poll the gallery service 15,000 times in 30 minutes: since 2022-12…2024-07. */
export function hasWideGalleryPolls(now: number): boolean {
  return now >= Date.parse('2023-10-01');
}

/** Whether a VM made without saying so tells that its agent is not updated: until 2024-04-28…2024-05-14. */
export function tellsAgentUpdates(now: number): boolean {
  return now < Date.parse('2024-05-06');
}

/** Whether a VM that is being made tells how large the disk of its image is: since 2019-12…2020-11. */
export function tellsImageSize(now: number): boolean {
  return now >= Date.parse('2020-06-01');
}

/** Whether a VM allocated anew spells its OS disk's group in capitals: since 2019-12…2023-03. */
export function respellsDisks(now: number): boolean {
  return now >= Date.parse('2021-08-01');
}

/** Whether a VM of the second generation tells its disk controller: since 2023-01, in a canary since 2022-12. */
export function tellsDiskController(now: number, location = ''): boolean {
  return now >= Date.parse(/euap$/i.test(location) ? '2022-12-01' : '2023-01-10');
}

/** Whether the disk service's operations put out what older clients do not know: since 2019-02…2020-11. */
export function outputsGeneration(now: number): boolean {
  return now >= Date.parse('2020-01-01');
}

/** Whether a disk encryption set is made at once, 201: until 2019-12…2020-07. */
export function makesSetsAtOnce(now: number): boolean {
  return now < Date.parse('2020-04-01');
}

/** Whether a managed image in an edge zone is stored as that can: since 2022-12…2023-12. */
export function knowsEdgeDisks(now: number): boolean {
  return now >= Date.parse('2023-06-01');
}

/** Whether the disk service has its wide limits: since 2018-03…2023-11. */
export function hasWideDiskLimits(now: number): boolean {
  return now >= Date.parse('2021-01-01');
}

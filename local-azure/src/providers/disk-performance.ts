/** Size, performance and tier of managed disks, from Microsoft's table of disk types. */
import type { JsonObject } from '../json.ts';
import { hasDiskPerformance, leastUltra, standardSsdMBps } from '../service-history.ts';

const bytesPerGB = 1024 ** 3;

/** Premium SSD: the largest size in GB of each tier with its IOPS and MB/s. */
const premium: readonly (readonly [number, string, number, number])[] = [
  [4, 'P1', 120, 25],
  [8, 'P2', 120, 25],
  [16, 'P3', 120, 25],
  [32, 'P4', 120, 25],
  [64, 'P6', 240, 50],
  [128, 'P10', 500, 100],
  [256, 'P15', 1100, 125],
  [512, 'P20', 2300, 150],
  [1024, 'P30', 5000, 200],
  [2048, 'P40', 7500, 250],
  [4096, 'P50', 7500, 250],
  [8192, 'P60', 16000, 500],
  [16384, 'P70', 18000, 750],
  [32767, 'P80', 20000, 900],
];

/** What a disk is that its performance depends on. */
interface Performance {
  readonly sku: string;
  readonly sizeGB: number;
  /** Bought beyond what the size has (`tier` of the request). */
  readonly tier?: string | undefined;
  /** Whether it is in a canary region; there a standard disk has a tier (recorded 2024-08). */
  readonly isCanary?: boolean;
  /** `creationData.performancePlus`. */
  readonly isPlus?: boolean;
  /** Milliseconds. */
  readonly now: number;
}

/** What a disk of this SKU and size can do, as its properties show it. */
export function performanceOf({
  sku,
  sizeGB,
  tier,
  isPlus,
  isCanary,
  now,
}: Performance): JsonObject {
  const kind = sku.split('_')[0];
  if (kind !== 'UltraSSD' && !hasDiskPerformance(now)) return {};
  if (kind === 'Premium') {
    const bySize = premium.findIndex(([largest]) => sizeGB <= largest);
    const bought = premium.findIndex((each) => each[1] === tier);
    // A tier below that of the size cannot be had (disks-change-performance).
    const [, ownTier, iops, mbps] = premium.at(Math.max(bySize, bought)) ?? [];
    const isFaster = isPlus === true && sizeGB > 512;
    return {
      diskIOPSReadWrite: isFaster ? Math.max(8000, iops ?? 0) : iops,
      diskMBpsReadWrite: isFaster ? Math.max(300, mbps ?? 0) : mbps,
      tier: ownTier,
    };
  }
  if (kind === 'PremiumV2') return { diskIOPSReadWrite: 3000, diskMBpsReadWrite: 125 };
  if (kind === 'UltraSSD') {
    // The least of this kind, unless more is asked for (recorded with 4 and 10 GB, 2020 to 2024).
    const [iops, mbps] = leastUltra(now);
    return {
      diskIOPSReadWrite: iops,
      diskMBpsReadWrite: mbps,
      diskIOPSReadOnly: iops,
      diskMBpsReadOnly: mbps,
      maxShares: 1,
      readOnly: false,
    };
  }
  if (sku === 'Standard_LRS' && isCanary === true && now >= Date.parse('2024-05-01')) {
    const like = premium.find(([largest]) => sizeGB <= largest)?.[1] ?? 'P80';
    const own = /^P[1-4]$/.test(like) ? 'S4' : like.replace('P', 'S');
    return { diskIOPSReadWrite: 500, diskMBpsReadWrite: 60, tier: own };
  }
  const mbps = kind === 'StandardSSD' ? standardSsdMBps(now) : 60;
  return { diskIOPSReadWrite: mbps === 25 ? 120 : 500, diskMBpsReadWrite: mbps };
}

export function bytesOf(sizeGB: number): number {
  return sizeGB * bytesPerGB;
}

/**
 * `sku.tier`: the part of the SKU's name before the redundancy, but for `UltraSSD` and
 * `StandardSSD` (recorded).
 */
export function skuTier(sku: string): string {
  const kind = sku.split('_')[0] ?? sku;
  return kind === 'UltraSSD' ? 'Ultra' : kind === 'StandardSSD' ? 'Standard' : kind;
}

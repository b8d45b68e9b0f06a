/** Size, performance and tier of managed disks, from Microsoft's table of disk types. */
import type { JsonObject } from '../json.ts';

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

/** What a disk of this SKU and size can do, as its properties show it. */
export function performanceOf(sku: string, sizeGB: number): JsonObject {
  const kind = sku.split('_')[0];
  if (kind === 'Premium') {
    const [, tier, iops, mbps] = premium.find(([largest]) => sizeGB <= largest) ?? [
      0,
      'P80',
      20000,
      900,
    ];
    return { diskIOPSReadWrite: iops, diskMBpsReadWrite: mbps, tier };
  }
  if (kind === 'PremiumV2') return { diskIOPSReadWrite: 3000, diskMBpsReadWrite: 125 };
  if (kind === 'UltraSSD') return { diskIOPSReadWrite: 500, diskMBpsReadWrite: 100 };
  return { diskIOPSReadWrite: 500, diskMBpsReadWrite: kind === 'StandardSSD' ? 100 : 60 };
}

export function bytesOf(sizeGB: number): number {
  return sizeGB * bytesPerGB;
}

/** `sku.tier`: the part of the SKU's name before the redundancy, but `Ultra` (recorded). */
export function skuTier(sku: string): string {
  return sku === 'UltraSSD_LRS' ? 'Ultra' : (sku.split('_')[0] ?? sku);
}

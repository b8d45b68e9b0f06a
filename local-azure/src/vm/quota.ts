/**
 * Cores of VMs: how many are used, how many a subscription may have in a region, and the refusal of
 * more. A VM counts until it is deleted, deallocated or not (azure-docs, quotas: "both allocated and
 * deallocated").
 */
import { idKey, parseId } from '../arm-id.ts';
import { type ArmError, operationNotAllowed } from '../errors.ts';
import { numberAt, textAt } from '../json.ts';
import { compactRegion } from '../regions.ts';
import type { World } from '../world.ts';
import { sizeNamed, type VmSize } from './sizes.ts';

/** A quota of a region: its name in the API, as it is shown, and how full it is. */
interface CoreUsage {
  readonly name: string;
  readonly shown: string;
  readonly used: number;
  readonly limit: number;
}

/** Limits of a fresh subscription, from memory. */
const CORES = 100;
const MACHINES = 25_000;

/**
 * The quotas that VMs count for, regional ones first. A world sets one with a resource
 * `/subscriptions/{id}/providers/Microsoft.Compute/locations/{region}/usages/{name}` and the properties
 * `limit`, and `currentValue` for what is used beside the world's own VMs. Of families there are those
 * in use, those that the world sets, and `family`.
 */
export function coreUsages(
  world: World,
  subscription: string,
  region: string,
  family = 'standardDSv5Family',
): CoreUsage[] {
  const here = world.all().filter((each) => {
    if (each.type.toLowerCase() !== 'microsoft.compute/virtualmachines') return false;
    const isOwn = parseId(each.id).subscriptionId?.toLowerCase() === subscription.toLowerCase();
    return isOwn && compactRegion(textAt(each, 'location') ?? '') === compactRegion(region);
  });
  const sizes = here.map((vm) =>
    sizeNamed(textAt(vm, 'properties', 'hardwareProfile', 'vmSize') ?? ''),
  );
  const cores = sizes.reduce((sum, size) => sum + size.vCPUs, 0);
  const families = new Map<string, number>([[family, 0]]);
  for (const size of sizes) {
    families.set(size.family, (families.get(size.family) ?? 0) + size.vCPUs);
  }
  const base = `/subscriptions/${subscription}/providers/Microsoft.Compute/locations/${compactRegion(region)}/usages/`;
  for (const { id, name } of world.all()) {
    const isSaid = idKey(id).startsWith(base.toLowerCase()) && /family$/i.test(name);
    if (isSaid && !families.has(name)) families.set(name, 0);
  }
  const usage = (name: string, shown: string, used: number, limit: number): CoreUsage => {
    const said = world.get(`${base}${name}`);
    return {
      name,
      shown,
      used: used + (numberAt(said, 'properties', 'currentValue') ?? 0),
      limit: numberAt(said, 'properties', 'limit') ?? limit,
    };
  };
  return [
    usage('cores', 'Total Regional vCPUs', cores, CORES),
    usage('virtualMachines', 'Virtual Machines', here.length, MACHINES),
    ...[...families].map(([name, used]) => usage(name, familyName(name), used, CORES)),
  ];
}

/** `standardDSv5Family` is shown as `Standard DSv5 Family vCPUs`. */
function familyName(name: string): string {
  return `Standard ${name.replace(/^standard/, '').replace(/Family$/, '')} Family vCPUs`;
}

/**
 * The refusal of a VM that there are no cores for: of its family first. (Wording, code and status:
 * Azure/karpenter-provider-azure#192, neonKUBE#1671; the link's parameters are left out.)
 */
export function coreRefusal(
  world: World,
  subscription: string,
  region: string,
  size: VmSize,
): ArmError | undefined {
  const usages = coreUsages(world, subscription, region, size.family);
  const limits = [
    ...usages.filter(({ name }) => name === size.family),
    ...usages
      .filter(({ name }) => name === 'cores')
      .map((each) => ({ ...each, name: 'Total Regional' })),
  ];
  const full = limits.find(({ used, limit }) => used + size.vCPUs > limit);
  if (full === undefined) return undefined;
  const { name, used, limit } = full;
  return operationNotAllowed(
    `Operation could not be completed as it results in exceeding approved ${name} Cores quota. ` +
      `Additional details - Deployment Model: Resource Manager, Location: ${compactRegion(region)}, ` +
      `Current Limit: ${limit}, Current Usage: ${used}, Additional Required: ${size.vCPUs}, ` +
      `(Minimum) New Limit Required: ${used + size.vCPUs}. Setup Alerts when Quota reaches threshold. ` +
      'Learn more at https://aka.ms/quotamonitoringalerting . Submit a request for Quota increase ' +
      "at https://aka.ms/ProdportalCRP/ by specifying parameters listed in the 'Details' section " +
      'for deployment to succeed. Please read more about quota limits at ' +
      'https://docs.microsoft.com/en-us/azure/azure-supportability/per-vm-quota-requests',
  );
}

/** Finding the VM of a request, and showing it. */
import type { Arm, ArmRequest } from '../arm.ts';
import { entityNotFound } from '../errors.ts';
import { isObject, type JsonObject, objectAt, objectsAt, textAt } from '../json.ts';
import { hasVmEtags } from '../service-history.ts';
import type { Show } from '../stored.ts';
import type { Resource } from '../world.ts';
import { powerOf, viewWhileUpdating } from './instance-view.ts';
import { asOf } from './versions.ts';

/** The VM of the request, or the provider's 404. */
export function requireVm(arm: Arm, request: ArmRequest): Resource {
  const vm = arm.world.get(request.id);
  if (vm === undefined) throw entityNotFound();
  return vm;
}

/** API version since which a VM has an `etag` (recorded with 2024-07-01, not with 2022-08-01). */
const etagSince = '2024-03-01';

/** A VM as GET shows it: the instance view and user data only when they are asked for. */
export const showVm: Show = (vm, query, now) => {
  const wanted = (query.get('$expand') ?? '').toLowerCase().split(',');
  const { etag, ...rest } = vm;
  const { instanceView: view, userData, ...properties } = vm.properties;
  const isUpdating = properties.provisioningState === 'Updating' && isObject(view);
  const instanceView = isUpdating ? viewWhileUpdating(view) : view;
  const shown: Resource = {
    ...rest,
    properties: {
      ...properties,
      storageProfile: shownStorage(vm),
      ...(wanted.includes('instanceview') && instanceView !== undefined ? { instanceView } : {}),
      ...(wanted.includes('userdata') && userData !== undefined ? { userData } : {}),
    },
  };
  const apiVersion = query.get('api-version') ?? '';
  const hasEtag =
    hasVmEtags(now, textAt(vm, 'location')) && apiVersion >= etagSince && etag !== undefined;
  const current = hasEtag ? { ...shown, etag } : shown;
  return asOf(withIdentityIds(current, apiVersion), apiVersion);
};

/** The `etag` header: with a VM that is shown without its instance view (recorded with 2024-07-01). */
export function etagHeader(shown: Resource, query: URLSearchParams): Record<string, string> {
  const { etag } = shown;
  const isExpanded = /instanceview/i.test(query.get('$expand') ?? '');
  return typeof etag === 'string' && !isExpanded ? { etag } : {};
}

/** A deallocated VM tells neither size nor type of its managed disks (recorded). */
function shownStorage(vm: Resource): JsonObject {
  const profile = objectAt(vm, 'properties', 'storageProfile');
  if (powerOf(vm) !== 'deallocated') return profile;
  const reduced = (disk: JsonObject): JsonObject => {
    if (!isObject(disk.managedDisk)) return disk;
    const { diskSizeGB: _, ...others } = disk;
    const { storageAccountType: __, ...managedDisk } = disk.managedDisk;
    return { ...others, managedDisk };
  };
  return {
    ...profile,
    ...(isObject(profile.osDisk) ? { osDisk: reduced(profile.osDisk) } : {}),
    ...(Array.isArray(profile.dataDisks)
      ? { dataDisks: objectsAt(profile, 'dataDisks').map(reduced) }
      : {}),
  };
}

/** Until 2017-12-01 user-assigned identities were a list (recorded). */
function withIdentityIds(vm: Resource, apiVersion: string): Resource {
  const assigned = objectAt(vm, 'identity').userAssignedIdentities;
  if (!isObject(assigned) || apiVersion >= '2018-06-01') return vm;
  return { ...vm, identity: { ...objectAt(vm, 'identity'), identityIds: Object.keys(assigned) } };
}

/** Finding the VM of a request, and showing it. */
import type { Arm, ArmRequest } from '../arm.ts';
import { entityNotFound } from '../errors.ts';
import type { Show } from '../stored.ts';
import type { Resource } from '../world.ts';

/** The VM of the request, or the provider's 404. */
export function requireVm(arm: Arm, request: ArmRequest): Resource {
  const vm = arm.world.get(request.id);
  if (vm === undefined) throw entityNotFound();
  return vm;
}

/** A VM as GET shows it: the instance view and user data only when they are asked for. */
export const showVm: Show = (vm, query) => {
  const wanted = (query.get('$expand') ?? '').toLowerCase().split(',');
  const { instanceView, userData, ...properties } = vm.properties;
  return {
    ...vm,
    properties: {
      ...properties,
      ...(wanted.includes('instanceview') && instanceView !== undefined ? { instanceView } : {}),
      ...(wanted.includes('userdata') && userData !== undefined ? { userData } : {}),
    },
  };
};

import type { State } from '../domain/observed.ts';
import { isProvenOurs } from '../domain/ownership.ts';
import type { TargetRegion } from '../domain/regions.ts';
import { type Source, temporariesOf } from '../domain/source.ts';
import { withTags } from '../domain/tags.ts';
import { type CaptureTarget, claimToTemporary } from '../domain/target.ts';
import { whereTag } from '../domain/verification.ts';
import type { VersionOrder } from '../domain/version-order.ts';
import { type Step, step } from './plan.ts';
import { prepareSource, prepareVm } from './prepare-source.ts';

/* Parts of the plan of a capture, whether its version is kept or not. */

/** From the VM to a version that Azure has accepted. */
export const making = (target: CaptureTarget, observed: State): Step[] => [
  ...prepareVm(target, observed),
  ...prepareSource(target, observed),
  ...(target.source ? [step('publish', { order: orderOf(target, target.source) })] : []),
];

const orderOf = (target: CaptureTarget, source: Source): VersionOrder => {
  const { request, version, location, tags, verify } = target;
  return {
    id: version,
    location,
    source,
    regions: regionsFor(target),
    replicas: request.replicas,
    replicationMode: request.replicationMode,
    // Nobody gets a version by `latest` that has not proved itself.
    excludeFromLatest: request.excludeFromLatest || verify !== undefined,
    tags: verify ? withTags(tags, whereTag(verify.vm.id)) : tags,
    ...(request.storageAccountType && { storageAccountType: request.storageAccountType }),
    ...(request.endOfLife && { endOfLife: request.endOfLife }),
  };
};

/** The regions as they are made: one that is to be in `latest` on its own waits for the proof too. */
export const regionsFor = ({ regions, verify }: CaptureTarget): readonly TargetRegion[] =>
  verify ? regions.map(heldBack) : regions;

const heldBack = (region: TargetRegion): TargetRegion =>
  region.excludeFromLatest === false ? { ...region, excludeFromLatest: true } : region;

/** What was only needed to capture from goes once every region is known to be complete. */
export const tidied = ({ source, request }: CaptureTarget): Step[] =>
  source && request.waitFor === 'replicated' && temporariesOf(source).length > 0
    ? [step('delete', { label: 'temporary-source', of: temporariesOf(source) })]
    : [];

/** What the user asked to have deleted by name, once all else is well. */
export function lastly(
  target: CaptureTarget,
  {
    vm,
    attached,
    expired,
    verification,
  }: Pick<State, 'vm' | 'attached' | 'expired' | 'verification'>,
): Step[] {
  const { afterCapture, waitFor } = target.request;
  if (waitFor !== 'replicated' || verification?.passed === false) return [];
  // Another machine under the same name was not captured, and is not to be deleted.
  const own = vm !== undefined && vm.vmId === target.vmId;
  return [
    ...(expired.length > 0 ? [step('delete', { label: 'old-snapshots', of: expired })] : []),
    ...(afterCapture === 'delete' && own
      ? [
          step('delete', {
            label: 'captured-vm',
            of: [target.request.vm, ...attached],
          }),
        ]
      : []),
  ];
}

/** What this run made only to capture from, as far as it is there still. */
export const ownTemporaries = (target: CaptureTarget, { temporaries }: State) =>
  temporaries.filter((temporary) =>
    isProvenOurs(claimToTemporary(target, temporary.id), temporary),
  );

import { byOwner, type Claim, verdictOn } from '../domain/claim.ts';
import { type Definition, definitionAt, type ImageVersion } from '../domain/gallery.ts';
import type { Inventory } from '../domain/observed.ts';
import { ownerKey, ownerOf, SUFFIXES } from '../domain/owner.ts';
import { targetRegions, withReplicas } from '../domain/regions.ts';
import type { CaptureRequest } from '../domain/request.ts';
import { DISK, idBeside, nameOf, versionId } from '../domain/resource-id.ts';
import {
  isConfidential,
  onlySupports,
  securityTypeOf,
  takesVmOf,
} from '../domain/security-type.ts';
import { withTags } from '../domain/tags.ts';
import type { CaptureTarget } from '../domain/target.ts';
import { type Source, temporariesOf } from '../domain/version-order.ts';
import type { Vm } from '../domain/vm.ts';
import { asCaptured, hasBegun, newDisksOf } from './after-capture.ts';
import { captureNames, rollbackSnapshotsAmong } from './capture-names.ts';
import { chooseNumber } from './choose-number.ts';
import { makingTags, type Origin } from './origin.ts';
import { verifyPlanOf } from './resolve-verify.ts';

/** The request's owner when this machine is its source. */
export const captureOwner = (
  { operation, vm: source, definition, requestedVersion }: CaptureRequest,
  origin: Origin,
  { vmId: sourceInstance }: Pick<Vm, 'vmId'>,
): string =>
  ownerKey({ ...origin, operation, source, sourceInstance, definition, requestedVersion });

/**
 * The version this owner has made already, if any. When the VM is gone, a finished version of the
 * same request is taken: a later step of the workflow may have deleted the VM.
 */
export function ownVersion(
  request: CaptureRequest,
  origin: Origin,
  inventory: Inventory,
): ImageVersion | undefined {
  const { vm } = inventory;
  if (vm) {
    const claim = claimWith(vm, captureOwner(request, origin, vm));
    const verdicts: readonly string[] = ['ours', 'unproven', 'contradicted'];
    return inventory.versions.find((version) => verdicts.includes(verdictOn(claim, version)));
  }
  const asked = captureOwner(request, origin, { vmId: '' }).replace(/[^.]*$/, '');
  return inventory.versions.find(
    (version) =>
      ownerOf(version.tags)?.startsWith(asked) && version.provisioningState === 'Succeeded',
  );
}

/** What a version of this VM looks like. */
const claimWith = (vm: Vm, owner: string): Claim => ({
  owner,
  // Whatever the definition asks for.
  sources: SUFFIXES.flatMap((suffix) => {
    const { image, disks } = captureNames(vm, owner, suffix).sources;
    return [vm.id, image.image, ...temporariesOf(disks).slice(0, 1)];
  }),
  ...(vm.created && { since: vm.created }),
  sourceIsFinal: vm.generalized,
});

/**
 * Pins what the request leaves open: the version's number, the home region, the names of the
 * snapshots.
 *
 * While the build VM does not exist, the plan of a dry run takes it to be as the definition wants it.
 * What nobody can know stays open: the home region is empty, the regions are those that were named, and
 * names that depend on the machine say `<owner>`.
 *
 * @param suffix goes into the names of what is made, see `SUFFIXES`
 * @returns `undefined` when the inventory lacks what a target is made of; the preflight rules then
 * say what is missing
 */
export function resolveCapture(
  request: CaptureRequest,
  origin: Origin,
  inventory: Inventory,
  suffix = '',
  dryRun = false,
): CaptureTarget | undefined {
  const { definition } = inventory;
  const mine = ownVersion(request, origin, inventory);
  const number = mine ? mine.name : chooseNumber(request, inventory);
  if (!definition || !number) return undefined;
  const wanted = definitionAt(definition, number);
  const assumed = dryRun && !inventory.vm && !mine ? assumedVm(request.vm, wanted) : undefined;
  const now = inventory.vm ?? assumed;
  const known = now ? captureOwner(request, origin, now) : mine && ownerOf(mine.tags);
  const owner = assumed ? '<owner>' : known;
  const location = (now ?? mine)?.location ?? '';
  if (!owner || !(location || assumed)) return undefined;
  const { osState } = definition;
  const vm = now && asCaptured(now, inventory, owner);
  const kind = vm && sourceKind(wanted, vm, request.captureFrom);
  const version = versionId(definition.id, number);
  const tags = withTags(request.tags, makingTags(origin.provenance, request.vm, owner));
  const settings = request.verify;
  // Of a disk that others have replaced, what Azure tells of where these come from.
  const seen = [
    ...(inventory.restore?.roots ?? []).flatMap((root) => root.ancestors),
    ...inventory.disks,
  ];
  const names = vm && captureNames(vm, owner, suffix, seen);
  // When the VM is gone already, those that were taken of it.
  const rollback =
    names?.rollback ?? rollbackSnapshotsAmong(inventory.snapshotsBeside, request.vm, owner);
  const snapshots = request.snapshot ? rollback : [];
  const isChanged =
    mine !== undefined || (now !== undefined && hasBegun({ osState, request, owner }, now));
  return {
    operation: 'capture',
    request,
    owner,
    claim: vm ? claimWith(vm, owner) : byOwner(owner),
    vmId: vm?.vmId ?? '',
    location,
    osState,
    version,
    regions: assumed
      ? withReplicas(request.regions, request.replicas)
      : targetRegions(location, request.regions, request.replicas),
    snapshots,
    newDisks:
      vm && request.afterCapture === 'restore'
        ? newDisksOf(vm, inventory, { snapshots, owner, isChanged })
        : [],
    ...(kind && names && { source: names.sources[kind] }),
    tags,
    ...(settings && {
      verify: verifyPlanOf({ settings, version, location, definition, buildVm: vm, tags }),
    }),
    ...(assumed && { assumedVm: assumed }),
  };
}

/**
 * How this VM can become a version of this definition; `undefined` when it cannot at all, or when
 * nobody knows, for want of a security type that is known.
 *
 * A definition that only supports a security type takes no VM. A Standard VM then goes by way of a
 * managed image. A Trusted Launch VM cannot become one (packer#13189); its disks
 * are taken only when the user insists, since sources disagree whether Azure accepts them.
 */
export function sourceKind(
  definition: Definition,
  vm: Vm,
  asked: CaptureRequest['captureFrom'],
): Exclude<Source['from'], 'version'> | undefined {
  if (takesVmOf(definition.securityType) === vm.securityType)
    return asked === 'disks' ? 'disks' : 'vm';
  const known = securityTypeOf(vm.securityType);
  if (!onlySupports(definition.securityType) || !known || isConfidential(vm.securityType))
    return undefined;
  if (asked === 'disks') return 'disks';
  return asked === 'auto' && !known.guestState ? 'image' : undefined;
}

/** The plainest VM that can become a version of this definition: running, with one disk. */
function assumedVm(id: string, definition: Definition): Vm {
  const disk = idBeside(id, DISK, '<os-disk>');
  return {
    id,
    name: nameOf(id),
    location: '',
    vmId: '',
    osType: definition.osType,
    securityType: takesVmOf(definition.securityType) ?? 'Standard',
    generation: definition.generation,
    provisioningState: 'Succeeded',
    power: 'running',
    generalized: false,
    extensionsAllowed: true,
    busyExtensions: [],
    extensions: [],
    bootDiagnostics: false,
    hibernation: definition.hibernation,
    size: '',
    tags: {},
    osDisk: { id: disk, name: nameOf(disk), ephemeral: false },
    dataDisks: [],
    nics: [],
  };
}

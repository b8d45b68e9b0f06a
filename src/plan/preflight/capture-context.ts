import { definitionAt } from '../../domain/features.ts';
import { formatVersion } from '../../domain/image-version.ts';
import {
  type AttachedDisk,
  type Definition,
  type Disk,
  disksOf,
  type ImageVersion,
  type Inventory,
  type Vm,
} from '../../domain/observed.ts';
import { deprovisionMark, hasBegunDeprovision } from '../../domain/owner.ts';
import { type TargetRegion, targetRegions, withReplicas } from '../../domain/regions.ts';
import { nameOf, sameId } from '../../domain/resource-id.ts';
import { isConfidential } from '../../domain/security-type.ts';
import { captureNeeds } from '../needed-rights.ts';
import { chooseNumber } from '../resolve.ts';
import { contextOf, type RuleContext, type Known as Seen } from './context.ts';
import { onFeatures } from './features-from.ts';
import { about, type Rule, type RuleAbout } from './rule.ts';

type Known = Pick<Seen<'capture'>, 'request' | 'inventory' | 'target'>;

/**
 * Draws together what the rules of a capture look at.
 *
 * @param mine the version this run has made already: the VM's part is then over, its rules do not apply
 */
export function captureContext(
  seen: Seen<'capture'>,
  mine: ImageVersion | undefined,
): RuleContext<'capture'> {
  const known = { ...seen, inventory: forVersion(seen) };
  const { request, target } = known;
  const { vm } = known.inventory;
  const { definition, storageAccountType, endOfLife } = request;
  const needs = mine ? [] : needsOf(known);
  const regions = mine ? [] : (target?.regions ?? askedRegions(known));
  return {
    ...contextOf<'capture'>(known, needs, {
      vm: !vm && !mine,
      regions: known.inventory.regions === undefined,
    }),
    definition,
    ...numberOf(known),
    ...(!mine && namesakeOf(known)),
    ...(vm &&
      isConfidential(vm.securityType) &&
      !mine && {
        confidential: { what: `\`${vm.name}\` is a confidential VM`, home: vm.location },
      }),
    made: mine !== undefined,
    regions,
    added: regions,
    entersLatest: !request.excludeFromLatest,
    ...(storageAccountType && { storageAccountType }),
    ...(endOfLife && !mine && { endOfLife }),
  };
}

/** The number of the version that the run makes. */
const versionOf = ({ request, inventory, target }: Known): string | undefined =>
  target ? nameOf(target.version) : chooseNumber(request, inventory);

/** What was seen, with the features that the definition has for the version. */
function forVersion(known: Known): Inventory {
  const { inventory } = known;
  const { definition } = inventory;
  return definition
    ? { ...inventory, definition: definitionAt(definition, versionOf(known)) }
    : inventory;
}

/** The regions of a capture that cannot be resolved, its home region where the VM tells. */
const askedRegions = ({
  request: { regions, replicas },
  inventory: { vm },
}: Known): TargetRegion[] =>
  vm ? targetRegions(vm.location, regions, replicas) : withReplicas(regions, replicas);

function needsOf({ request, inventory, target }: Known) {
  const osState = inventory.definition?.osState;
  const source = target?.source?.from;
  const osType = inventory.vm?.osType;
  return captureNeeds({
    request,
    ...(osState && { osState }),
    ...(source && { source }),
    ...(osType && { osType }),
  });
}

/** The number that the request names, and whether there is none that it could mean. */
function numberOf({ request, inventory }: Known) {
  const { version } = request;
  return {
    ...(version.choose === 'exactly' && { number: formatVersion(version.number) }),
    numberExhausted:
      inventory.definition !== undefined && chooseNumber(request, inventory) === undefined,
  };
}

function namesakeOf(known: Known) {
  const { number } = numberOf(known);
  const namesake = known.inventory.versions.find(({ name }) => name === number);
  return namesake ? { namesake } : {};
}

/** A rule about the VM, moot once this run has its version. */
export const onVm = about<Vm, 'capture'>(['vm'], ({ made, inventory }) => !made && inventory.vm);

interface Pair {
  readonly vm: Vm;
  readonly osDisk: Disk | undefined;
  readonly definition: Definition;
}

/** A rule about the VM and the definition, moot once this run has its version. */
export const onPair = about<Pair, 'capture'>(
  ['vm'],
  ({ made, inventory: { vm, definition, disks } }) =>
    !made &&
    vm &&
    definition && { vm, definition, osDisk: disks.find(({ id }) => sameId(id, vm.osDisk.id)) },
);

/** The same of its features, which depend on the number of the version. */
export const onVersionFeatures = (rule: RuleAbout<Pair, 'capture'>): Rule<'capture'> =>
  onPair({
    ...rule,
    check: ({ definition, ...pair }, context) =>
      onFeatures(definition, versionOf(context), context.request.version, (stage) =>
        rule.check({ ...pair, definition: stage }, context),
      ),
  });

/** The VM's disks that are so, OS disk first. */
export const disksThat = (
  vm: Vm,
  { disks }: Inventory,
  is: (disk: Disk, lun: number | undefined) => boolean,
): AttachedDisk[] =>
  disksOf(vm).filter(({ id, lun }) => disks.some((disk) => sameId(disk.id, id) && is(disk, lun)));

/** A generalized image needs a deprovisioned guest; a specialized one keeps its identity. */
export const needsProof = ({ inventory }: RuleContext<'capture'>): boolean =>
  inventory.definition?.osState === 'Generalized';

/** Whether something is to be run in the guest of a VM that is not generalized yet. */
export const scriptsRun = (context: RuleContext<'capture'>, vm: Vm): boolean =>
  !vm.generalized && needsProof(context) && context.request.deprovision !== 'never';

/** Whether this run, in an earlier attempt, has begun to deprovision the VM. */
export const changedByUs = ({ target }: RuleContext<'capture'>, vm: Vm): boolean =>
  target !== undefined && hasBegunDeprovision(target.owner, vm.tags);

/** Whether an earlier attempt of this run has spoken to the guest: what is busy there may be its own. */
export const spokenToByUs = ({ target }: RuleContext<'capture'>, vm: Vm): boolean =>
  target !== undefined && deprovisionMark(vm.tags)?.owner === target.owner;

import { defined } from '../../domain/defined.ts';
import { definitionAt } from '../../domain/features.ts';
import { formatVersion } from '../../domain/image-version.ts';
import {
  type AttachedDisk,
  type Disk,
  disksOf,
  type ImageVersion,
  type Inventory,
  type Vm,
} from '../../domain/observed.ts';
import { hasBegunDeprovision } from '../../domain/owner.ts';
import { type TargetRegion, targetRegions, withReplicas } from '../../domain/regions.ts';
import { nameOf, sameId } from '../../domain/resource-id.ts';
import { isConfidential } from '../../domain/security-type.ts';
import { runThatGaveOs } from '../after-capture.ts';
import { captureNeeds } from '../needed-rights.ts';
import { chooseNumber } from '../resolve.ts';
import { contextOf, type Known, type RuleContext } from './context.ts';

type Seen = Pick<Known<'capture'>, 'request' | 'inventory' | 'target'>;

/**
 * Draws together what the rules of a capture look at.
 *
 * @param mine the version this run has made already: the VM's part is then over, its rules do not apply
 */
export function captureContext(
  seen: Known<'capture'>,
  mine: ImageVersion | undefined,
): RuleContext<'capture'> {
  const { request, target } = seen;
  const chosen = versionOf(seen);
  const definition = seen.inventory.definition && definitionAt(seen.inventory.definition, chosen);
  const inventory = { ...seen.inventory, definition };
  const known = { ...seen, inventory };
  const { vm, versions } = inventory;
  const { storageAccountType, endOfLife, version } = request;
  const number = version.choose === 'exactly' ? formatVersion(version.number) : undefined;
  const namesake = versions.find(({ name }) => name === number);
  const regions = mine ? [] : (target?.regions ?? askedRegions(known));
  return {
    ...contextOf<'capture'>(known, mine ? [] : needsOf(known), {
      vm: !vm && !mine,
      // They are only listed where another run has given the VM its OS disk.
      disks: !mine && vm !== undefined && runThatGaveOs(vm) !== undefined && !inventory.detached,
      regions: inventory.regions === undefined,
    }),
    definition: request.definition,
    ...(chosen && { version: chosen }),
    numberExhausted: definition !== undefined && chooseNumber(request, inventory) === undefined,
    made: mine !== undefined,
    regions,
    added: regions,
    entersLatest: !request.excludeFromLatest,
    ...(storageAccountType && { storageAccountType }),
    ...(!mine && {
      ...(namesake && { namesake }),
      ...(endOfLife && { endOfLife }),
      ...(vm &&
        isConfidential(vm.securityType) && {
          confidential: { what: `\`${vm.name}\` is a confidential VM`, home: vm.location },
        }),
    }),
  };
}

/** The number of the version that the run makes. */
const versionOf = ({ request, inventory, target }: Seen): string | undefined =>
  target ? nameOf(target.version) : chooseNumber(request, inventory);

/** The regions of a capture that cannot be resolved, its home region where the VM tells. */
const askedRegions = ({
  request: { regions, replicas },
  inventory: { vm },
}: Seen): TargetRegion[] =>
  vm ? targetRegions(vm.location, regions, replicas) : withReplicas(regions, replicas);

const needsOf = ({ request, inventory, target }: Seen) =>
  captureNeeds(
    defined({
      request,
      osState: inventory.definition?.osState,
      source: target?.source?.from,
      osType: inventory.vm?.osType,
    }),
  );

/** The VM's disks that are so, OS disk first. */
export const disksThat = (
  vm: Vm,
  { disks }: Inventory,
  is: (disk: Disk, lun: number | undefined) => boolean,
): AttachedDisk[] =>
  disksOf(vm).filter(({ id, lun }) => disks.some((disk) => sameId(disk.id, id) && is(disk, lun)));

/** Whether this run, in an earlier attempt, has begun to deprovision the VM. */
export const changedByUs = ({ target }: RuleContext<'capture'>, vm: Vm): boolean =>
  target !== undefined && hasBegunDeprovision(target.owner, vm.tags);

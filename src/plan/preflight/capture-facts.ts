import { formatVersion } from '../../domain/image-version.ts';
import type { Vm } from '../../domain/observed.ts';
import { hasBegunDeprovision } from '../../domain/owner.ts';
import { type TargetRegion, targetRegions, withReplicas } from '../../domain/regions.ts';
import { isConfidential } from '../../domain/security-type.ts';
import { runThatGaveOs } from '../after-capture.ts';
import { neededRights } from '../needed-rights.ts';
import { chooseNumber, ownVersion } from '../resolve.ts';
import type { Facts, Known, RuleContext } from './context.ts';

/** The VM's part is over once this run has made its version: its rules do not apply then. */
export function captureFacts(known: Known<'capture'>): Facts {
  const { request, target, inventory, origin } = known;
  const { vm, versions, definition } = inventory;
  const { version } = request;
  const mine = ownVersion(request, origin, inventory);
  const number = version.choose === 'exactly' ? formatVersion(version.number) : undefined;
  const namesake = versions.find(({ name }) => name === number);
  const regions = mine ? [] : (target?.regions ?? askedRegions(known));
  return {
    definition: request.definition,
    made: mine !== undefined,
    neededRights: mine ? [] : neededRights(request, { vm, definition, from: target?.source?.from }),
    lacks: {
      vm: !vm && !mine,
      // They are only listed where another run has given the VM its OS disk.
      disks: !mine && vm !== undefined && runThatGaveOs(vm) !== undefined && !inventory.detached,
      regions: inventory.regions === undefined,
    },
    numberExhausted: definition !== undefined && chooseNumber(request, inventory) === undefined,
    regions,
    added: regions,
    entersLatest: !request.excludeFromLatest,
    storageAccountType: request.storageAccountType,
    endOfLife: mine ? undefined : request.endOfLife,
    namesake: mine ? undefined : namesake,
    confidential:
      !mine && vm && isConfidential(vm.securityType)
        ? { what: `\`${vm.name}\` is a confidential VM`, home: vm.location }
        : undefined,
  };
}

/** The regions of a capture that cannot be resolved, its home region where the VM tells. */
const askedRegions = ({
  request: { regions, replicas },
  inventory: { vm },
}: Known<'capture'>): TargetRegion[] =>
  vm ? targetRegions(vm.location, regions, replicas) : withReplicas(regions, replicas);

/** Whether this run, in an earlier attempt, has begun to deprovision the VM. */
export const changedByUs = ({ target }: RuleContext<'capture'>, vm: Vm): boolean =>
  target !== undefined && hasBegunDeprovision(target.owner, vm.tags);

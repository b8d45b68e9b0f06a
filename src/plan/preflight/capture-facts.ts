import type { Lock } from '../../domain/circumstances.ts';
import {
  type Definition,
  type Disk,
  disksOf,
  type ImageVersion,
  type Survey,
  type Vm,
} from '../../domain/observed.ts';
import { deprovisionMark } from '../../domain/owner.ts';
import type { TargetRegion } from '../../domain/regions.ts';
import type { CaptureRequest } from '../../domain/request.ts';
import { sameId } from '../../domain/resource-id.ts';
import type { CaptureTarget } from '../../domain/target.ts';
import type { Found, Need, Rule } from './rule.ts';

/** What the rules of a capture look at. */
export interface CaptureFacts {
  readonly request: CaptureRequest;
  readonly survey: Survey;
  /** What the survey resolves to; absent when too much is missing. */
  readonly target: CaptureTarget | undefined;
  /** The version this run has made already: the VM's part is then over, its rules do not apply. */
  readonly mine: ImageVersion | undefined;
  /** Nothing will be done: what is built later may be missing. */
  readonly dryRun: boolean;
  /** The target's regions; without a VM those that the request names. */
  readonly regions: readonly TargetRegion[];
  /** Resource IDs that the plan deletes. */
  readonly deletions: readonly string[];
  /** Locks on, above and below them; absent when they may not be read. */
  readonly locks?: readonly Lock[];
}

/** What Azure did not show of what the rules look at. */
export function lackingOf({ survey, mine, locks }: CaptureFacts): Need[] {
  const lacking: Record<Need, boolean> = {
    vm: !survey.vm && !mine,
    regions: survey.regions === undefined,
    'encryption-sets': survey.encryptionSets === undefined,
    locks: locks === undefined,
    rights: survey.rights.length === 0,
  };
  return (Object.keys(lacking) as Need[]).filter((need) => lacking[need]);
}

export type CaptureRule = Rule<CaptureFacts>;

type Check = (facts: CaptureFacts) => Found | undefined;

/** A check that is moot once this run has its version. */
export const unlessMade =
  (check: Check): Check =>
  (facts) =>
    facts.mine ? undefined : check(facts);

interface OnVm {
  readonly vm: Vm;
  readonly facts: CaptureFacts;
}

/** A check that is about the VM, and that is moot once this run has its version. */
export const onVm = (check: (on: OnVm) => Found | undefined): Check =>
  unlessMade((facts) => facts.survey.vm && check({ vm: facts.survey.vm, facts }));

interface OnPair extends OnVm {
  readonly osDisk: Disk | undefined;
  readonly definition: Definition;
}

/** A check of the VM against the definition, moot once this run has its version. */
export const onPair = (check: (on: OnPair) => Found | undefined): Check =>
  onVm(({ vm, facts }) => {
    const { definition, disks } = facts.survey;
    const osDisk = disks.find((disk) => sameId(disk.id, vm.osDisk.id));
    return definition && check({ vm, facts, osDisk, definition });
  });

/** The VM's disks that are so, by name, OS disk first. */
export const disksThat = (
  { survey: { disks } }: CaptureFacts,
  vm: Vm,
  is: (disk: Disk, lun: number | undefined) => boolean,
): string[] =>
  disksOf(vm).flatMap(({ id, name, lun }) =>
    disks.some((disk) => sameId(disk.id, id) && is(disk, lun)) ? [name] : [],
  );

/** A generalized image needs a deprovisioned guest; a specialized one keeps its identity. */
export const needsProof = ({ survey }: CaptureFacts): boolean =>
  survey.definition?.osState === 'Generalized';

/** Whether something is to be run in the guest of a VM that is not generalized yet. */
export const scriptsRun = (facts: CaptureFacts, vm: Vm): boolean =>
  !vm.generalized && needsProof(facts) && facts.request.deprovision !== 'never';

/** Whether this run, in an earlier attempt, has begun to deprovision the VM. */
export const changedByUs = ({ target }: CaptureFacts, vm: Vm): boolean =>
  target !== undefined && deprovisionMark(vm.tags)?.owner === target.owner;

/** `is` or `has` for one, `are` or `have` for more. */
export const number = (count: number, one: string, more: string): string =>
  count === 1 ? one : more;

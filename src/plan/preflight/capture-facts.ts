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
import { type TargetRegion, targetRegions } from '../../domain/regions.ts';
import type { CaptureRequest } from '../../domain/request.ts';
import { sameId } from '../../domain/resource-id.ts';
import type { CaptureTarget } from '../../domain/target.ts';
import { captureNeeds } from '../needed-rights.ts';
import { type Step, writesOf } from '../plan.ts';
import { type CommonFacts, commonLacks, needsAmong, unlessMade } from './common-facts.ts';
import type { Found, Need, Rule } from './rule.ts';

/** What the rules of a capture look at. */
export interface CaptureFacts extends CommonFacts {
  readonly request: CaptureRequest;
  readonly survey: Survey;
  /** What the survey resolves to; absent when too much is missing. */
  readonly target: CaptureTarget | undefined;
  /** Nothing will be done: what is built later may be missing. */
  readonly dryRun: boolean;
}

/** What was seen, and what came of it. */
export interface CaptureKnown
  extends Pick<CaptureFacts, 'request' | 'survey' | 'target' | 'dryRun'> {
  /** The version this run has made already: the VM's part is then over, its rules do not apply. */
  readonly mine: ImageVersion | undefined;
  readonly steps: readonly Step[];
  readonly locks?: readonly Lock[] | undefined;
}

export function captureFacts({ mine, steps, locks, ...known }: CaptureKnown): CaptureFacts {
  const { request, target } = known;
  const { definition, storageAccountType, endOfLife } = request;
  const regions = mine ? [] : (target?.regions ?? askedRegions(known));
  return {
    ...known,
    definition,
    made: mine !== undefined,
    regions,
    added: regions,
    entersLatest: !request.excludeFromLatest,
    needs: mine ? [] : needsOf(known),
    ...writesOf(steps),
    ...(storageAccountType && { storageAccountType }),
    ...(endOfLife && !mine && { endOfLife }),
    ...(locks && { locks }),
  };
}

/** The regions of a capture that cannot be resolved, its home region where the VM tells. */
const askedRegions = ({
  request: { regions, replicas },
  survey: { vm },
}: Omit<CaptureKnown, 'mine' | 'steps'>): TargetRegion[] =>
  vm
    ? targetRegions(vm.location, regions, replicas)
    : regions.map((choice) => ({ replicas, ...choice }));

function needsOf({ request, survey, target }: Omit<CaptureKnown, 'mine' | 'steps'>) {
  const osState = survey.definition?.osState;
  const source = target?.source?.from;
  const osType = survey.vm?.osType;
  return captureNeeds({
    request,
    ...(osState && { osState }),
    ...(source && { source }),
    ...(osType && { osType }),
  });
}

/** What Azure did not show of what the rules look at. */
export const lackingOf = (facts: CaptureFacts): Need[] =>
  needsAmong({ vm: !facts.survey.vm && !facts.made, ...commonLacks(facts) });

export type CaptureRule = Rule<CaptureFacts>;

type Check = (facts: CaptureFacts) => Found | undefined;

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

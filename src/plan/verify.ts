import { type Definition, definitionAt, type ImageVersion } from '../domain/gallery.ts';
import type { State } from '../domain/observed.ts';
import { defined } from '../domain/plain-objects.ts';
import type { TargetRegion } from '../domain/regions.ts';
import { nameOf } from '../domain/resource-id.ts';
import { isConfidential, isTrustedLaunch, takesVmOf } from '../domain/security-type.ts';
import { type Tags, withTags } from '../domain/tags.ts';
import type { CaptureTarget, PromoteTarget, VerifyTarget } from '../domain/target.ts';
import type { ThrowAwayVm } from '../domain/throw-away.ts';
import { madeOfTag, throwAwayId, whereTag } from '../domain/throw-away.ts';
import {
  passedVerification,
  recordTags,
  VERIFICATION_TAG,
  type VerifyPlan,
  type VerifySettings,
} from '../domain/verification.ts';
import { holds, NO_CHANGE } from '../domain/version-change.ts';
import type { Architecture, Vm } from '../domain/vm.ts';
import { deletion, inOrder, waiting } from './common-steps.ts';
import { type Step, step } from './plan.ts';
import { hasWaited } from './replicated.ts';

/*
 * Replication and the boot overlap, though a plan is a list: it waits for the home region, boots there
 * and only then waits for the others, which Azure copies to meanwhile.
 */

/** The regions as they are made: one that is to be in `latest` on its own waits for the proof too. */
export const untilProven = (
  regions: readonly TargetRegion[],
  verify: VerifyPlan | undefined,
): readonly TargetRegion[] =>
  regions.map((region) =>
    verify && region.excludeFromLatest === false ? { ...region, excludeFromLatest: true } : region,
  );

/** What a verification looks at each round. */
export type ProvingState = Pick<
  State,
  'version' | 'verification' | 'throwAways' | 'othersThrowAways'
>;

/**
 * The steps from a version that its home region holds to a verdict, and the end of the throw-away VM.
 * When the verdict is there, only that end is left.
 */
export function proving(
  { vm, script, timeoutSeconds }: VerifyPlan,
  { verification, throwAways = [], othersThrowAways = [] }: ProvingState,
): Step[] {
  if (verification) return deletion('verify-vm', throwAways);
  return [
    // What another run is at work with is waited for, not deleted.
    ...deletion('earlier-verify-vm', [...throwAways, ...othersThrowAways]),
    step('verify', defined({ vm, timeoutSeconds, script })),
    ...deletion('verify-vm', [vm.id]),
  ];
}

/**
 * The steps to a verdict, from a version that Azure has accepted: the home region is waited for first.
 * None where the version is not verified.
 */
export function provingAtHome(
  target: CaptureTarget | PromoteTarget,
  seen: ProvingState,
  regions: readonly TargetRegion[],
): Step[] {
  const { verify, location } = target;
  if (!verify) return [];
  const { version, verification } = seen;
  const isThere = version !== undefined && hasWaited('home', location, version);
  return inOrder(
    !verification && !isThere && waiting('home', target, { regions }, 'home'),
    proving(verify, seen),
  );
}

/**
 * The tags that record what is known; none where the version has passed already. What is not known yet is
 * `pending`, which stands in plans alone: a verification ends its plan.
 *
 * @param alone nothing but the record is written: `latest` stays as it is
 */
export function recording(
  { script }: Pick<VerifyPlan, 'script'>,
  { verification }: ProvingState,
  version: ImageVersion | undefined,
  alone = false,
) {
  if (!version || !verification) return { [VERIFICATION_TAG]: 'pending' };
  if (verification.passed && passedVerification(version, script)) return {};
  return recordTags(version, script, verification, alone);
}

/** The steps to a verdict on a version, whoever made it, and to its record; empty when it is there. */
export function planVerify(target: VerifyTarget, seen: State): Step[] {
  const { verify, version: id, location, regions } = target;
  const { version, verification, throwAways = [] } = seen;
  if (!version) return deletion('verify-vm', throwAways);
  const home = { version: id, home: location, regions, until: 'home' } as const;
  const where = { ...NO_CHANGE, tags: whereTag(verify.vm.id) };
  const record = { ...NO_CHANGE, tags: recording(verify, seen, version, true) };
  const isThere = hasWaited('home', location, version);
  return inOrder(
    !verification && !isThere && step('replicate', { label: 'home', ...home }),
    !verification &&
      !holds(version, where) &&
      step('update', { label: 'verify-vm', version: id, change: where }),
    proving(verify, seen),
    !(verification && holds(version, record)) &&
      step('update', { label: 'record', version: id, change: record }),
  );
}

/** Small sizes that most subscriptions have, where there is no build VM to take the size of. */
const SIZES: Readonly<Record<Architecture, string>> = {
  x64: 'Standard_D2s_v5',
  Arm64: 'Standard_D2ps_v5',
};
const CONFIDENTIAL_SIZE = 'Standard_DC2as_v5';

/** The throw-away VM as the definition demands it. */
export function verifyPlanOf({
  settings,
  version,
  location,
  buildVm,
  tags,
  ...known
}: {
  readonly settings: VerifySettings;
  /** Resource ID. */
  readonly version: string;
  readonly location: string;
  readonly definition: Definition;
  /** What the image was, or is to be, made of, if that is still there. */
  readonly buildVm: Vm | undefined;
  readonly tags: Tags;
}): VerifyPlan {
  const definition = definitionAt(known.definition, nameOf(version));
  const securityType = securityTypeFor(definition, buildVm);
  const fallback = isConfidential(securityType)
    ? CONFIDENTIAL_SIZE
    : SIZES[definition.architecture];
  const { subnet, script, timeoutSeconds, onFailure } = settings;
  const luns = (buildVm?.dataDisks ?? []).flatMap(({ lun }) => lun ?? []);
  const vm: ThrowAwayVm = defined({
    id: throwAwayId(version, settings.group),
    version,
    location,
    size: settings.size || buildVm?.size || fallback,
    subnet,
    osType: definition.osType,
    osState: definition.osState,
    securityType,
    diskController: controllerFor(definition, buildVm, settings.size),
    dataDisks: luns.length > 0 ? luns : undefined,
    plan: definition.plan,
    tags: withTags(tags, madeOfTag(version)),
  });
  return defined({ vm, timeoutSeconds, onFailure, script });
}

/** What the definition demands; where it only supports a type, what the build VM was. */
function securityTypeFor({ securityType }: Definition, buildVm: Vm | undefined): string {
  const demanded = takesVmOf(securityType);
  if (demanded) return demanded;
  const own = buildVm?.securityType ?? 'Standard';
  return isTrustedLaunch(own) && securityType.includes('TrustedLaunch') ? own : 'Standard';
}

/** `NVMe` where the build VM has it, or the definition takes nothing else; Azure's default is SCSI. */
function controllerFor(
  { diskControllers }: Definition,
  buildVm: Vm | undefined,
  size: string | undefined,
): string | undefined {
  const takes = (name: string) => diskControllers.some((each) => each.toUpperCase() === name);
  if (!takes('NVME')) return undefined;
  const isOwnSize = !size || size.toLowerCase() === buildVm?.size.toLowerCase();
  const isNvme = buildVm?.diskController?.toUpperCase() === 'NVME';
  return !takes('SCSI') || (isOwnSize && isNvme) ? 'NVMe' : undefined;
}

import { type Definition, definitionAt } from '../domain/gallery.ts';
import { defined } from '../domain/plain-objects.ts';
import { nameOf } from '../domain/resource-id.ts';
import { isConfidential, isTrustedLaunch, takesVmOf } from '../domain/security-type.ts';
import { type Tags, withTags } from '../domain/tags.ts';
import { madeOfTag, type ThrowAwayVm, throwAwayId } from '../domain/throw-away.ts';
import type { VerifyPlan, VerifySettings } from '../domain/verification.ts';
import type { Architecture, Vm } from '../domain/vm.ts';

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

/**
 * The encryption of a version's regions: what Azure refuses of it. Texts, where nothing else is
 * said: troubleshooting-shared-images.md; status and code inferred.
 */
import type { Arm } from '../../arm.ts';
import { parseId } from '../../arm-id.ts';
import { armError, invalidParameter, propertyChangeNotAllowed } from '../../errors.ts';
import { type JsonObject, numberAt, objectAt, objectsAt, textAt } from '../../json.ts';
import type { Resource } from '../../world.ts';
import { securityTypeOf } from './refusals.ts';
import type { Source } from './sources.ts';
import { sameRegion } from './targets.ts';

const root = 'galleryImageVersion.properties.publishingProfile.targetRegions';

/** Regions that a version is to have. */
interface WantedRegions {
  readonly definition: Resource;
  readonly location: string;
  /** As completed by Azure: regions by display name. */
  readonly targets: readonly JsonObject[];
}

/** A version that is to be made. */
interface Wanted extends WantedRegions {
  readonly source: Source;
}

/** Throws what is refused at once. */
export function requireEncryption(arm: Arm, wanted: Wanted): void {
  for (const target of wanted.targets) requireLuns(target, wanted.source);
  requireRegionKeys(arm, wanted);
  requireCustomerKeys(wanted);
}

/** Throws what is refused of the regions alone; taken to be the same of a version and its update. */
function requireRegionKeys(arm: Arm, wanted: WantedRegions): void {
  for (const target of wanted.targets) {
    requireOnce(target);
    for (const id of setsOf(target)) requireSet(arm, id, target, wanted.definition);
  }
  requireEvenSets(wanted.targets);
  requireConfidential(wanted);
}

/**
 * Throws what an update is refused. How a region is encrypted is decided when it is added
 * (wording invented).
 */
export function requireSameEncryption(
  arm: Arm,
  wanted: WantedRegions,
  before: readonly JsonObject[],
): void {
  for (const target of wanted.targets) {
    const kept = before.find((each) => sameRegion(each.name, target.name));
    if (kept !== undefined && keysOf(kept) !== keysOf(target))
      throw propertyChangeNotAllowed(`${root}.encryption`);
  }
  requireRegionKeys(arm, wanted);
}

/** The sets of a region, and its confidential encryption, as one text. */
function keysOf(target: JsonObject): string {
  const { osDiskImage } = objectAt(target, 'encryption');
  const data = objectsAt(target, 'encryption', 'dataDiskImages').map((disk) => [
    numberAt(disk, 'lun'),
    textAt(disk, 'diskEncryptionSetId'),
  ]);
  const profile = objectAt({ osDiskImage }, 'osDiskImage', 'securityProfile');
  return JSON.stringify([
    textAt({ osDiskImage }, 'osDiskImage', 'diskEncryptionSetId'),
    profile.confidentialVMEncryptionType,
    profile.secureVMDiskEncryptionSetId,
    data.sort(),
  ]).toLowerCase();
}

/** Disk encryption sets that a region names. */
function setsOf(target: JsonObject): string[] {
  const encryption = objectAt(target, 'encryption');
  const os = objectAt(encryption, 'osDiskImage');
  return [
    textAt(os, 'diskEncryptionSetId'),
    textAt(os, 'securityProfile', 'secureVMDiskEncryptionSetId'),
    ...objectsAt(encryption, 'dataDiskImages').map((disk) => textAt(disk, 'diskEncryptionSetId')),
  ].filter((id) => id !== undefined);
}

function requireSet(arm: Arm, id: string, target: JsonObject, definition: Resource): void {
  const { subscriptionId } = parseId(definition.id);
  if (parseId(id).subscriptionId?.toLowerCase() !== subscriptionId?.toLowerCase()) {
    throw invalidParameter(
      `The disk encryption set '${id}' must be in the same subscription '${subscriptionId}' as the ` +
        'gallery resource',
      root,
    );
  }
  const set = arm.world.get(id);
  if (set === undefined) {
    throw armError(404, 'NotFound', `The disk encryption set ${id} was not found`, {
      target: root,
    });
  }
  if (sameRegion(set.location, target.name)) return;
  // "Disk encryption sets can be used only in the same subscription and region"; wording invented.
  throw invalidParameter(
    `The disk encryption set '${id}' must be in the region '${textAt(target, 'name')}' that it encrypts in.`,
    root,
  );
}

/** Only of a VM: a single snapshot was taken with encryption for LUN 0 (recorded in 2022). */
function requireLuns(target: JsonObject, source: Source): void {
  if (source.kind !== 'virtualMachine') return;
  const luns = objectsAt(target, 'encryption', 'dataDiskImages').map((disk) =>
    numberAt(disk, 'lun'),
  );
  const known = source.disks.map(({ lun }) => lun).filter((lun) => lun !== undefined);
  const odd = luns.find((lun) => lun === undefined || !known.includes(lun));
  if (luns.length > 0 && odd !== undefined) {
    throw invalidParameter(
      `An invalid lun [${odd}] was specified in encryption.dataDiskImages. The lun must be one of the ` +
        `following values ['${known.join(',')}']`,
      root,
    );
  }
}

function requireOnce(target: JsonObject): void {
  const luns = objectsAt(target, 'encryption', 'dataDiskImages').map((disk) =>
    numberAt(disk, 'lun'),
  );
  const twice = luns.find((lun, index) => luns.indexOf(lun) !== index);
  if (twice === undefined) return;
  throw invalidParameter(
    `Duplicate luns '${twice}' were specified in target region '${textAt(target, 'name')}' ` +
      'encryption.dataDiskImages',
    root,
  );
}

/** What is encrypted by a set in one region must be in all. */
function requireEvenSets(targets: readonly JsonObject[]): void {
  const luns = targets.flatMap((target) =>
    objectsAt(target, 'encryption', 'dataDiskImages').map((disk) => numberAt(disk, 'lun')),
  );
  for (const lun of [undefined, ...new Set(luns)]) {
    const having = targets.find((target) => setFor(target, lun) !== undefined);
    const lacking = targets.find((target) => setFor(target, lun) === undefined);
    if (having === undefined || lacking === undefined) continue;
    const disk =
      lun === undefined
        ? 'galleryArtifactVersion.properties.publishingProfile.targetRegions.encryption.osDiskImage.diskEncryptionSetId'
        : `LUN ${lun}`;
    throw invalidParameter(
      `A disk encryption set is required for disk '${disk}' in target region '${textAt(lacking, 'name')}' ` +
        `since disk encryption set '${setFor(having, lun)}' is used for the corresponding disk in region ` +
        `'${textAt(having, 'name')}'`,
      root,
    );
  }
}

function setFor(target: JsonObject, lun: number | undefined): string | undefined {
  const encryption = objectAt(target, 'encryption');
  if (lun === undefined) return textAt(encryption, 'osDiskImage', 'diskEncryptionSetId');
  const image = objectsAt(encryption, 'dataDiskImages').find(
    (disk) => numberAt(disk, 'lun') === lun,
  );
  return textAt(image, 'diskEncryptionSetId');
}

/** (azure-cli#22995; packer-plugin-azure#373: code and target are in both.) */
function requireConfidential({ definition, location, targets }: WantedRegions): void {
  if (securityTypeOf(definition)?.toLowerCase() !== 'confidentialvm') return;
  const kind = (target: JsonObject) =>
    textAt(target, 'encryption', 'osDiskImage', 'securityProfile', 'confidentialVMEncryptionType');
  if (targets.some((target) => kind(target) === undefined)) {
    throw invalidParameter(
      'The regional encryption.osDiskImage.securityProfile.type must be specified when the SecurityType of ' +
        'the image definition is ConfidentialVM.',
      root,
    );
  }
  const away = targets.find(
    (target) => !sameRegion(target.name, location) && kind(target) !== 'NonPersistedTPM',
  );
  if (away === undefined) return;
  throw invalidParameter(
    `Only the home region '${location}' can be specified as a target region for Images with the ` +
      "ConfidentialVM feature unless the Confidential VM encryption type is set to 'NonPersistedTPM'.",
    root,
  );
}

/**
 * "Once CMK, always CMK", and no copies: "You can't copy or share images that use customer-managed
 * keys" (image-version-encryption.md); wording of what has no entry there invented.
 */
function requireCustomerKeys({ definition, source, targets }: Wanted): void {
  const ofSource = objectsAt(source.resource, 'properties', 'publishingProfile', 'targetRegions');
  if (source.kind === 'version' && ofSource.some((target) => setsOf(target).length > 0)) {
    throw invalidParameter(
      `Source '${source.id}' is encrypted with a customer-managed key and cannot be copied.`,
    );
  }
  const keyed = source.disks.filter(
    ({ resource }) =>
      textAt(resource, 'properties', 'encryption', 'diskEncryptionSetId') !== undefined,
  );
  if (keyed.length === 0) return;
  const mine = parseId(definition.id).subscriptionId;
  const theirs = parseId(source.id).subscriptionId;
  if (mine?.toLowerCase() !== theirs?.toLowerCase()) {
    throw invalidParameter(
      `Encrypted source: '${source.id}' is in a different subscription ID than the current gallery image ` +
        `version subscription '${mine}'. Please retry with an unencrypted source(s) or use the source's ` +
        `subscription '${theirs}' to create the gallery image version`,
    );
  }
  const lacking = targets.find((target) =>
    keyed.some(({ lun }) => setFor(target, lun) === undefined),
  );
  if (lacking === undefined) return;
  throw invalidParameter(
    `Source '${source.id}' is encrypted with a customer-managed key, and target region ` +
      `'${textAt(lacking, 'name')}' has no disk encryption set for it.`,
    root,
  );
}

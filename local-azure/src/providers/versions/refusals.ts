/**
 * Whether a definition takes a source. Some refusals come at once; most only after Azure has
 * accepted the request, and then the version stays behind as `Failed`.
 */
import type { Arm } from '../../arm.ts';
import { definitionAt } from '../../definition-features.ts';
import { type ErrorBody, invalidParameter, operationNotAllowed } from '../../errors.ts';
import {
  at,
  isObject,
  type JsonObject,
  numberAt,
  objectAt,
  objectsAt,
  textAt,
} from '../../json.ts';
import type { Resource } from '../../world.ts';
import type { Source } from './sources.ts';
import { requireSuitableDisks, uncopiableDisk } from './unsuitable-disks.ts';

/** Throws what is refused at once. */
export function requireSuitableSource(
  arm: Arm,
  definition: Resource,
  source: Source,
  profile: JsonObject,
): void {
  const wanted = securityTypeOf(definition);
  const isMachine = source.kind === 'virtualMachine';
  // A disk or snapshot that carries guest state (VMGS) is in the same case, it is said;
  // of versions the documentation says so.
  const stateOfVersion = source.kind === 'version' ? guestStateOf(arm, source.id) : undefined;
  const carriesGuestState =
    stateOfVersion !== undefined ||
    (arm.unknowns.guestStateForTrustedLaunchSupported === 'refused' &&
      source.kind === 'disks' &&
      textAt(source.resource, 'properties', 'securityProfile', 'securityType') !== undefined);
  if (wanted?.toLowerCase() === 'trustedlaunchsupported' && (isMachine || carriesGuestState)) {
    // (packer-plugin-azure#304.)
    throw invalidParameter(
      `The security type '${wanted}' is not supported for the source id '${source.id}'. Currently only Vhd ` +
        "Blob, User Image and Gallery Image Version sources are supported for 'TrustedLaunchSupported' images.",
      `galleryImageVersion.properties.storageProfile.source.${isMachine ? 'virtualMachineId' : 'id'}`,
    );
  }
  requireGuestState(source, wanted, stateOfVersion);
  requireSuitableDisks(source);
  requireShallowRules(source, profile);
  requireReadableSource(arm, source);
}

/** Security types whose images carry guest state, and which take no other. */
const withGuestState = ['trustedlaunch', 'confidentialvm'];

/** The security type of a version's definition, when its image so carries guest state. */
function guestStateOf(arm: Arm, version: string): string | undefined {
  const parent = arm.world.get(version.split('/').slice(0, -2).join('/'));
  const definition = definitionAt(parent, version.split('/').at(-1) ?? '');
  const type = definition && securityTypeOf(definition);
  return withGuestState.includes(type?.toLowerCase() ?? '') ? type : undefined;
}

/**
 * A version with guest state fits a definition of its own security type alone, and such a definition
 * nothing else; that versions are looked at so is inferred, wording
 * after `version.securitytype_source`.
 */
function requireGuestState(source: Source, wanted: string | undefined, has: string | undefined) {
  if (source.kind !== 'version') return;
  const wants = withGuestState.includes(wanted?.toLowerCase() ?? '') ? wanted : undefined;
  if (wants?.toLowerCase() === has?.toLowerCase()) return;
  throw invalidParameter(
    `The security type '${wanted ?? 'Standard'}' is not supported for the source id '${source.id}'.`,
    'galleryImageVersion.properties.storageProfile.source.id',
  );
}

/** Documented rules (packer-plugin-azure PR 383); codes and wording invented. */
function requireShallowRules(source: Source, profile: JsonObject): void {
  const sourceMode = textAt(source.resource, 'properties', 'publishingProfile', 'replicationMode');
  if (source.kind === 'version' && sourceMode === 'Shallow') {
    throw invalidParameter(
      `Source ${source.id} has replication mode 'Shallow' and cannot be copied.`,
    );
  }
  const targets = objectsAt(profile, 'targetRegions');
  const isSpread =
    targets.length > 1 || targets.some((each) => numberAt(each, 'regionalReplicaCount') !== 1);
  if (profile.replicationMode === 'Shallow' && isSpread) {
    throw invalidParameter(
      "Replication mode 'Shallow' allows only one target region, that of the source, and one replica.",
      'galleryImageVersion.properties.publishingProfile.targetRegions',
    );
  }
}

/** Whether a snapshot that denies all network access will do is not known; wording invented. */
function requireReadableSource(arm: Arm, source: Source): void {
  if (arm.unknowns.denyAllSnapshotAsSource === 'accepted' || source.kind !== 'disks') return;
  const denied = source.disks.find(
    ({ resource }) => textAt(resource, 'properties', 'networkAccessPolicy') === 'DenyAll',
  );
  if (denied === undefined) return;
  throw operationNotAllowed(
    `Access to ${denied.resource?.id ?? source.id} is denied by its networkAccessPolicy.`,
  );
}

/** What Azure finds wrong after it has accepted the request; undefined when nothing is. */
export function findMismatch(
  arm: Arm,
  definition: Resource,
  source: Source,
  profile: JsonObject,
): ErrorBody | undefined {
  const parent = definition.properties;
  const facts = factsOf(arm, source);
  const different = (
    what: string,
    mine: string | undefined,
    theirs: string | undefined,
  ): string | undefined =>
    mine === undefined || theirs === undefined || mine.toLowerCase() === theirs.toLowerCase()
      ? undefined
      : `The resource with id '${source.id}' has a different ${what} ['${mine}'] than the parent gallery image`;
  const conflict = (message: string): ErrorBody => ({ code: 'Conflict', message });

  const generation = different(
    'Hypervisor generation',
    facts.hyperVGeneration,
    textAt(parent, 'hyperVGeneration'),
  );
  // (azure-docs#118774; recorded snapshots of another generation are taken.)
  if (generation !== undefined && source.kind !== 'disks') {
    return conflict(
      `${generation} Hypervisor generation ['${textAt(parent, 'hyperVGeneration')}'].`,
    );
  }
  const wanted = textAt(parent, 'osState');
  const state = different('OS state', facts.osState, wanted);
  // (troubleshooting-shared-images.md; taken to be what sources other than VMs get, stage and code inferred.)
  if (state !== undefined && source.kind !== 'virtualMachine') {
    const message =
      `Cannot create Gallery Image Version from: ${source.id} since the OS State in the parent ` +
      `gallery image (${wanted}) is not ${facts.osState}`;
    return { code: 'BadRequest', message };
  }
  // (azure-cli#24972; the stage is inferred from its siblings.)
  if (state !== undefined) {
    return { code: 'BadRequest', message: `${state} OS state ['${wanted}'].` };
  }
  const osType = different('OS type', facts.osType, textAt(parent, 'osType'));
  // (troubleshooting-shared-images.md; stage and code inferred. "generation" is Azure's slip.)
  if (osType !== undefined)
    return conflict(`${osType} OS type generation ['${textAt(parent, 'osType')}']`);
  const architecture = different(
    'architecture',
    facts.architecture,
    textAt(parent, 'architecture') ?? 'x64',
  );
  // Invented after its siblings.
  if (architecture !== undefined) {
    return conflict(`${architecture} architecture ['${textAt(parent, 'architecture') ?? 'x64'}'].`);
  }
  return (
    featureMismatch(definition, source) ??
    planMismatch(source, parent, facts.plan) ??
    uncopiableDisk(source, profile)
  );
}

/**
 * What the definition's features demand (shared-image-galleries.md, "Features": that such VMs cannot
 * be captured is documented, stage, code and wording are invented). Only a VM tells.
 */
function featureMismatch(definition: Resource, source: Source): ErrorBody | undefined {
  if (source.kind !== 'virtualMachine') return undefined;
  const feature = (name: string) => {
    const found = objectsAt(definition, 'properties', 'features').find(
      (each) => each.name === name,
    );
    return textAt(found, 'value') ?? '';
  };
  const refused = (what: string): ErrorBody => ({
    code: 'Conflict',
    message: `The resource with id '${source.id}' ${what} the parent gallery image.`,
  });
  const controller = textAt(source.resource, 'properties', 'storageProfile', 'diskControllerType');
  if (/nvme/i.test(controller ?? '') && !/nvme/i.test(feature('DiskControllerTypes'))) {
    return refused("has the disk controller type ['NVMe'], which is not among those of");
  }
  const os = source.disks.find((disk) => disk.lun === undefined)?.resource;
  const accelerated = at(os, 'properties', 'supportedCapabilities', 'acceleratedNetwork');
  return /true/i.test(feature('IsAcceleratedNetworkSupported')) && accelerated === false
    ? refused('does not support accelerated networking, unlike')
    : undefined;
}

/**
 * (troubleshooting-shared-images.md; stage and code inferred.) Whether a VM without a plan is refused by a
 * definition that has one is not documented; an exact match is asked for here. That a version
 * has the plan of its definition, and is looked at too, is inferred.
 */
function planMismatch(
  source: Source,
  parent: JsonObject,
  plan: JsonObject | undefined,
): ErrorBody | undefined {
  const shown = (each: unknown): string => (each === undefined ? 'null' : JSON.stringify(each));
  const key = (each: JsonObject | undefined) =>
    shown(each && [each.publisher, each.product, each.name]).toLowerCase();
  const parentPlan = isObject(parent.purchasePlan) ? parent.purchasePlan : undefined;
  const tells = source.kind === 'virtualMachine' || source.kind === 'version';
  if (!tells || key(plan) === key(parentPlan)) return undefined;
  return {
    code: 'Conflict',
    message:
      `The resource with id ${source.id} has a different plan ['${shown(plan)}'] than the parent gallery ` +
      `image plan ['${shown(parent.purchasePlan)}']`,
  };
}

interface Facts {
  readonly hyperVGeneration: string | undefined;
  readonly osState: string | undefined;
  readonly osType: string | undefined;
  readonly architecture: string | undefined;
  readonly plan: JsonObject | undefined;
}

/** A disk or snapshot does not tell its OS state, nor does a VHD anything. */
function factsOf(arm: Arm, source: Source): Facts {
  const { resource } = source;
  const osDisk = source.disks.find((disk) => disk.lun === undefined)?.resource;
  const own = objectAt(resource, 'properties');
  if (source.kind === 'version') return versionFacts(arm, source.id);
  const fromDisk = {
    hyperVGeneration: textAt(osDisk, 'properties', 'hyperVGeneration'),
    osType: textAt(osDisk, 'properties', 'osType'),
    architecture: textAt(osDisk, 'properties', 'supportedCapabilities', 'architecture'),
  };
  if (source.kind === 'virtualMachine') {
    const statuses = objectsAt(own, 'instanceView', 'statuses');
    const isGeneralized = statuses.some((status) => status.code === 'OSState/generalized');
    const plan = at(resource, 'plan');
    return {
      hyperVGeneration:
        fromDisk.hyperVGeneration ?? textAt(own, 'instanceView', 'hyperVGeneration'),
      osState: isGeneralized ? 'Generalized' : 'Specialized',
      osType: textAt(own, 'storageProfile', 'osDisk', 'osType') ?? fromDisk.osType,
      architecture: fromDisk.architecture,
      plan: plan === undefined ? undefined : objectAt({ plan }, 'plan'),
    };
  }
  if (source.kind === 'image') {
    return {
      hyperVGeneration: textAt(own, 'hyperVGeneration') ?? fromDisk.hyperVGeneration,
      osState: textAt(own, 'storageProfile', 'osDisk', 'osState'),
      osType: textAt(own, 'storageProfile', 'osDisk', 'osType'),
      architecture: fromDisk.architecture,
      plan: undefined,
    };
  }
  return { ...fromDisk, osState: undefined, plan: undefined };
}

/** What another version holds is told by its definition. */
function versionFacts(arm: Arm, id: string): Facts {
  const definition = arm.world.get(id.split('/').slice(0, -2).join('/'))?.properties;
  return {
    hyperVGeneration: textAt(definition, 'hyperVGeneration'),
    osState: textAt(definition, 'osState'),
    osType: textAt(definition, 'osType'),
    architecture: textAt(definition, 'architecture'),
    plan: isObject(definition?.purchasePlan) ? definition.purchasePlan : undefined,
  };
}

/** The `SecurityType` feature of a definition. */
export function securityTypeOf(definition: Resource): string | undefined {
  const features = objectsAt(definition, 'properties', 'features');
  return textAt(
    features.find((feature) => feature.name === 'SecurityType'),
    'value',
  );
}

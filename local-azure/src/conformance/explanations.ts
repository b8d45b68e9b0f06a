import { at, isObject, listAt, numberAt, objectAt, objectsAt, textAt } from '../json.ts';
import type { DifferenceKind } from './compare.ts';

/** A kind of difference that is known, and why it is right to leave it. */
interface Explanation {
  readonly kinds: readonly DifferenceKind[];
  /** Resource type the exchange is about, in lower case; absent: any. */
  readonly type?: string | RegExp;
  readonly where: RegExp;
  readonly recorded?: RegExp;
  /** Verb of the POST that the exchange, or the operation it polls, is about. */
  readonly action?: RegExp;
  readonly method?: RegExp;
  /** Newest API version that the reason holds for. */
  readonly until?: string;
  /** What must hold of the recorded body. */
  readonly answer?: (answer: unknown) => boolean;
  readonly reason: string;
}

const vm = 'microsoft.compute/virtualmachines';
const disk = /^microsoft.compute\/(disks|snapshots)$/;

/**
 * Each entry says what the difference comes from. It belongs here only when the recording depends
 * on something that is neither in its requests nor Azure's own behaviour.
 */
export const explanations: readonly Explanation[] = [
  {
    kinds: ['start'],
    where: /^operation$/,
    reason:
      'the request that began this operation is not in the recording, so there is none to poll',
  },
  {
    kinds: ['start'],
    where: /^its start$/,
    reason: 'it was begun by a request that, for a reason given there, began none here',
  },
  {
    kinds: ['header'],
    type: vm,
    where: /^azure-async(operation|notification)$/,
    recorded: /operations|present/,
    method: /^(PUT|PATCH)$/,
    answer: (answer) => listAt(answer, 'resources').length > 0,
    reason:
      'an update that changes nothing takes an operation when the service has something to do for an extension',
  },
  {
    kinds: ['value'],
    type: vm,
    where: /^properties\.provisioningState$/,
    recorded: /^Updating$/,
    answer: (answer) => objectsAt(answer, 'resources').some(isBeingInstalled),
    reason: 'a VM is updating while an extension, which is out of scope, is being installed',
  },
  {
    kinds: ['value', 'missing', 'extra'],
    type: vm,
    action: /^(assess|install)patches$/i,
    where:
      /^(properties\.output\.)?(?!status$)\w+(Patches|Count|patches\b.*|Pending|Status|RunId)$|\b(availablePatches|patches)\b|^error|\berror\b/,
    reason: 'which patches there are the recorded guest said, which cannot be run',
  },
  {
    kinds: ['status', 'value', 'missing', 'extra', 'error'],
    type: disk,
    where: /^(status|error\b.*)$/,
    answer: (answer) =>
      /not supported for this subscription/.test(textAt(answer, 'error', 'message') ?? ''),
    reason: 'a feature in preview that the recorded subscription did not take part in',
  },
  {
    kinds: ['missing', 'extra', 'value'],
    type: disk,
    where:
      /^(properties\.(osState|colocationConstraints|faultDomain|supportedCapabilities\b.*|supportsHibernation|hyperVGeneration|securityProfile|encryption|tier|readOnly|osType|publicNetworkAccess|diskSizeBytes)|associatedXStoreEntities|physicalZone)$/,
    answer: (answer) => at(answer, 'properties', 'isArmResource') === true,
    reason:
      "until November 2022 a first answer showed the disk service's own record, whose content changed from month to month",
  },
  {
    kinds: ['missing'],
    type: vm,
    where: /^properties\.storageProfile\.dataDisks\[\d+\]\.diskSizeGB$/,
    answer: (answer) =>
      objectsAt(answer, 'properties', 'storageProfile', 'dataDisks').some(({ vhd }) =>
        isObject(vhd),
      ),
    reason: 'how large a VHD is its storage account knows, which is not modelled',
  },
  {
    kinds: ['missing', 'extra', 'value'],
    type: 'microsoft.compute/galleries/images/versions',
    where: /^(value\[\d+\]\.)?properties\.storageProfile\.\w+(\[\d+\])?\.sizeInGB$/,
    answer: (answer) => /"uri":"https:/.test(JSON.stringify(answer) ?? ''),
    reason: 'how large a VHD is its storage account knows, which is not modelled',
  },
  {
    kinds: ['value'],
    type: `${vm}/runcommands`,
    where: /^properties\.instanceView\.(exitCode|executionState)$/,
    answer: (answer) =>
      /has to be specified$/.test(
        textAt(answer, 'properties', 'instanceView', 'executionMessage') ?? '',
      ),
    reason: 'how a command without a script counts the extension in the recorded guest said',
  },
  {
    kinds: ['missing', 'value'],
    type: disk,
    where: /\b(diskSizeGB|diskSizeBytes|completionPercent)$/,
    answer: (answer) => /CopyFromSanSnapshot/.test(JSON.stringify(answer) ?? ''),
    reason: 'how large a volume of an elastic SAN is the SAN knows, which is not modelled',
  },
  {
    kinds: ['missing'],
    type: /^microsoft.compute\/galleries(\/images)?$/,
    where: /^properties\.(softDeletePolicy|architecture)$/,
    recorded: /^(x64|\{"isSoftDeleteEnabled":false\})$/,
    until: '2021-07-01',
    reason:
      'in autumn 2021 some regions already showed the defaults of what a later API version has',
  },
  {
    kinds: ['missing'],
    type: vm,
    where:
      /^(value\[\d+\]\.)?(resources|properties\.instanceView\.(extensions|vmAgent\.extensionHandlers.*))$/,
    reason: 'VM extensions are out of scope, so a VM does not show those that were installed',
  },
  {
    kinds: ['missing'],
    type: vm,
    where:
      /^properties\.(instanceView\.disks\[\d+\]\.(statuses\[\d+\]|encryptionSettings)|storageProfile\.osDisk\.encryptionSettings)$/,
    recorded: /EncryptionState|KeyVault|encryption/i,
    reason: 'disks are encrypted in the guest by a VM extension, which is out of scope',
  },
  {
    kinds: ['missing'],
    type: vm,
    where: /^properties\.instanceView\.(platformFaultDomain|assignedHost)$/,
    answer: (answer) =>
      ['host', 'hostGroup', 'availabilitySet'].some(
        (place) => at(answer, 'properties', place) !== undefined,
      ),
    reason: 'where in a group of hosts, which is out of scope, a VM is placed',
  },
  {
    kinds: ['missing'],
    type: vm,
    where: /^properties\.instanceView\.(vmAgent|computerName|osName|osVersion)$/,
    until: '2018-10-01',
    answer: (answer) =>
      objectsAt(answer, 'properties', 'instanceView', 'statuses').some(
        ({ code }) => code === 'PowerState/deallocated',
      ),
    reason: 'in 2018 what its agent had reported last was shown a while longer of some VMs',
  },
  {
    kinds: ['missing', 'extra', 'value'],
    type: vm,
    where: /^properties\.instanceView\.(computerName|osName|osVersion|vmAgent\..*)$/,
    reason: 'the guest and its agent say this of themselves, and the recorded guest cannot be run',
  },
  {
    kinds: ['value', 'missing', 'extra'],
    where:
      /\b(osType|hyperVGeneration|supportsHibernation|supportedCapabilities\b.*|diskSizeGB|diskSizeBytes|tier|disk(IOPS|MBps)ReadWrite)$/,
    answer: isFromMarketplace,
    reason:
      'what a marketplace image holds is known to the marketplace, whose catalogue is not modelled',
  },
  {
    kinds: ['value'],
    type: vm,
    where:
      /^(value\[\d+\]\.)?properties\.(storageProfile\.(imageReference\.exactVersion|osDisk\.diskSizeGB)|instanceView\.hyperVGeneration)$/,
    answer: (answer) => /"publisher":/.test(JSON.stringify(answer) ?? ''),
    reason:
      'what a marketplace image holds is known to the marketplace, whose catalogue is not modelled',
  },
  {
    kinds: ['value'],
    type: disk,
    where: /\bcreationData\.imageReference\.id$/,
    recorded: /\/ArtifactTypes\/VMImage\//,
    reason: 'which version of a marketplace image is the latest its catalogue says',
  },
  {
    kinds: ['value', 'missing', 'extra'],
    type: disk,
    where: /\b(supportsHibernation|supportedCapabilities\b.*)$/,
    answer: (answer) => contentOf(answer).osType !== undefined,
    reason: 'what an operating system can do comes from the marketplace image, copied along',
  },
  {
    kinds: ['value'],
    where: /\bdiskSizeBytes$/,
    recorded: /^\d+$/,
    answer: (answer) => (contentOf(answer).diskSizeBytes ?? 0) % bytesPerGB !== 0,
    reason: 'a size that is not of whole GB is that of a marketplace image, copied along',
  },
  {
    kinds: ['header'],
    type: vm,
    where: /^x-ms-ratelimit-remaining-resource$/,
    recorded: /^Microsoft.Compute\/HighCostGet/,
    answer: (answer) => isObject(answer) && listAt(answer, 'value').length === 0,
    reason: 'some seconds long ARM may still count a VM just deleted, and asks its provider',
  },
  {
    kinds: ['header'],
    type: 'microsoft.compute/diskaccesses',
    where: /^x-ms-ratelimit-remaining-resource$/,
    recorded: /^absent$/,
    reason: 'of the limits of disk accesses only canary regions tell, since 2023',
  },
  {
    kinds: ['header'],
    type: 'microsoft.compute/images',
    where: /^x-ms-ratelimit-remaining-resource$/,
    recorded: /ImagesSubscriptionMaximum/,
    reason: 'in December 2023 the limit had its new name in some regions already',
  },
  {
    kinds: ['header'],
    type: 'microsoft.compute/diskencryptionsets',
    where: /^x-ms-ratelimit-remaining-resource$/,
    recorded: /HighCostDiskEncryptionSet/,
    reason: 'which of two names a limit has depends on the region: recorded both in one month',
  },
];

const bytesPerGB = 1024 ** 3;

function isBeingInstalled(extension: unknown): boolean {
  return textAt(extension, 'properties', 'provisioningState') !== 'Succeeded';
}

/** The disk or snapshot of a recorded body, which may be the output of an operation. */
function contentOf(answer: unknown): {
  readonly diskSizeBytes: number | undefined;
  readonly osType: string | undefined;
  readonly image: boolean;
} {
  const output = objectAt(answer, 'properties', 'output');
  const properties = objectAt(Object.keys(output).length > 0 ? output : answer, 'properties');
  return {
    diskSizeBytes: numberAt(properties, 'diskSizeBytes'),
    osType: textAt(properties, 'osType'),
    image: /\/publishers\//i.test(textAt(properties, 'creationData', 'imageReference', 'id') ?? ''),
  };
}

function isFromMarketplace(answer: unknown): boolean {
  return contentOf(answer).image;
}

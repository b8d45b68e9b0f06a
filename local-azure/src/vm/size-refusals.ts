/** Whether a VM can be of the size it asks for, and its image can boot on it. */
import { parseId } from '../arm-id.ts';
import { armError, invalidParameter } from '../errors.ts';
import { type Json, type JsonObject, listAt, textAt } from '../json.ts';
import { compactRegion } from '../regions.ts';
import type { World } from '../world.ts';
import type { ImageSource } from './image-source.ts';
import { coreRefusal } from './quota.ts';
import { findSize, sizesIn, type VmSize } from './sizes.ts';

/** The VM that is to be made. */
interface Planned {
  readonly id: string;
  readonly location: string;
  readonly zones: Json | undefined;
  readonly source: ImageSource;
}

/** The size of a VM that is to be made; throws Azure's refusal where it cannot be had. */
export function requireSize(world: World, properties: JsonObject, planned: Planned): VmSize {
  const wanted = textAt(properties, 'hardwareProfile', 'vmSize') ?? '';
  const { subscriptionId = '' } = parseId(planned.id);
  const offered = sizesIn(world, subscriptionId, planned.location);
  const size = offered.find(({ name }) => name.toLowerCase() === wanted.toLowerCase());
  if (size === undefined) throw notOffered(planned, wanted, offered);
  const zones = listAt({ zones: planned.zones }, 'zones').map(String);
  const isOutOfZones = zones.some((zone) => size.restrictedZones.includes(zone));
  if (size.restriction !== undefined || isOutOfZones) throw skuNotAvailable(planned, zones);
  requireGeneration(size, planned.source);
  requireArchitecture(size, planned.source);
  requireSecurityType(size, properties);
  requireDiskController(size, properties, planned.source);
  const full = coreRefusal(world, subscriptionId, planned.location, size);
  if (full !== undefined) throw full;
  return size;
}

/** A size that Azure has elsewhere is "not available"; one that nobody knows is not valid. */
function notOffered(planned: Planned, wanted: string, offered: readonly VmSize[]): Error {
  if (findSize(wanted) !== undefined) return skuNotAvailable(planned, []);
  // (Azure/azure-cli#6461 and others; its list is longer there.)
  const names = offered.map(({ name }) => name).join(',');
  return invalidParameter(
    `The value ${wanted} provided for the VM size is not valid. The valid sizes in the current ` +
      `region are: ${names}.`,
    'vmSize',
  );
}

/** (vscode-azurevirtualmachines#94; status: azuresandbox#70, #654.) */
function skuNotAvailable({ id, location }: Planned, zones: readonly string[]): Error {
  const message =
    `The requested size for resource '${id}' is currently not available in location ` +
    `'${compactRegion(location)}' zones '${zones.join(',')}' for subscription ` +
    `'${parseId(id).subscriptionId}'. Please try another size or deploy to a different location or ` +
    'zones. See https://aka.ms/azureskunotavailable for details.';
  return armError(409, 'SkuNotAvailable', message);
}

/** (redhat-developer/mapt#489; which sizes boot the second generation only: sizes/overview.) */
function requireGeneration(size: VmSize, { generation }: ImageSource): void {
  if (generation !== 'V1' || size.generations !== 'V2') return;
  throw armError(
    400,
    'BadRequest',
    `The selected VM size '${size.name}' cannot boot Hypervisor Generation '1'. If this was a Create ` +
      'operation please check that the Hypervisor Generation of the Image matches the Hypervisor ' +
      'Generation of the selected VM Size. If this was an Update operation please select a ' +
      "Hypervisor Generation '1' VM Size. For more information, see https://aka.ms/azuregen2vm",
  );
}

/** (Begin and middle of the text: lisa#4560; the rest and the code from memory.) */
function requireArchitecture(size: VmSize, { architecture }: ImageSource): void {
  if (architecture === size.architecture) return;
  const message =
    `Cannot create a VM of size '${size.name}' because this VM size only supports a CPU ` +
    `Architecture of '${size.architecture}', but an image or disk with CPU Architecture ` +
    `'${architecture}' was given. Please check that the CPU Architecture of the image or disk is ` +
    'compatible with that of the VM size.';
  throw armError(400, 'BadRequest', message);
}

/** (From memory, as the portal and az show it.) */
function requireSecurityType(size: VmSize, properties: JsonObject): void {
  const type = textAt(properties, 'securityProfile', 'securityType');
  const isConfidential = type === 'ConfidentialVM';
  const cannot =
    (isConfidential && !size.isConfidential) ||
    (type === 'TrustedLaunch' && size.architecture === 'Arm64' && size.name.endsWith('_v5'));
  if (!cannot) return;
  const message =
    `The VM size '${size.name}' is not supported for creation of VMs and Virtual Machine Scale ` +
    `Set with '${type}' security type.`;
  throw armError(400, 'BadRequest', message);
}

const QUERY =
  'Please query sku api at https://aka.ms/azure-compute-skus  to determine supported disk controller ' +
  'types for the VM size.';

/** (FederalAVD#20; kubernetes-sigs/image-builder#1875, terraform-azurerm-avm-res-compute-virtualmachine#373.) */
function requireDiskController(size: VmSize, properties: JsonObject, source: ImageSource): void {
  const supported = size.diskControllers.split(',');
  const wanted = textAt(properties, 'storageProfile', 'diskControllerType');
  if (wanted !== undefined && !supported.includes(wanted)) {
    throw invalidParameter(
      `The VM size '${size.name}' cannot boot with DiskControllerType '${wanted}'. Please check that ` +
        'the disk controller type provided is one of the supported disk controller types for the VM ' +
        `size '${size.name}'. ${QUERY}`,
      'storageProfile.diskControllerType',
    );
  }
  const can = wanted === undefined ? supported : [wanted];
  if (can.some((each) => source.diskControllers.includes(each))) return;
  throw invalidParameter(
    `The VM size '${size.name}' cannot boot with OS image or disk. Please check that disk controller ` +
      'types supported by the OS image or disk is one of the supported disk controller types for the ' +
      `VM size '${size.name}'. ${QUERY}`,
    'vmSize',
  );
}

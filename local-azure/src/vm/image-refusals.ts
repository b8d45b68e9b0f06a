/** What a VM is refused for the sake of its image. */
import { idKey } from '../arm-id.ts';
import { armError } from '../errors.ts';
import { isObject, type Json, type JsonObject, objectAt, objectsAt, textAt } from '../json.ts';
import { compactRegion } from '../regions.ts';
import type { Resource } from '../world.ts';

/** The value of a definition's feature. */
export function featureOf(definition: Resource | undefined, name: string): string | undefined {
  const features = objectsAt(definition, 'properties', 'features');
  return textAt(
    features.find((each) => each.name === name),
    'value',
  );
}

/**
 * (terraform-provider-azurerm#23148; that an image must support Trusted Launch: terraform-provider-
 * azurerm#21588 and many others, code from memory.)
 */
export function checkSecurityType(definition: Resource | undefined, properties: JsonObject): void {
  const allowed = featureOf(definition, 'SecurityType');
  const type = textAt(properties, 'securityProfile', 'securityType');
  const isExact = allowed === 'TrustedLaunch' || allowed === 'ConfidentialVM';
  if (isExact && type !== allowed) {
    const message =
      'The provided gallery image only supports creation of VMs and VM Scale Sets with ' +
      `'${allowed}' security type.`;
    throw armError(400, 'BadRequest', message);
  }
  if (type === 'TrustedLaunch' && !/^TrustedLaunch/.test(allowed ?? '')) {
    const message =
      'Use of TrustedLaunch setting is not supported for the provided image. Please select Trusted ' +
      'Launch Supported Gen2 OS Image. For more information, see https://aka.ms/TrustedLaunch-FAQ.';
    throw armError(400, 'BadRequest', message);
  }
}

/** (missionlz#1192, azure-rest-api-specs#22133; that it comes at once is inferred. The second from memory.) */
export function checkPlan(
  definition: Resource | undefined,
  { id, plan }: { readonly id: string; readonly plan?: Json | undefined },
): void {
  const wanted = objectAt(definition, 'properties', 'purchasePlan');
  if (wanted.name === undefined) return;
  if (!isObject(plan)) {
    const message =
      'Creating a virtual machine from Marketplace image or a custom image sourced from a Marketplace ' +
      `image requires Plan information in the request. VM: '${id}'.`;
    throw armError(400, 'VMMarketplaceInvalidInput', message);
  }
  if (['name', 'publisher', 'product'].every((key) => plan[key] === wanted[key])) return;
  const message =
    'Unable to deploy from the Marketplace image or a custom image sourced from Marketplace image. ' +
    `The part number in the purchase information for VM '${id}' is not as expected. Beware that the ` +
    "Purchase object's properties are case-sensitive.";
  throw armError(400, 'VMMarketplaceInvalidInput', message);
}

/** (azure-cli, test_vmss_update_image.) */
export function checkGeneration(properties: JsonObject, generation: string): void {
  if (generation !== 'V1' || objectAt(properties, 'securityProfile').uefiSettings === undefined)
    return;
  const message =
    'UEFI settings are not supported for VMs and VM Scale Sets using Generation 1 Image.';
  throw armError(400, 'BadRequest', message);
}

/** (cloud-api-adaptor#1709: the quotation marks are in the text.) */
export function notInRegion(id: string, location: string): Error {
  const message =
    `"The gallery image ${id} is not available in ${compactRegion(location)} region. Please ` +
    'contact image owner to replicate to this region, or change your requested region."';
  return armError(404, 'GalleryImageNotFound', message, { target: 'imageReference' });
}

export function imageNotFound(id: string): Error {
  const name = idKey(id).split('/').at(-1) ?? id;
  return armError(404, 'NotFound', `The Image '${name}' was not found.`);
}

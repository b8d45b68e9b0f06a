import type { WaitRequest } from '../../domain/request.ts';
import { formatResourceId, IMAGE_DEFINITION } from '../../domain/resource-id.ts';
import { readSubscription } from './places.ts';
import type { InputReader } from './reader.ts';

/**
 * Reads `source-image-version`. A name is looked up in `gallery-subscription-id` and
 * `gallery-resource-group`, unless those name where it is to be copied to.
 */
export function readSourceVersion(
  reader: InputReader,
  isCopied: boolean,
): Pick<WaitRequest, 'definition' | 'version'> | undefined {
  const source = reader.required('source-image-version');
  if (!source) return undefined;
  const { definition, version } = source;
  if ('type' in definition) return { definition: formatResourceId(definition), version };
  const own = reader.value('resource-group');
  const gallerys = reader.value('gallery-resource-group');
  const resourceGroup = isCopied ? (own ?? gallerys) : (gallerys ?? own);
  if (!resourceGroup)
    reader.mistake(
      '`gallery-resource-group` is not given. Give the resource group of the gallery, or the resource ID of the version.',
    );
  const subscriptionId =
    !isCopied && reader.text('gallery-subscription-id')
      ? reader.value('gallery-subscription-id')
      : readSubscription(reader, false);
  if (!resourceGroup || !subscriptionId) return undefined;
  const id = { subscriptionId, resourceGroup, type: IMAGE_DEFINITION, names: definition };
  return { definition: formatResourceId(id), version };
}

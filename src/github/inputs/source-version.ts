import { formatVersion, parseVersion } from '../../domain/image-version.ts';
import {
  formatResourceId,
  IMAGE_DEFINITION,
  IMAGE_VERSION,
  parseResourceId,
} from '../../domain/resource-id.ts';
import { shorten } from './fields.ts';
import type { InputReader, InputSource } from './reader.ts';
import { readGroup, readGuid } from './resources.ts';
import { readSubscription } from './subscription.ts';

/** A version that exists, as the user named it. */
export interface SourceVersion {
  /** Resource ID of the image definition. */
  readonly definition: string;
  /** The version's number, or `latest`. */
  readonly version: string;
}

/**
 * Reads `source-image-version`. A name is looked up in `gallery-subscription-id` and
 * `gallery-resource-group`, unless those name where it is to be copied to.
 */
export function readSourceVersion(
  reader: InputReader,
  source: InputSource,
  isCopied: boolean,
): SourceVersion | undefined {
  const text = reader.required(
    'source-image-version',
    'the resource ID of an image version, or gallery/definition/version, the last part possibly latest',
  );
  if (!text) return undefined;
  return text.startsWith('/') ? byId(reader, text) : byName(reader, source, text, isCopied);
}

function byId(reader: InputReader, text: string) {
  const id = parseResourceId(text);
  const [gallery = '', definition = '', version = ''] = id?.names ?? [];
  const number = versionIn(version);
  if (id?.type.toLowerCase() === IMAGE_VERSION.toLowerCase() && number)
    return {
      definition: formatResourceId({ ...id, type: IMAGE_DEFINITION, names: [gallery, definition] }),
      version: number,
    };
  reader.mistake(
    `\`source-image-version\` is "${shorten(text)}", which is not the resource ID of an image version.`,
  );
  return undefined;
}

function byName(reader: InputReader, source: InputSource, text: string, isCopied: boolean) {
  const [gallery = '', definition = '', version = '', ...more] = text.split('/');
  const number = versionIn(version);
  if (more.length > 0 || !gallery || !definition || !number) {
    reader.mistake(
      `\`source-image-version\` is "${shorten(text)}", which is neither a resource ID nor gallery/definition/version such as golden/ubuntu-2404/1.2.3 or golden/ubuntu-2404/latest.`,
    );
    return undefined;
  }
  const own = readGroup(reader, 'resource-group');
  const gallerys = readGroup(reader, 'gallery-resource-group');
  const resourceGroup = isCopied ? (own ?? gallerys) : (gallerys ?? own);
  if (!resourceGroup)
    reader.mistake(
      '`gallery-resource-group` is not given. Give the resource group of the gallery, or the resource ID of the version.',
    );
  const subscriptionId =
    !isCopied && reader.text('gallery-subscription-id')
      ? readGuid(reader, 'gallery-subscription-id', { variable: '', value: undefined })
      : readSubscription(reader, source, false);
  if (!resourceGroup || !subscriptionId) return undefined;
  const names = [gallery, definition];
  return {
    definition: formatResourceId({ subscriptionId, resourceGroup, type: IMAGE_DEFINITION, names }),
    version: number,
  };
}

/** The number as Azure writes it, or `latest`; `undefined` when it is neither. */
function versionIn(text: string): string | undefined {
  if (text.toLowerCase() === 'latest') return 'latest';
  const number = parseVersion(text);
  return typeof number === 'object' ? formatVersion(number) : undefined;
}

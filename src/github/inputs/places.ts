import type { WaitRequest } from '../../domain/request.ts';
import {
  formatResourceId,
  GALLERY,
  IMAGE_DEFINITION,
  type ResourceId,
  sameId,
  VIRTUAL_MACHINE,
} from '../../domain/resource-id.ts';
import type { InputReader } from './reader.ts';
import { shorten } from './row.ts';

/** Where names are looked up, and things are made, when the inputs do not say. */
export interface Scope {
  readonly subscriptionId?: string | undefined;
  readonly resourceGroup: string | undefined;
}

/** The build VM's resource ID, from a name or an ID. */
export function readVm(
  reader: InputReader,
  subscriptionId: string | undefined,
): string | undefined {
  const vm = reader.required('vm');
  if (typeof vm === 'object') {
    agree(reader, 'vm', vm, '');
    return formatResourceId(vm);
  }
  if (reader.text('vm') && !reader.text('vm')?.includes('/') && !reader.text('resource-group'))
    reader.missing(
      '`resource-group` is not given. Give the resource group of the VM, or the resource ID of the VM as `vm`.',
    );
  const resourceGroup = reader.value('resource-group');
  const id = vm && idIn({ subscriptionId, resourceGroup }, VIRTUAL_MACHINE, [vm]);
  return id && formatResourceId(id);
}

/**
 * The image definition's resource ID, from names or IDs of gallery and definition.
 *
 * @param scope where the gallery is when its own inputs do not say
 */
export function readDefinition(reader: InputReader, scope: Scope): string | undefined {
  const definition = reader.required('image-definition');
  if (typeof definition === 'object') {
    agreeOnGallery(reader, definition);
    agree(reader, 'image-definition', definition, 'gallery-');
    return formatResourceId(definition);
  }
  if (reader.text('image-definition')?.includes('/')) return undefined;
  const gallery = readGallery(reader, scope);
  if (!gallery || !definition) return undefined;
  const names = [...gallery.names, definition];
  return formatResourceId({ ...gallery, type: IMAGE_DEFINITION, names });
}

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
      : reader.required('subscription-id');
  const id = idIn({ subscriptionId, resourceGroup }, IMAGE_DEFINITION, definition);
  return id && { definition: formatResourceId(id), version };
}

/** The gallery beside the ID of a definition, by name or ID: it must be the one in that ID. */
function agreeOnGallery(reader: InputReader, definition: ResourceId): void {
  const gallery = reader.value('gallery');
  if (gallery === undefined) return;
  const [name = ''] = definition.names;
  const [said, wanted] =
    typeof gallery === 'string'
      ? [gallery, name]
      : [gallery, { ...definition, type: GALLERY, names: [name] }].map(formatResourceId);
  if (sameId(said, wanted)) return;
  reader.mistake(
    `\`gallery\` is "${shorten(reader.text('gallery') ?? '')}", but the ID in \`image-definition\` is of gallery ${wanted}. Give one of them.`,
  );
}

function readGallery(reader: InputReader, scope: Scope): ResourceId | undefined {
  const gallery = reader.required('gallery');
  if (typeof gallery === 'object') {
    agree(reader, 'gallery', gallery, 'gallery-');
    return gallery;
  }
  if (reader.text('gallery')?.includes('/')) return undefined;
  const resourceGroup = reader.value('gallery-resource-group') ?? scope.resourceGroup;
  const named = reader.text('gallery-resource-group') ?? reader.text('resource-group');
  if (reader.text('gallery') && !resourceGroup && !named)
    reader.missing(
      '`gallery-resource-group` is not given, and there is no `resource-group` to take instead. Give the resource group of the gallery.',
    );
  const subscriptionId = reader.value('gallery-subscription-id') ?? scope.subscriptionId;
  return gallery ? idIn({ subscriptionId, resourceGroup }, GALLERY, [gallery]) : undefined;
}

/** An ID beside a name that says otherwise: one of them is a mistake, and we do not guess which. */
function agree(
  reader: InputReader,
  idInput: 'vm' | 'gallery' | 'image-definition',
  { resourceGroup, subscriptionId }: ResourceId,
  whose: '' | 'gallery-',
): void {
  const parts = [
    [`${whose}resource-group`, resourceGroup],
    [`${whose}subscription-id`, subscriptionId],
  ] as const;
  for (const [name, part] of parts) {
    const given = reader.given(name);
    if (given !== undefined && given.toLowerCase() !== part.toLowerCase())
      reader.mistake(
        `\`${name}\` is "${shorten(given)}", but the ID in \`${idInput}\` says ${part}. Give one of them.`,
      );
  }
}

const idIn = (
  { subscriptionId, resourceGroup }: Scope,
  type: string,
  names: readonly string[],
): ResourceId | undefined =>
  subscriptionId && resourceGroup ? { subscriptionId, resourceGroup, type, names } : undefined;

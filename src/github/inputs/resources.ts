import {
  formatResourceId,
  GALLERY,
  IMAGE_DEFINITION,
  parseResourceId,
  type ResourceId,
  sameId,
  VIRTUAL_MACHINE,
} from '../../domain/resource-id.ts';
import { shorten } from './fields.ts';
import type { InputReader } from './reader.ts';

/** Name rules: Azure's resource-name-rules.md and the API specification. */
const GROUP_NAME = /^[\p{L}\p{N}_().-]{0,89}[\p{L}\p{N}_()-]$/u;
const VM_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,78}[A-Za-z0-9_]$|^[A-Za-z0-9]$/;
const GALLERY_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9_.]{0,78}[A-Za-z0-9])?$/;
const DEFINITION_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,78}[A-Za-z0-9])?$/;
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Where names are looked up when they are not IDs. */
export interface Scope {
  readonly subscriptionId: string | undefined;
  readonly resourceGroup: string | undefined;
}

/** The build VM's resource ID, from a name or an ID. */
export function readVm(reader: InputReader, scope: Scope): string | undefined {
  const text = reader.required('vm', 'the name or the resource ID of the build VM');
  if (!text) return undefined;
  if (text.includes('/')) {
    const id = readId(reader, 'vm', text, VIRTUAL_MACHINE);
    if (!id) return undefined;
    agree(reader, 'vm', id, 'resource-group', 'resourceGroup', scope.resourceGroup);
    agree(reader, 'vm', id, 'subscription-id', 'subscriptionId', reader.text('subscription-id'));
    return formatResourceId(id);
  }
  if (!VM_NAME.test(text))
    reader.mistake(
      `\`vm\` is "${shorten(text)}", which no Azure VM can be called: letters, digits, dots, dashes and underscores, 80 at most.`,
    );
  if (!scope.resourceGroup && !reader.text('resource-group'))
    reader.missing(
      '`resource-group` is not given. Give the resource group of the VM, or the resource ID of the VM as `vm`.',
    );
  return join(scope, VIRTUAL_MACHINE, [text]);
}

/** The image definition's resource ID, from names or IDs of gallery and definition. */
export function readDefinition(reader: InputReader, scope: Scope): string | undefined {
  const text = reader.required(
    'image-definition',
    'the name or the resource ID of the image definition',
  );
  if (text?.includes('/')) return definitionById(reader, text);
  if (text && !DEFINITION_NAME.test(text))
    reader.mistake(
      `\`image-definition\` is "${shorten(text)}", which no image definition can be called: letters, digits, dots, dashes and underscores, 80 at most.`,
    );
  const gallery = readGallery(reader, scope);
  return gallery && text
    ? formatResourceId({ ...gallery, type: IMAGE_DEFINITION, names: [...gallery.names, text] })
    : undefined;
}

function definitionById(reader: InputReader, text: string): string | undefined {
  const id = readId(reader, 'image-definition', text, IMAGE_DEFINITION);
  if (!id) return undefined;
  agreeOnGallery(reader, id);
  const named = (name: string) => reader.text(name);
  agree(
    reader,
    'image-definition',
    id,
    'gallery-resource-group',
    'resourceGroup',
    named('gallery-resource-group'),
  );
  agree(
    reader,
    'image-definition',
    id,
    'gallery-subscription-id',
    'subscriptionId',
    named('gallery-subscription-id'),
  );
  return formatResourceId(id);
}

/** The gallery beside the ID of a definition, by name or ID: it must be the one in that ID. */
function agreeOnGallery(reader: InputReader, definition: ResourceId): void {
  const given = reader.text('gallery');
  if (!given) return;
  const [name = ''] = definition.names;
  let [said, wanted] = [given, name];
  if (given.includes('/')) {
    const id = readId(reader, 'gallery', given, GALLERY);
    if (!id) return;
    said = formatResourceId(id);
    wanted = formatResourceId({ ...definition, type: GALLERY, names: [name] });
  }
  if (sameId(said, wanted)) return;
  reader.mistake(
    `\`gallery\` is "${shorten(given)}", but the ID in \`image-definition\` is of gallery ${wanted}. Give one of them.`,
  );
}

function readGallery(reader: InputReader, scope: Scope): ResourceId | undefined {
  const text = reader.required(
    'gallery',
    'the name or the resource ID of the gallery, or the resource ID of the definition as `image-definition`',
  );
  if (!text) return undefined;
  const subscription = reader.text('gallery-subscription-id');
  const group = reader.text('gallery-resource-group');
  if (text.includes('/')) {
    const id = readId(reader, 'gallery', text, GALLERY);
    if (!id) return undefined;
    agree(reader, 'gallery', id, 'gallery-resource-group', 'resourceGroup', group);
    agree(reader, 'gallery', id, 'gallery-subscription-id', 'subscriptionId', subscription);
    return id;
  }
  if (!GALLERY_NAME.test(text))
    reader.mistake(
      `\`gallery\` is "${shorten(text)}", which no gallery can be called: letters, digits, dots and underscores (no dashes), 80 at most.`,
    );
  const resourceGroup = group ?? scope.resourceGroup;
  if (!resourceGroup && !group && !reader.text('resource-group'))
    reader.missing(
      '`gallery-resource-group` is not given, and there is no `resource-group` to take instead. Give the resource group of the gallery.',
    );
  return parseResourceId(
    join({ subscriptionId: subscription ?? scope.subscriptionId, resourceGroup }, GALLERY, [
      text,
    ]) ?? '',
  );
}

function readId(
  reader: InputReader,
  name: string,
  text: string,
  type: string,
): ResourceId | undefined {
  const id = parseResourceId(text);
  if (id && id.type.toLowerCase() === type.toLowerCase() && GUID.test(id.subscriptionId))
    return { ...id, type };
  const shape = formatResourceId({
    subscriptionId: '<subscription>',
    resourceGroup: '<group>',
    type,
    names: type
      .split('/')
      .slice(1)
      .map(() => '<name>'),
  });
  reader.mistake(
    id && id.type.toLowerCase() !== type.toLowerCase()
      ? `\`${name}\` is the ID of a ${id.type}, not of a ${type}.`
      : `\`${name}\` is "${shorten(text)}", which is neither a name nor a resource ID of the form ${shape}.`,
  );
  return undefined;
}

/** An ID beside a name that says otherwise: one of them is a mistake, and we do not guess which. */
function agree(
  reader: InputReader,
  idInput: string,
  id: ResourceId,
  nameInput: string,
  part: 'resourceGroup' | 'subscriptionId',
  given: string | undefined,
): void {
  if (given === undefined || given.toLowerCase() === id[part].toLowerCase()) return;
  reader.mistake(
    `\`${nameInput}\` is "${shorten(given)}", but the ID in \`${idInput}\` says ${id[part]}. Give one of them.`,
  );
}

function join(scope: Scope, type: string, names: readonly string[]): string | undefined {
  const { subscriptionId, resourceGroup } = scope;
  if (!subscriptionId || !resourceGroup) return undefined;
  return formatResourceId({ subscriptionId, resourceGroup, type, names });
}

/** A subscription, tenant or client ID: a GUID, given or from the environment. */
export function readGuid(
  reader: InputReader,
  name: string,
  fallback: { readonly variable: string; readonly value: string | undefined },
): string | undefined {
  if (!reader.text(name) && !fallback.value?.trim()) {
    reader.missing(
      `\`${name}\` is not given, and ${fallback.variable} is not set. Give the GUID, best from \`vars\`: it is no secret.`,
    );
    return undefined;
  }
  return readOptionalGuid(reader, name, fallback);
}

/** The same for an ID that can be left out. */
export function readOptionalGuid(
  reader: InputReader,
  name: string,
  fallback: { readonly variable: string; readonly value: string | undefined },
): string | undefined {
  const text = reader.text(name) ?? fallback.value?.trim();
  if (!text) return undefined;
  if (GUID.test(text)) return text.toLowerCase();
  const from = reader.text(name) ? '' : ` (from ${fallback.variable})`;
  reader.mistake(
    `\`${name}\` is "${shorten(text)}"${from}, which is not a GUID such as 00000000-0000-0000-0000-000000000000.`,
  );
  return undefined;
}

/** A resource group's name. */
export function readGroup(reader: InputReader, name: string): string | undefined {
  const text = reader.text(name);
  if (text && !GROUP_NAME.test(text)) {
    reader.mistake(
      `\`${name}\` is "${shorten(text)}", which no resource group can be called: letters, digits, dots, dashes, underscores and parentheses, 90 at most, not ending with a dot.`,
    );
    return undefined;
  }
  return text;
}

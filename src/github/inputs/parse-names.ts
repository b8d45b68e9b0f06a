import { formatVersion, parseVersion } from '../../domain/image-version.ts';
import {
  formatResourceId,
  GALLERY,
  IMAGE_DEFINITION,
  IMAGE_VERSION,
  parseResourceId,
  type ResourceId,
  VIRTUAL_MACHINE,
} from '../../domain/resource-id.ts';
import { type Parsed, problem, value } from './parse.ts';

/** Parsers of what names something in Azure. Name rules: resource-name-rules.md and the API specification. */

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A subscription, tenant or client ID, in lower case. */
export const parseGuid = (text: string): Parsed<string> =>
  GUID.test(text)
    ? value(text.toLowerCase())
    : problem('which is not a GUID such as 00000000-0000-0000-0000-000000000000');

export const parseGroup = (text: string): Parsed<string> =>
  /^[\p{L}\p{N}_().-]{0,89}[\p{L}\p{N}_()-]$/u.test(text)
    ? value(text)
    : problem(
        'which no resource group can be called: letters, digits, dots, dashes, underscores and parentheses, 90 at most, not ending with a dot',
      );

/**
 * A resource by its ID, or by a name that is looked up elsewhere.
 *
 * @param rule what a name must match, and the words for it, which complete "which no …"
 */
const parseNameOrId =
  (type: string, pattern: RegExp, rule: string) =>
  (text: string): Parsed<string | ResourceId> => {
    if (text.includes('/')) return parseId(type)(text);
    return pattern.test(text) ? value(text) : problem(`which no ${rule}`);
  };

export const parseVm = parseNameOrId(
  VIRTUAL_MACHINE,
  /^[A-Za-z0-9][A-Za-z0-9_.-]{0,78}[A-Za-z0-9_]$|^[A-Za-z0-9]$/,
  'Azure VM can be called: letters, digits, dots, dashes and underscores, 80 at most',
);

export const parseGallery = parseNameOrId(
  GALLERY,
  /^[A-Za-z0-9](?:[A-Za-z0-9_.]{0,78}[A-Za-z0-9])?$/,
  'gallery can be called: letters, digits, dots and underscores (no dashes), 80 at most',
);

export const parseDefinition = parseNameOrId(
  IMAGE_DEFINITION,
  /^[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,78}[A-Za-z0-9])?$/,
  'image definition can be called: letters, digits, dots, dashes and underscores, 80 at most',
);

/** The resource ID of one type of resource, with that type in Azure's own casing. */
export const parseId =
  (type: string) =>
  (text: string): Parsed<ResourceId> => {
    const id = parseResourceId(text);
    if (id && id.type.toLowerCase() !== type.toLowerCase())
      return problem(`which is the ID of a ${id.type}, not of a ${type}`);
    if (id && GUID.test(id.subscriptionId)) return value({ ...id, type });
    const names = type.split('/').slice(1);
    const shape = formatResourceId({
      subscriptionId: '<subscription>',
      resourceGroup: '<group>',
      type,
      names: names.map(() => '<name>'),
    });
    return problem(`which is neither a name nor a resource ID of the form ${shape}`);
  };

/** A version that exists, as the user named it. */
interface NamedVersion {
  /** The image definition by its ID, or its gallery's name and its own. */
  readonly definition: ResourceId | readonly [gallery: string, definition: string];
  /** The version's number as Azure writes it, or `latest`. */
  readonly version: string;
}

export function parseSourceVersion(text: string): Parsed<NamedVersion> {
  return text.startsWith('/') ? sourceById(text) : sourceByName(text);
}

function sourceById(text: string): Parsed<NamedVersion> {
  const id = parseResourceId(text);
  const [gallery = '', definition = '', last = ''] = id?.names ?? [];
  const version = versionIn(last);
  return id?.type.toLowerCase() === IMAGE_VERSION.toLowerCase() && version
    ? value({
        definition: { ...id, type: IMAGE_DEFINITION, names: [gallery, definition] },
        version,
      })
    : problem('which is not the resource ID of an image version');
}

function sourceByName(text: string): Parsed<NamedVersion> {
  const [gallery = '', definition = '', last = '', ...more] = text.split('/');
  const version = versionIn(last);
  return more.length === 0 && gallery && definition && version
    ? value({ definition: [gallery, definition], version })
    : problem(
        'which is neither a resource ID nor gallery/definition/version such as golden/ubuntu-2404/1.2.3 or golden/ubuntu-2404/latest',
      );
}

function versionIn(text: string): string | undefined {
  if (text.toLowerCase() === 'latest') return 'latest';
  const number = parseVersion(text);
  return typeof number === 'object' ? formatVersion(number) : undefined;
}

import { parse } from 'yaml';
import {
  CONFIDENTIAL_ENCRYPTIONS,
  encryptionSetsOf,
  type RegionEncryption,
} from '../../domain/encryption.ts';
import { defined, isRecord } from '../../domain/plain-objects.ts';
import { normaliseRegion, type RegionChoice } from '../../domain/regions.ts';
import { parseResourceId } from '../../domain/resource-id.ts';
import { Problem, parseReplicaCount, parseStorage, partsOf, shorten } from './row.ts';

/**
 * Target regions: in az's form, one a line or several with commas, each
 * `name[=replicas[=storage type]]`; or as a YAML list of objects with ARM's own field names, where
 * encryption and exclusion have their place.
 */
export function parseRegions(text: string): RegionChoice[] | Problem {
  const entries = /^\s*(-(\s|$)|\[)/.test(text)
    ? yamlEntries(text)
    : partsOf(text, /[\r\n,]+/)
        .flatMap(inSpaces)
        .map(parseShort);
  const problems = entries.flatMap((entry) => (entry instanceof Problem ? [entry.text] : []));
  const regions = entries.flatMap((entry) => (entry instanceof Problem ? [] : [entry]));
  const twice = regions.find(({ name }, index) =>
    regions.slice(0, index).some((earlier) => earlier.name === name),
  );
  if (twice) problems.push(`which names ${twice.name} twice`);
  return problems.length > 0 ? new Problem(problems.join('; ')) : regions;
}

function yamlEntries(text: string): (RegionChoice | Problem)[] {
  let list: unknown;
  try {
    // Warnings would be printed as they are.
    list = parse(text, { logLevel: 'error' });
  } catch (error) {
    const [first = ''] = String(error instanceof Error ? error.message : error).split('\n');
    return [new Problem(`which is not valid YAML: ${first}`)];
  }
  if (!Array.isArray(list)) return [new Problem('which is not a YAML list')];
  return list.flatMap((item: unknown) =>
    typeof item === 'string' ? inSpaces(item).map(parseShort) : [parseObject(item)],
  );
}

/** The directions that Azure's region names are made of. */
const DIRECTION = '(?:north|south|east|west|central)';
/** A whole name such as `westeurope` or `koreacentral`: no word of a display name looks like it. */
const COMPACT = new RegExp(
  `^(?!${DIRECTION}+\\d*$)(?:${DIRECTION}+[a-z]{2,}|[a-z]{2,}${DIRECTION}+|usgov[a-z]+)\\d?$`,
  'i',
);

/**
 * Parts a list that is separated by spaces, as az takes it, and leaves display names alone: a region
 * ends with its settings after `=`, or where a compact name stands beside another word.
 */
function inSpaces(item: string): string[] {
  const regions: string[] = [];
  let ended = true;
  for (const word of partsOf(item.replace(/\s*=\s*/g, '='), /\s+/)) {
    const isWhole = COMPACT.test(word.split('=')[0] ?? '');
    const begins = (ended || isWhole) && !/^\d/.test(word);
    if (begins || regions.length === 0) regions.push(word);
    else regions.push(`${regions.pop() ?? ''} ${word}`);
    ended = isWhole || word.includes('=');
  }
  return regions;
}

function parseShort(text: string): RegionChoice | Problem {
  const [name = '', ...settings] = text.split('=').map((part) => part.trim());
  // Like az, a storage type alone.
  const [replicas, storage, ...more] =
    settings.length === 1 && /^[a-z]/i.test(settings[0] ?? '') ? ['', ...settings] : settings;
  if (more.length > 0) return notARegion(text);
  return assemble(text, name, replicas, storage);
}

const isScalar = (value: unknown): value is string | number | undefined =>
  value === undefined || typeof value === 'string' || typeof value === 'number';

/** YAML's anchors can make an object that contains itself, which is no JSON. */
function quoted(item: unknown): string {
  try {
    return JSON.stringify(item);
  } catch {
    return 'entry, which contains itself or is nested too deeply,';
  }
}

const FIELDS = [
  'name',
  'regionalReplicaCount',
  'storageAccountType',
  'encryption',
  'excludeFromLatest',
];

function parseObject(item: unknown): RegionChoice | Problem {
  const shown = shorten(quoted(item));
  if (!isRecord(item)) return notARegion(shown);
  const { name, regionalReplicaCount, storageAccountType, encryption, excludeFromLatest } = item;
  if (typeof name !== 'string') return new Problem(`whose ${shown} has no \`name\``);
  const unknown = Object.keys(item).filter((key) => !FIELDS.includes(key));
  if (unknown.length > 0)
    return new Problem(
      `whose region ${name} has ${unknown.join(', ')}; it can have ${FIELDS.join(', ')}`,
    );
  if (!isScalar(regionalReplicaCount))
    return new Problem(`whose region ${name} has a \`regionalReplicaCount\` that is no number`);
  if (!isScalar(storageAccountType))
    return new Problem(`whose region ${name} has a \`storageAccountType\` that is no text`);
  if (excludeFromLatest !== undefined && typeof excludeFromLatest !== 'boolean')
    return new Problem(
      `whose region ${name} has an \`excludeFromLatest\` that is neither true nor false`,
    );
  const encrypted = encryption === undefined ? undefined : parseEncryption(encryption);
  if (encrypted instanceof Problem)
    return new Problem(`whose region ${name} has an \`encryption\` ${encrypted.text}`);
  const rest = defined({ excludeFromLatest, encryption: encrypted });
  return assemble(
    name,
    name,
    regionalReplicaCount?.toString(),
    storageAccountType?.toString(),
    rest,
  );
}

function assemble(
  text: string,
  name: string,
  replicas?: string,
  storage?: string,
  rest: Pick<RegionChoice, 'excludeFromLatest' | 'encryption'> = {},
): RegionChoice | Problem {
  if (name.includes('/'))
    return new Problem(`whose "${text}" is an edge zone, which this action does not publish to`);
  if (!/^[a-z][a-z0-9]{2,59}$/.test(normaliseRegion(name))) return notARegion(text);
  const count = replicas ? parseReplicaCount(replicas) : undefined;
  if (count instanceof Problem)
    return new Problem(`whose "${text}" has a replica count ${count.text}`);
  const type = storage ? parseStorage(storage) : undefined;
  if (type instanceof Problem)
    return new Problem(`whose "${text}" has a storage type ${type.text}`);
  return defined({
    name: normaliseRegion(name),
    replicas: count,
    storageAccountType: type,
    ...rest,
  });
}

const notARegion = (text: string) =>
  new Problem(
    `whose "${text}" is not a region such as westeurope or westeurope=3=Premium_LRS; commas or lines separate regions`,
  );

/** Which fields an object of ARM's `encryption` may have, and of which kind. */
type Shape = { readonly [field: string]: 'text' | 'number' | Shape | readonly [Shape] };

const SHAPE: Shape = {
  osDiskImage: {
    diskEncryptionSetId: 'text',
    securityProfile: {
      confidentialVMEncryptionType: 'text',
      secureVMDiskEncryptionSetId: 'text',
    },
  },
  dataDiskImages: [{ lun: 'number', diskEncryptionSetId: 'text' }],
};

/** Reads a region's `encryption` as YAML gave it: ARM's own shape, every field known. */
function parseEncryption(given: unknown): RegionEncryption | Problem {
  const misshapen = misfit(given, SHAPE, '');
  if (misshapen) return new Problem(misshapen);
  const encryption = given as RegionEncryption;
  const wrong = encryptionSetsOf(encryption).find((id) => !isEncryptionSet(id));
  if (wrong)
    return new Problem(`with "${wrong}", which is not the resource ID of a disk encryption set`);
  const luns = (encryption.dataDiskImages ?? []).map(({ lun }) => lun);
  if (luns.some((lun) => lun === undefined))
    return new Problem('with a data disk that has no `lun`');
  const twice = luns.find((lun, index) => luns.indexOf(lun) !== index);
  if (twice !== undefined) return new Problem(`that names LUN ${twice} twice`);
  const profile = encryption.osDiskImage?.securityProfile;
  if (!profile) return encryption;
  const { confidentialVMEncryptionType: type, secureVMDiskEncryptionSetId: set } = profile;
  if (!type || !CONFIDENTIAL_ENCRYPTIONS.includes(type))
    return new Problem(
      `whose confidentialVMEncryptionType is not one of ${CONFIDENTIAL_ENCRYPTIONS.join(', ')}`,
    );
  if ((type === 'EncryptedWithCmk') !== (set !== undefined))
    return new Problem(
      'that contradicts itself: EncryptedWithCmk needs secureVMDiskEncryptionSetId, and no other type takes it',
    );
  return encryption;
}

/** Where a value does not have its shape, in words; `undefined` when it has. */
function misfit(given: unknown, shape: Shape, path: string): string | undefined {
  if (!isRecord(given)) return `where ${path || 'it'} is not an object`;
  for (const [field, member] of Object.entries(given)) {
    const at = path ? `${path}.${field}` : field;
    const wanted = Object.hasOwn(shape, field) ? shape[field] : undefined;
    if (wanted === undefined) return `with ${at}, which ARM does not know`;
    const wrong = misfitOf(member, wanted, at);
    if (wrong) return wrong;
  }
  return undefined;
}

function misfitOf(member: unknown, wanted: NonNullable<Shape[string]>, at: string) {
  if (wanted === 'text') return typeof member === 'string' ? undefined : `where ${at} is no text`;
  if (wanted === 'number')
    return Number.isInteger(member) ? undefined : `where ${at} is no whole number`;
  if (!isList(wanted)) return misfit(member, wanted, at);
  if (!Array.isArray(member)) return `where ${at} is not a list`;
  const [each] = wanted;
  return member
    .map((item: unknown, index) => misfit(item, each, `${at}[${index}]`))
    .find((wrong) => wrong !== undefined);
}

const isList = (shape: Shape | readonly [Shape]): shape is readonly [Shape] => Array.isArray(shape);

const isEncryptionSet = (id: string): boolean =>
  parseResourceId(id)?.type.toLowerCase() === 'microsoft.compute/diskencryptionsets';

import { parse } from 'yaml';
import type { RegionEncryption } from '../../domain/encryption.ts';
import { normaliseRegion, type RegionChoice } from '../../domain/regions.ts';
import {
  type Parsed,
  parseReplicaCount,
  parseStorage,
  partsOf,
  problem,
  shorten,
  value,
} from './parse.ts';
import { parseEncryption } from './parse-encryption.ts';

/**
 * Target regions: in az's form, one a line or several with commas, each
 * `name[=replicas[=storage type]]`; or as a YAML list of objects with ARM's own field names, where
 * encryption and exclusion have their place.
 */
export function parseRegions(text: string): Parsed<RegionChoice[]> {
  const entries = /^\s*(-(\s|$)|\[)/.test(text)
    ? yamlEntries(text)
    : partsOf(text, /[\r\n,]+/)
        .flatMap(inSpaces)
        .map(parseShort);
  const problems = entries.flatMap((entry) => ('problem' in entry ? [entry.problem] : []));
  const regions = entries.flatMap((entry) => ('value' in entry ? [entry.value] : []));
  const twice = regions.find(({ name }, index) =>
    regions.slice(0, index).some((earlier) => earlier.name === name),
  );
  if (twice) problems.push(`which names ${twice.name} twice`);
  return problems.length > 0 ? problem(problems.join('; ')) : value(regions);
}

function yamlEntries(text: string): Parsed<RegionChoice>[] {
  let list: unknown;
  try {
    // Warnings would be printed as they are.
    list = parse(text, { logLevel: 'error' });
  } catch (error) {
    const [first = ''] = String(error instanceof Error ? error.message : error).split('\n');
    return [problem(`which is not valid YAML: ${first}`)];
  }
  if (!Array.isArray(list)) return [problem('which is not a YAML list')];
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

function parseShort(text: string): Parsed<RegionChoice> {
  const [name = '', ...settings] = text.split('=').map((part) => part.trim());
  // Like az, a storage type alone.
  const [replicas, storage, ...more] =
    settings.length === 1 && /^[a-z]/i.test(settings[0] ?? '') ? ['', ...settings] : settings;
  if (more.length > 0) return notARegion(text);
  return assemble(text, name, {
    ...(replicas && { replicas }),
    ...(storage && { storage }),
  });
}

const isScalar = (value: unknown): boolean =>
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

function parseObject(item: unknown): Parsed<RegionChoice> {
  const shown = shorten(quoted(item));
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return notARegion(shown);
  const fields = item as Record<string, unknown>;
  const { name, regionalReplicaCount, storageAccountType, encryption, excludeFromLatest } = fields;
  if (typeof name !== 'string') return problem(`whose ${shown} has no \`name\``);
  const unknown = Object.keys(fields).filter((key) => !FIELDS.includes(key));
  if (unknown.length > 0)
    return problem(
      `whose region ${name} has ${unknown.join(', ')}; it can have ${FIELDS.join(', ')}`,
    );
  if (!isScalar(regionalReplicaCount))
    return problem(`whose region ${name} has a \`regionalReplicaCount\` that is no number`);
  if (!isScalar(storageAccountType))
    return problem(`whose region ${name} has a \`storageAccountType\` that is no text`);
  if (excludeFromLatest !== undefined && typeof excludeFromLatest !== 'boolean')
    return problem(
      `whose region ${name} has an \`excludeFromLatest\` that is neither true nor false`,
    );
  const encrypted = encryption === undefined ? undefined : parseEncryption(encryption);
  if (encrypted && 'problem' in encrypted)
    return problem(`whose region ${name} has an \`encryption\` ${encrypted.problem}`);
  return assemble(name, name, {
    ...(regionalReplicaCount !== undefined && { replicas: String(regionalReplicaCount) }),
    ...(storageAccountType !== undefined && { storage: String(storageAccountType) }),
    ...(excludeFromLatest !== undefined && { excludeFromLatest }),
    ...(encrypted && { encryption: encrypted.value }),
  });
}

interface Parts {
  readonly replicas?: string;
  readonly storage?: string;
  readonly excludeFromLatest?: boolean;
  readonly encryption?: RegionEncryption;
}

function assemble(text: string, name: string, parts: Parts): Parsed<RegionChoice> {
  const { replicas, storage, ...rest } = parts;
  if (name.includes('/'))
    return problem(`whose "${text}" is an edge zone, which this action does not publish to`);
  if (!/^[a-z][a-z0-9]{2,59}$/.test(normaliseRegion(name))) return notARegion(text);
  const count = replicas ? parseReplicaCount(replicas) : undefined;
  if (count && 'problem' in count)
    return problem(`whose "${text}" has a replica count ${count.problem}`);
  const type = storage ? parseStorage(storage) : undefined;
  if (type && 'problem' in type)
    return problem(`whose "${text}" has a storage type ${type.problem}`);
  return value({
    name: normaliseRegion(name),
    ...(count && { replicas: count.value }),
    ...(type && { storageAccountType: type.value }),
    ...rest,
  });
}

const notARegion = (text: string) =>
  problem(
    `whose "${text}" is not a region such as westeurope or westeurope=3=Premium_LRS; commas or lines separate regions`,
  );

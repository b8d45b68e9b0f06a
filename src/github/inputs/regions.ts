import { parse } from 'yaml';
import type { RegionEncryption } from '../../domain/encryption.ts';
import { normaliseRegion, type RegionChoice } from '../../domain/regions.ts';
import { parseEncryption } from './encryption.ts';
import { type Parsed, parseReplicaCount, parseStorage, problem, value } from './fields.ts';

/**
 * Target regions: in az's form, one a line or several with commas, each
 * `name[=replicas[=storage type]]`; or as a YAML list of objects with ARM's own field names, where
 * encryption and exclusion have their place.
 */
export function parseRegions(text: string): Parsed<RegionChoice[]> {
  const entries = /^\s*(-(\s|$)|\[)/.test(text)
    ? yamlEntries(text)
    : listItems(text).map(parseShort);
  const problems = entries.flatMap((entry) => ('problem' in entry ? [entry.problem] : []));
  const regions = entries.flatMap((entry) => ('value' in entry ? [entry.value] : []));
  const twice = regions.find(({ name }, index) =>
    regions.slice(0, index).some((earlier) => earlier.name === name),
  );
  if (twice) problems.push(`which names ${twice.name} twice`);
  return problems.length > 0 ? problem(problems.join('; ')) : value(regions);
}

/** Items of a list in lines or commas, CRLF and blank ones tolerated. */
const listItems = (text: string): string[] =>
  text
    .split(/[\r\n,]+/)
    .map((item) => item.trim())
    .filter(Boolean);

function yamlEntries(text: string): Parsed<RegionChoice>[] {
  let list: unknown;
  try {
    list = parse(text);
  } catch (error) {
    const [first = ''] = String(error instanceof Error ? error.message : error).split('\n');
    return [problem(`which is not valid YAML: ${first}`)];
  }
  if (!Array.isArray(list)) return [problem('which is not a YAML list')];
  return list.map((item: unknown) =>
    typeof item === 'string' ? parseShort(item) : parseObject(item),
  );
}

function parseShort(text: string): Parsed<RegionChoice> {
  const [name = '', replicas, storage, ...more] = text.split('=').map((part) => part.trim());
  if (more.length > 0) return notARegion(text);
  return assemble(text, name, {
    ...(replicas && { replicas }),
    ...(storage && { storage }),
  });
}

const FIELDS = [
  'name',
  'regionalReplicaCount',
  'storageAccountType',
  'encryption',
  'excludeFromLatest',
];

function parseObject(item: unknown): Parsed<RegionChoice> {
  const shown = JSON.stringify(item);
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return notARegion(shown);
  const fields = item as Record<string, unknown>;
  const { name, regionalReplicaCount, storageAccountType, encryption, excludeFromLatest } = fields;
  if (typeof name !== 'string') return problem(`whose ${shown} has no \`name\``);
  const unknown = Object.keys(fields).filter((key) => !FIELDS.includes(key));
  if (unknown.length > 0)
    return problem(
      `whose region ${name} has ${unknown.join(', ')}; it may have ${FIELDS.join(', ')}`,
    );
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
  problem(`whose "${text}" is not a region such as westeurope or westeurope=3=Premium_LRS`);

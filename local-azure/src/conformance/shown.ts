/* What an exchange shows of the resources that a recording takes for granted. */
import { at, isObject, type Json, type JsonObject, objectsAt, textAt } from '../json.ts';
import { usualSku } from '../vm/made-disks.ts';
import type { ResourceInput } from '../world.ts';
import { targetOf } from './resource-path.ts';
import type { Exchange } from './scenario.ts';

/** The resources of a list; their group is the one asked for, which some lists show in capitals. */
export function listed({ answer, url }: Exchange): unknown[] {
  const group = /\/resourceGroups\/([^/]+)\//i.exec(url.pathname)?.[1];
  return objectsAt(answer, 'value').map((resource) => {
    const id = textAt(resource, 'id');
    const own = /\/resourceGroups\/([^/]+)\//i.exec(id ?? '')?.[1];
    const isCapital = own !== undefined && own === own.toUpperCase();
    if (group === undefined || id === undefined || !isCapital) return resource;
    const text = JSON.stringify(resource);
    return JSON.parse(
      text.replaceAll(`/resourceGroups/${own}/`, `/resourceGroups/${group}/`),
    ) as unknown;
  });
}

/** Adds what `target` lacks of `source`, at any depth; whether that was anything. */
export function completed(target: JsonObject, source: JsonObject): boolean {
  let isChanged = false;
  for (const [name, value] of Object.entries(source)) {
    const own = target[name];
    if (own === undefined) {
      target[name] = structuredClone(value) as Json;
      isChanged = true;
    } else if (isObject(own) && isObject(value)) {
      isChanged = completed(own, value) || isChanged;
    } else if (Array.isArray(own) && Array.isArray(value)) {
      own.forEach((each, index) => {
        const other = value[index];
        if (isObject(each) && isObject(other)) isChanged = completed(each, other) || isChanged;
      });
    }
  }
  return isChanged;
}

/** What a VM, disk or snapshot keeps for as long as it lives. */
export function lifelong({ properties }: ResourceInput): string | undefined {
  return textAt(properties, 'vmId') ?? textAt(properties, 'uniqueId');
}

/** Notes a value; whether there was another before. */
export function changed(
  known: Map<string, string>,
  key: string,
  value: string | undefined,
): boolean {
  if (value === undefined) return false;
  const before = known.get(key);
  known.set(key, value);
  return before !== undefined && before !== value;
}

/** Whether something is still being done to a resource: by its service, or by its OS at first. */
export function isUnfinished(resource: unknown): boolean {
  const statuses = objectsAt(resource, 'properties', 'instanceView', 'statuses');
  if (statuses.some(({ code }) => /\/osProvisioning/.test(String(code)))) return true;
  return /^(Creating|Updating)$/.test(textAt(resource, 'properties', 'provisioningState') ?? '');
}

export function diskOf(machine: ResourceInput, disk: JsonObject, id: string): ResourceInput {
  const sizeGB = at(disk, 'diskSizeGB') ?? 30;
  const isOs = disk.osType !== undefined;
  const generation = textAt(machine, 'properties', 'instanceView', 'hyperVGeneration') ?? 'V1';
  return {
    id,
    location: machine.location,
    managedBy: machine.id,
    sku: { name: textAt(disk, 'managedDisk', 'storageAccountType') ?? usualSku(machine) },
    properties: {
      ...(isOs
        ? {
            osType: disk.osType,
            hyperVGeneration: generation,
            supportedCapabilities: { architecture: 'x64' },
          }
        : {}),
      uniqueId: crypto.randomUUID(),
      creationData: { createOption: disk.osType === undefined ? 'Empty' : 'FromImage' },
      diskSizeGB: sizeGB,
      diskState: 'Attached',
      provisioningState: 'Succeeded',
    },
  };
}

/** IDs of the resources that a nested one lives in, outermost first. */
export function ancestorsOf(id: string): string[] {
  const segments = id.split('/');
  const start = segments.findIndex((segment) => segment.toLowerCase() === 'providers') + 4;
  const ends = segments
    .map((_, end) => end)
    .filter((end) => end >= start && (end - start) % 2 === 0);
  return ends.filter((end) => end < segments.length).map((end) => segments.slice(0, end).join('/'));
}

export function isResource(value: unknown): value is ResourceInput {
  return isObject(value) && typeof value.id === 'string' && /\/providers\//i.test(value.id);
}

export function sameText(a: string | undefined, b: string): boolean {
  return a?.toLowerCase() === b.toLowerCase();
}

/** Every resource ID that appears anywhere in a body. */
export function idsIn(body: unknown): string[] {
  if (typeof body === 'string') {
    const isId = /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\//i.test(body);
    return isId && targetOf('GET', body).id !== undefined ? [body] : [];
  }
  if (Array.isArray(body)) return body.flatMap(idsIn);
  return isObject(body) ? Object.values(body).flatMap(idsIn) : [];
}

import { isObject, listAt, textAt } from '../json.ts';
import { compactRegion, findRegion, learnRegion } from '../regions.ts';
import type { Exchange } from './scenario.ts';

/**
 * Lets the local Azure know the regions that recorded writes were accepted for: Azure opens regions
 * faster than its list is copied. Names with spaces are display names.
 */
export function learnRegions(exchanges: readonly Exchange[]): void {
  const accepted = exchanges.filter(({ method, status }) => method !== 'GET' && status < 300);
  const unknown = new Map<string, string>();
  for (const { body } of accepted) {
    for (const name of [textAt(body, 'location') ?? '', ...namesIn(body)]) {
      if (name !== '' && isUnknown(name)) unknown.set(compactRegion(name), name);
    }
  }
  if (unknown.size === 0) return;
  for (const { answer } of exchanges) {
    for (const name of namesIn(answer)) {
      if (name.includes(' ') && unknown.has(compactRegion(name)))
        unknown.set(compactRegion(name), name);
    }
  }
  for (const name of unknown.values()) learnRegion(name);
}

/** Whether the list lacks the region, or a scenario before has told no more than its compact name. */
function isUnknown(name: string): boolean {
  const known = findRegion(name);
  return known === undefined || known.displayName === known.name;
}

/** Names of target regions anywhere in a body. */
function namesIn(body: unknown): string[] {
  if (Array.isArray(body)) return body.flatMap(namesIn);
  if (!isObject(body)) return [];
  const targets = [...listAt(body, 'targetRegions'), ...listAt(body, 'targetExtendedLocations')];
  const own = targets.flatMap((target) => textAt(target, 'name') ?? []);
  return [...own, ...Object.values(body).flatMap(namesIn)];
}

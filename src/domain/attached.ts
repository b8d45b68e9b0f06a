import { resourceIdOf, resourceKind } from './resource-id.ts';
import { LONGEST_TAG_VALUE, OUR_PREFIX, type Tags, tagValue } from './tags.ts';

/*
 * Resources that are attached to the build VM alone, and go with it when the user asked for
 * `after-capture: delete`: disks, network interfaces, public IP addresses, in this order.
 */

const CLEANUP_TAG = `${OUR_PREFIX}cleanup-`;
/** As many tags as are set aside for them. */
const CLEANUP_TAGS = 4;

/** Whether a resource ID is of a kind that is deleted together with the VM it is attached to. */
export function isAttachable(id: string): boolean {
  const kind = resourceKind(id);
  return kind === 'disk' || kind === 'nic' || kind === 'publicIp';
}

/**
 * These resources as tags of the version, so that an attempt that finds the VM gone still knows
 * what went with it. Names relative to the VM's resource group; what does not fit is left out.
 */
export function attachedTags(ids: readonly string[]): Tags {
  const texts: string[] = [];
  for (const id of ids) {
    const { type, names } = resourceIdOf(id);
    const entry = `${type}/${names[0]}`;
    const last = texts.at(-1);
    if (last !== undefined && last.length + entry.length < LONGEST_TAG_VALUE)
      texts[texts.length - 1] = `${last};${entry}`;
    else texts.push(entry);
  }
  return Object.fromEntries(
    texts.slice(0, CLEANUP_TAGS).map((text, index) => [`${CLEANUP_TAG}${index + 1}`, text]),
  );
}

/** Reads them back. @param vm the build VM's resource ID, whose group they are in */
export function attachedFromTags(tags: Tags, vm: string): string[] {
  const { subscriptionId, resourceGroup } = resourceIdOf(vm);
  const scope = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers`;
  return Array.from({ length: CLEANUP_TAGS }, (_, index) => `${CLEANUP_TAG}${index + 1}`)
    .flatMap((name) => tagValue(tags, name)?.split(';') ?? [])
    .map((entry) => `${scope}/${entry}`)
    .filter(isAttachable);
}

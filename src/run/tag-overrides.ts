import { quoted } from '../domain/quoted.ts';
import { nameOf } from '../domain/resource-id.ts';
import { OUR_PREFIX } from '../domain/tags.ts';
import type { Compute, Reporter, TagOverride } from './ports.ts';

/** Warns of each tag that Azure stored otherwise than it was sent; each is told once in a run. */
export function tellTagOverrides(compute: Compute, report: Reporter): void {
  const all = compute.takeTagOverrides();
  const isOurTag = ({ name }: TagOverride) => name.toLowerCase().startsWith(OUR_PREFIX);
  for (const override of all.filter((each) => !isOurTag(each))) report.warn(wordsOn(override));
  const marked = new Set(all.filter(isOurTag).map(({ id }) => nameOf(id)));
  if (marked.size > 0)
    report.warn(
      `Azure did not keep this action's tags on ${quoted([...marked])} (a policy). This run continues by what Azure itself shows. A re-run recognizes less without them: exempt tags \`${OUR_PREFIX}*\` from the policy.`,
    );
}

function wordsOn({ id, name, sent, stored, afterWrites }: TagOverride): string {
  if (afterWrites !== undefined)
    return `Something ${stored === undefined ? 'removed' : 'changed'} tag \`${name}\` of \`${nameOf(id)}\` after each of ${afterWrites} writes; requested \`${sent}\`. This run leaves it so. The activity log of the resource shows who does this.`;
  return stored === undefined
    ? `Azure removed tag \`${name}\` from \`${nameOf(id)}\` (a policy); requested \`${sent}\`.`
    : `Azure set tag \`${name}\` of \`${nameOf(id)}\` to \`${stored}\` (a policy); requested \`${sent}\`.`;
}

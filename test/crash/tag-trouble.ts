/** What becomes of a run when the tags of everything are dropped or rewritten at any of its requests. */
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import type { JsonObject } from '../../local-azure/src/json.ts';
import type { Resource } from '../../local-azure/src/world.ts';
import { OWNER_TAG, ownerOf } from '../../src/domain/owner.ts';
import type { Tags } from '../../src/domain/tags.ts';
import { buildVm, fakeClock } from '../scenarios/harness.ts';
import type { Fate } from './fates.ts';
import { lasting } from './lasting.ts';
import type { Blow } from './network.ts';
import { attempt, stage } from './trial.ts';
import { VARIANTS, type Variant } from './variants.ts';

/** Captures and promotions: what else there is takes tags for what its user says of his own. */
export const TAGGED_VARIANTS = VARIANTS.filter(
  (variant) => !variant.attempt || variant.name.startsWith('a promotion'),
);

const tagsOf = ({ tags }: Resource): Tags => (tags ?? {}) as Tags;

const toAll = (change: (tags: Tags) => Tags) => (azure: LocalAzure) => {
  for (const each of azure.world.all()) each.tags = change(tagsOf(each)) as JsonObject;
};

const where = (tags: Tags, keeps: (name: string) => boolean): Tags =>
  Object.fromEntries(Object.entries(tags).filter(([name]) => keeps(name)));

const ANOTHER = 'dddddddddddddddddddd.eeeeeeeeeeeeeeeeeeee';

/** Every resource gets the tags of one that this action has made. */
function copied(azure: LocalAzure): void {
  const own = azure.world.all().findLast((each) => ownerOf(tagsOf(each)) !== undefined);
  if (own) toAll((tags) => ({ ...tags, ...tagsOf(own) }))(azure);
}

const CHANGES: Readonly<Record<string, (azure: LocalAzure) => void>> = {
  'all tags are dropped': toAll(() => ({})),
  'the tags of this action are dropped': toAll((tags) =>
    where(tags, (name) => !name.startsWith('golden-image-')),
  ),
  'every tag has another value': toAll((tags) =>
    Object.fromEntries(Object.keys(tags).map((name) => [name, 'x'])),
  ),
  'every owner is another run': toAll((tags) => ({ ...tags, [OWNER_TAG]: ANOTHER })),
  'everything carries the same tags': copied,
};

/** Each change once, from then on, and while the run dies. */
export const TROUBLES: readonly Fate[] = Object.entries(CHANGES).flatMap(([name, change]) => [
  { name, reaches: false, does: 'pass', change },
  { name: `${name} from then on`, reaches: false, does: 'pass', change, onward: true },
  { name: `${name}, and the run dies`, reaches: true, does: 'abandon', change },
]);

/**
 * Runs a variant with a change of all tags at one request, then twice more.
 *
 * @returns what is wrong; empty when there is one new version at most and nothing foreign was touched
 */
export async function tagTrial(variant: Variant, blow: Blow): Promise<string[]> {
  using _clock = fakeClock();
  const azure = await stage(variant);
  const before = structuredClone(azure.world.all());
  const wrong: string[] = [];
  for (const blows of [[blow], [], []]) {
    const { run } = await attempt(azure, variant, blows);
    if (!run && blow.fate.does !== 'abandon') wrong.push('an attempt did not end');
    if (run?.failure?.kind === 'bug') wrong.push(`a bug: ${run.failure.message}`);
    azure.settle();
    wrong.push(...touched(before, azure, variant));
    await new Promise((done) => setTimeout(done, 20_000));
  }
  return [...new Set(wrong)];
}

/**
 * Of a VM that can be captured again, an attempt that finds another's tag on its version, or none, makes
 * another one: nothing that Azure writes tells it from a version of another run.
 */
const most = ({ name }: Variant): number => (/specialized|comes back/.test(name) ? 3 : 1);

const VERSION = /\/images\/[^/]+\/versions\/[^/]+$/i;

function touched(before: readonly Resource[], azure: LocalAzure, variant: Variant): string[] {
  const after = azure.world.all();
  const isNew = ({ id }: Resource) => !before.some((each) => each.id === id);
  // One that failed in some region stops nobody from another (docs/reruns.md).
  const made = after.filter(
    (each) =>
      VERSION.test(each.id) && isNew(each) && each.properties.provisioningState !== 'Failed',
  );
  const changed = before.filter((each) => {
    const now = azure.world.get(each.id);
    return isForeign(each, azure, variant) && (!now || contentOf(now) !== contentOf(each));
  });
  return [
    ...(made.length > most(variant)
      ? [`${made.length} versions: ${made.map(({ name }) => name)}`]
      : []),
    ...changed.map(({ id }) => `touched: ${id}`),
  ];
}

/** All but the build VM, what belongs to it, snapshots that earlier runs took of it, and the version promoted. */
function isForeign({ id }: Resource, azure: LocalAzure, variant: Variant): boolean {
  const vm = (variant.request(azure).vm ?? buildVm(azure)).split('/').at(-1) ?? '';
  const name = id.split('/').at(-1) ?? '';
  if (variant.attempt && VERSION.test(id)) return false;
  return !name.startsWith(vm) || /-f{20}b{4}$/.test(name);
}

const contentOf = ({ tags: _, ...rest }: Resource): string => lasting(rest);

import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { ImageVersion } from '../../../src/domain/gallery.ts';
import type { PromoteRequest } from '../../../src/domain/request.ts';
import type { PromoteTarget } from '../../../src/domain/target.ts';
import { applied, holds } from '../../../src/domain/version-change.ts';
import type { VersionOrder } from '../../../src/domain/version-order.ts';
import type { Step } from '../../../src/plan/plan.ts';
import { planPromote } from '../../../src/plan/promote.ts';
import { resolvePromote } from '../../../src/plan/resolve-promote.ts';
import { DEFINITION_ID, definition, inventory, NOW, origin, region, version } from '../worlds.ts';
import { promoteRequest as request } from './promote-judging.ts';

const DESTINATION = DEFINITION_ID.replace('ubuntu', 'released');

const complete = (found: ImageVersion): ImageVersion => ({
  ...found,
  provisioningState: 'Succeeded',
  replication: found.regions.map(({ name }) => region(name)),
});

/** Version 1.0.0, complete everywhere, out of `latest`. */
const source = (change: Partial<ImageVersion> = {}): ImageVersion =>
  complete(version('1.0.0', 'Succeeded', { excludeFromLatest: true, ...change }));

function targetOf(asked: Partial<PromoteRequest>, from = source()): PromoteTarget {
  const { gallery } = inventory();
  const resolved = resolvePromote(request(asked), origin(), {
    now: NOW,
    source: from,
    sourceDefinition: definition(),
    versions: asked.destination ? [] : [from],
    softDeleted: [],
    disks: [],
    snapshotsBeside: [],
    rights: [],
    encryptionSets: [],
    gallery: asked.destination ? gallery : undefined,
    definition: asked.destination ? definition({ id: DESTINATION }) : undefined,
  });
  if (!resolved) throw new Error('This inventory resolves to nothing');
  return resolved;
}

const kinds = (steps: readonly Step[]): string => steps.map((step) => step.do).join(' ');

describe('what comes last', () => {
  const removal = {
    regionChanges: 'replace',
    allowRegionRemoval: true,
    regions: [{ name: 'westeurope' }],
  } as const;
  const two = source({
    regions: [
      { name: 'westeurope', replicas: 1 },
      { name: 'eastus', replicas: 1 },
    ],
  });

  it.each<[string, Partial<PromoteRequest>, ImageVersion]>([
    ['entering latest', { excludeFromLatest: false }, source()],
    ['the removal of a region', removal, two],
    ['a block of the deletion', { blockDeletionBeforeEndOfLife: true }, source({ endOfLife: NOW })],
  ])('is done however far the run waits, once every region is complete: %s', (_, asked, from) => {
    for (const waitFor of ['replicated', 'home', 'none'] as const) {
      const steps = planPromote(targetOf({ ...asked, waitFor }, from), { version: from });
      expect(steps.map(({ id }) => id)).toContain('finish');
    }
  });

  test('waits for a version that another write has in hand', () => {
    const busy = { ...source(), provisioningState: 'Updating' as const };
    const asked = { excludeFromLatest: false, regions: [{ name: 'eastus' }] };
    const steps = planPromote(targetOf(asked), { version: busy });
    expect(kinds(steps)).toBe('replicate update replicate update replicate');
  });
});

test.each(['golden-image-run', 'Golden-Image-Built-By'])(
  'a copy says which run built the image, whatever the case of the tag %s',
  (name) => {
    for (const tag of [name, name.toLowerCase(), name.toUpperCase()]) {
      const copy = targetOf({ destination: DESTINATION }, source({ tags: { [tag]: 'run 7' } }));
      expect(copy.tags).toMatchObject({ 'golden-image-built-by': 'run 7' });
    }
  },
);

test('a version taken out of latest leaves it in every region, listed or not', () => {
  const from = source({
    excludeFromLatest: false,
    regions: [
      { name: 'westeurope', replicas: 1, excludeFromLatest: false },
      { name: 'eastus', replicas: 1, excludeFromLatest: false },
    ],
  });
  const { goal } = targetOf(
    { excludeFromLatest: true, regions: [{ name: 'eastus', replicas: 2 }] },
    from,
  );
  expect(applied(from, goal).regions).toMatchObject([
    { name: 'westeurope', replicas: 1, excludeFromLatest: true },
    { name: 'eastus', replicas: 2, excludeFromLatest: true },
  ]);
});

const asked = fc.record(
  {
    destination: fc.constant(DESTINATION),
    regions: fc.subarray([
      { name: 'westeurope' },
      { name: 'eastus', replicas: 2 },
      { name: 'northeurope', excludeFromLatest: true },
    ]),
    replicas: fc.constantFrom(1, 3),
    excludeFromLatest: fc.boolean(),
    blockDeletionBeforeEndOfLife: fc.boolean(),
    waitFor: fc.constantFrom('replicated' as const, 'home' as const, 'none' as const),
  },
  { requiredKeys: ['waitFor'] },
);
const states = fc.constantFrom<ImageVersion['provisioningState']>(
  'Creating',
  'Updating',
  'Succeeded',
  'Failed',
);

const situations = asked.chain((change) => {
  const regions = change.regions?.length === 0 ? undefined : change.regions;
  const wanted = targetOf({
    ...change,
    regions:
      change.destination && regions
        ? [{ name: 'westeurope' }, ...regions.slice(1)]
        : (regions ?? []),
  });
  const seen = states.map((state) => ({
    ...(wanted.order ? made(wanted.order) : source()),
    provisioningState: state,
  }));
  return fc.record({
    wanted: fc.constant(wanted),
    seen: wanted.order ? fc.option(seen, { nil: undefined }) : seen,
  });
});

/** A version as its order asks for it. */
const made = ({ id, location, regions, excludeFromLatest, tags }: VersionOrder): ImageVersion =>
  version('1.0.0', 'Creating', { id, location, regions, excludeFromLatest, tags });

/** What a step that ended well leaves behind. */
function after(step: Step, seen: ImageVersion | undefined, wanted: PromoteTarget) {
  switch (step.do) {
    case 'publish':
      return made(step.order);
    case 'update':
      return seen && { ...applied(seen, step.change), provisioningState: 'Updating' as const };
    case 'replicate':
      return seen && complete(seen);
    case 'delete':
      return undefined;
    default:
      throw new Error(`A promotion of ${wanted.version} has no step ${step.do}`);
  }
}

describe('in every situation', () => {
  test('steps have names of their own', () => {
    fc.assert(
      fc.property(situations, ({ wanted, seen }) => {
        const before = new Set<string>();
        for (const { id } of planPromote(wanted, { version: seen })) {
          expect(before).not.toContain(id);
          before.add(id);
        }
      }),
    );
  });

  test('killed after any step, again and again, a run still comes to what was asked', () => {
    const kills = fc.array(fc.nat({ max: 5 }), { maxLength: 5 });
    fc.assert(
      fc.property(situations, kills, ({ wanted, seen: first }, killed) => {
        let seen: ImageVersion | undefined = first;
        for (const done of [...killed, 99, 99])
          for (const step of planPromote(wanted, { version: seen }).slice(0, done))
            seen = after(step, seen, wanted);
        expect(planPromote(wanted, { version: seen })).toEqual([]);
        if (wanted.request.waitFor === 'replicated')
          expect(seen && holds(seen, wanted.goal)).toBe(true);
      }),
    );
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parentId } from '../../local-azure/src/arm-id.ts';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { objectAt } from '../../local-azure/src/json.ts';
import type { PromoteRequest } from '../../src/domain/request.ts';
import { rulesOf } from '../../src/plan/preflight/chapters.ts';
import { fakeClock, type PromoteOperation, promote, type Run } from './harness.ts';
import { promoteWorlds as ownWorlds, type PromoteWorld } from './promote-worlds.ts';
import { DESTINATION, devAndProduction, inDev, stored } from './promotion.ts';
import { inAzuresWords, wordsOf } from './refusal-words.ts';
import { throwAwayWorlds } from './throw-away-worlds.ts';
import { ask, lock } from './world-changes.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

const promoteWorlds: Readonly<Record<string, PromoteWorld>> = {
  ...ownWorlds,
  ...Object.fromEntries(
    Object.entries(throwAwayWorlds).map(([rule, { request, ...world }]) => [
      rule,
      { ...world, asked: request },
    ]),
  ),
};

/** A promotion that is not checked: what the rules find is thrown away. */
const unchecked = (operation: PromoteOperation): PromoteOperation => ({
  ...operation,
  prepare: async (compute, dryRun) => ({
    ...(await operation.prepare(compute, dryRun)),
    findings: [],
  }),
});

async function broken(rule: string) {
  const { begin, change, asked } = promoteWorlds[rule] ?? {};
  const azure = await devAndProduction(begin);
  await change?.(azure);
  azure.requests.clear();
  return { azure, asked: asked?.(azure) ?? {} };
}

const errors = rulesOf('promote').filter(({ severity }) => severity === 'error');
const foretelling = errors.filter(({ azure }) => !('accepts' in azure));

describe('a rule of promotions that foretells a refusal', () => {
  it('has a world that breaks it', () => {
    expect(Object.keys(promoteWorlds).sort()).toEqual(foretelling.map(({ id }) => id).sort());
  });

  it.each(foretelling.map(({ id }) => id))('%s: stops the run before any write', async (rule) => {
    const { azure, asked } = await broken(rule);
    const { failure, heard, wrote } = await promote(azure, asked);
    const found = heard.findings.filter(({ severity }) => severity === 'error');
    expect(found.map((finding) => finding.rule)).toEqual([rule]);
    expect(failure?.kind).toBe('refused');
    expect(wrote).toBe(false);
  });

  it.each(foretelling)('$id: is right, Azure refuses it', async ({ id, azure: answer }) => {
    const { azure, asked } = await broken(id);
    const ask = promoteWorlds[id]?.ask;
    const refusal = ask
      ? await ask(azure)
      : inAzuresWords((await promote(azure, asked, { aroundPromotion: unchecked })).failure);
    expect(refusal).toMatch(/\w/);
    for (const words of wordsOf(id, answer)) expect(refusal).toMatch(words);
  });
});

describe('a rule of promotions that forbids what Azure takes', () => {
  it('is one of these', () => {
    const own = errors.filter(({ azure }) => 'accepts' in azure).map(({ id }) => id);
    expect(own).toEqual([
      'source-no-latest',
      'source-not-verified',
      'version-soft-deleted',
      'block-without-end',
      'latest-none',
      'verify-vm-name',
    ]);
  });

  /** What becomes of it when nothing is checked; refused by Azure in no request. */
  async function taken(
    azure: LocalAzure,
    asked: Partial<PromoteRequest>,
    rule: string,
  ): Promise<Run> {
    const checked = await promote(azure, asked);
    expect(checked.heard.findings.map((finding) => finding.rule)).toContain(rule);
    expect(checked.wrote).toBe(false);
    azure.requests.clear();
    const run = await promote(azure, asked, { aroundPromotion: unchecked });
    const puts = azure.requests.all().filter(({ method }) => method === 'PUT');
    expect(puts.length).toBeGreaterThan(0);
    expect(puts.filter(({ status }) => status >= 400)).toEqual([]);
    return run;
  }

  it('source-no-latest: a copy can be asked for by number', async () => {
    const azure = await devAndProduction();
    const latest = { definition: parentId(inDev(azure)), version: 'latest' };
    const { heard, failure } = await promote(azure, { destination: DESTINATION, source: latest });
    expect(heard.findings.map(({ rule }) => rule)).toContain('source-no-latest');
    expect(failure?.kind).toBe('refused');
    expect((await promote(azure, { destination: DESTINATION })).failure).toBeUndefined();
  });

  it('version-soft-deleted: Azure brings the deleted one back instead', async () => {
    const azure = await devAndProduction();
    const gallery = azure.world.get(parentId(DESTINATION));
    if (gallery) gallery.properties.softDeletePolicy = { isSoftDeleteEnabled: true };
    const id = `${DESTINATION}/versions/1.0.0`;
    await promote(azure, { destination: DESTINATION }, { runId: 'first' });
    const { tags } = stored(azure, id);
    await ask(azure, 'DELETE', id);
    await new Promise((done) => setTimeout(done, 3600_000));
    azure.settle();
    expect(azure.world.get(id)).toBeUndefined();
    await taken(
      azure,
      { destination: DESTINATION, tags: { other: 'one' } },
      'version-soft-deleted',
    );
    expect(stored(azure, id).tags).toEqual(tags);
  });

  it('block-without-end: it blocks nothing', async () => {
    const azure = await devAndProduction();
    await taken(azure, { blockDeletionBeforeEndOfLife: true }, 'block-without-end');
    expect(stored(azure, inDev(azure)).properties.safetyProfile).toMatchObject({
      blockDeletionBeforeEndOfLife: true,
    });
    expect(await ask(azure, 'DELETE', inDev(azure))).toBe('');
  });

  it('latest-none: nothing is latest any more', async () => {
    const azure = await devAndProduction({ excludeFromLatest: false });
    const { heard } = await taken(azure, { excludeFromLatest: true }, 'latest-none');
    expect(heard.latestAfter).toEqual({ westeurope: null });
  });

  it('region-removal: Azure takes it of who says so, as this action would', async () => {
    const azure = await devAndProduction(promoteWorlds['region-removal']?.begin);
    const asked = promoteWorlds['region-removal']?.asked?.(azure) ?? {};
    await taken(azure, asked, 'region-removal');
    const profile = objectAt(stored(azure, inDev(azure)).properties, 'publishingProfile');
    expect(profile.targetRegions).toMatchObject([{ name: 'West Europe' }]);
  });
});

describe('a lock that lets everything be changed', () => {
  it('lets regions be removed too', async () => {
    const azure = await devAndProduction(promoteWorlds['region-removal']?.begin);
    lock(azure, parentId(inDev(azure)), 'CanNotDelete');
    const asked = promoteWorlds['region-removal']?.asked?.(azure) ?? {};
    const { failure, heard } = await promote(azure, { ...asked, allowRegionRemoval: true });
    expect(failure).toBeUndefined();
    expect(heard.findings).toEqual([]);
    const profile = objectAt(stored(azure, inDev(azure)).properties, 'publishingProfile');
    expect(profile.targetRegions).toMatchObject([{ name: 'West Europe' }]);
  });
});

describe('a dry run of a promotion', () => {
  const cost = (azure: LocalAzure) => {
    const asked = azure.requests.all().filter(({ path }) => path.startsWith('/subscriptions/'));
    expect(asked.map(({ method }) => method)).toEqual(asked.map(() => 'GET'));
    const rights = asked.filter(({ path }) => path.endsWith('/permissions'));
    return { rights: rights.length, others: asked.length - rights.length };
  };

  it('into another definition makes seven requests, and one for each scope of rights', async () => {
    const azure = await devAndProduction();
    const { failure } = await promote(azure, { destination: DESTINATION }, { dryRun: true });
    expect(failure).toBeUndefined();
    expect(cost(azure)).toEqual({ rights: 2, others: 7 });
  });

  it.each<[Partial<PromoteRequest>, number]>([
    [{ tags: { stage: 'prod' } }, 3],
    [{ regions: [{ name: 'eastus2' }] }, 5],
    [{ replicas: 1 }, 2],
  ])('where the version is, of %j, makes %i, and one for its rights', async (asked, others) => {
    const azure = await devAndProduction();
    const { failure } = await promote(azure, asked, { dryRun: true });
    expect(failure).toBeUndefined();
    expect(cost(azure)).toEqual({ rights: 1, others });
  });

  it('finds ten mistakes in one run', async () => {
    const azure = await devAndProduction({ replicationMode: 'Shallow' });
    const own = azure.world.get(DESTINATION);
    Object.assign(own?.properties ?? {}, {
      hyperVGeneration: 'V1',
      features: [{ name: 'SecurityType', value: 'TrustedLaunchSupported' }],
      purchasePlan: { name: 'n', publisher: 'p', product: 'o' },
      endOfLifeDate: '2026-11-01T00:00:00Z',
    });
    lock(azure, parentId(DESTINATION), 'ReadOnly');
    const { heard, failure } = await promote(
      azure,
      {
        destination: DESTINATION,
        excludeFromLatest: false,
        blockDeletionBeforeEndOfLife: true,
        regions: [
          { name: 'westeurope', storageAccountType: 'Standard_ZRS' },
          { name: 'westus', replicas: 100, storageAccountType: 'Standard_ZRS' },
          { name: 'atlantis' },
        ],
      },
      { dryRun: true },
    );
    expect(heard.findings.map(({ rule }) => rule)).toEqual([
      'source-shallow',
      'copy-definition-differs',
      'copy-security-type',
      'copy-plan',
      'block-without-end',
      'region-unknown',
      'region-zone-redundancy',
      'replicas-total',
      'locked-read-only',
      'definition-end-of-life',
      'replicas-for-latest',
    ]);
    expect(failure?.what).toMatch(/^9 problems were found before anything was changed/);
  });
});

import type { Finding, Unchecked } from '../../../src/domain/finding.ts';
import type { ImageVersion } from '../../../src/domain/gallery.ts';
import type { Inventory } from '../../../src/domain/observed.ts';
import type { PromoteRequest } from '../../../src/domain/request.ts';
import type { Lock } from '../../../src/domain/subscription.ts';
import { rulesOf } from '../../../src/plan/preflight/chapters.ts';
import { contextOf } from '../../../src/plan/preflight/context.ts';
import { type Judgement, judge } from '../../../src/plan/preflight/rule.ts';
import { planPromote } from '../../../src/plan/promote.ts';
import { resolvePromote } from '../../../src/plan/resolve-promote.ts';
import { DEFINITION_ID, definition, inventory, origin, region, version } from '../worlds.ts';

/** The definition to copy into, of a gallery beside the source's. */
export const DESTINATION = DEFINITION_ID.replace('/golden/', '/released/');

export const promoteRequest = (change: Partial<PromoteRequest> = {}): PromoteRequest => ({
  operation: 'promote',
  source: { definition: DEFINITION_ID, version: '1.0.0' },
  requestedVersion: 'source',
  regions: [],
  regionChanges: 'add',
  allowRegionRemoval: false,
  repairRegions: false,
  allowNoLatest: false,
  tags: {},
  waitFor: 'replicated',
  ...change,
});

/** What differs from the plainest promotion that succeeds. */
export interface PromoteCase {
  readonly asked?: Partial<PromoteRequest>;
  /** Of version 1.0.0, which is out of `latest`, with three replicas; `null`: there is none. */
  readonly source?: Partial<ImageVersion> | null;
  /** Other versions, where the version is or is to be. */
  readonly versions?: readonly ImageVersion[];
  readonly seen?: Partial<Inventory>;
  /** Facts that cannot be read. */
  readonly unseen?: readonly 'regions'[];
  readonly dryRun?: boolean;
  readonly deletions?: readonly string[];
  /** `null`: they cannot be read. */
  readonly locks?: readonly Lock[] | null;
}

/** Version 1.0.0 of the source's definition, complete everywhere. */
export function sourceVersion(change: Partial<ImageVersion> = {}): ImageVersion {
  const found = version('1.0.0', 'Succeeded', {
    excludeFromLatest: true,
    regions: [{ name: 'westeurope', replicas: 3 }],
    storageAccountType: 'Standard_LRS',
    ...change,
  });
  return { replication: found.regions.map(({ name }) => region(name)), ...found };
}

/** A version of the definition to copy into. */
export const copyVersion = (
  number: string,
  change: Partial<ImageVersion> = {},
  state: ImageVersion['provisioningState'] = 'Succeeded',
): ImageVersion =>
  version(number, state, {
    id: `${DESTINATION}/versions/${number}`,
    replication: [region('westeurope')],
    ...change,
  });

/** All that is seen for this case. */
export function promoteInventory({ asked = {}, source, versions = [], seen }: PromoteCase) {
  const { now, regions = [], softDeleted, gallery } = inventory();
  const own = asked.destination ?? DEFINITION_ID;
  const found = source === null ? undefined : sourceVersion(source);
  const beside = asked.destination || !found ? versions : [found, ...versions];
  const all: Inventory = {
    now,
    source: found,
    sourceDefinition: asked.destination ? definition() : undefined,
    gallery: asked.destination ? gallery : undefined,
    definition: definition({ id: own }),
    versions: beside,
    softDeleted,
    disks: [],
    snapshotsBeside: [],
    regions,
    encryptionSets: [],
    rights: [DEFINITION_ID, own].map((scope) => ({
      scope,
      permissions: [{ actions: ['*'], notActions: [] }],
    })),
    ...seen,
  };
  return all;
}

/** What the rules say. */
export function judgementOf(facts: PromoteCase): Judgement {
  const { dryRun = false, deletions, unseen = [], locks = [] } = facts;
  const wanted = promoteRequest(facts.asked);
  const seen = promoteInventory(facts);
  for (const name of unseen) Reflect.deleteProperty(seen, name);
  const target = resolvePromote(wanted, origin(), seen);
  const there = seen.versions.find(({ id }) => id === target?.version);
  const steps = target
    ? planPromote(target, { version: wanted.destination ? there : seen.source })
    : [];
  const known = {
    ...contextOf('promote', {
      request: wanted,
      origin: origin(),
      inventory: seen,
      target,
      dryRun,
      steps,
      ...(locks && { locks }),
    }),
    ...(deletions && { deletions }),
  };
  return judge(rulesOf('promote'), known);
}

export const findingsOf = (facts: PromoteCase): readonly Finding[] => judgementOf(facts).findings;

export const uncheckedOf = (facts: PromoteCase): readonly Unchecked[] =>
  judgementOf(facts).unchecked;

export const rulesBroken = (facts: PromoteCase): string[] =>
  findingsOf(facts).map(({ rule }) => rule);

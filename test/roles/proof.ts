/** The proof that the roles suffice, and that nothing in them is idle. */

import { parentId } from '../../local-azure/src/arm-id.ts';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { OBJECT_ID } from '../../local-azure/src/identity.ts';
import { asResource, type ResourceInput } from '../../local-azure/src/world.ts';
import { type Grant, grantsOf } from '../../src/plan/needed-rights.ts';
import { RIGHTS, type RightsName, type Scope } from '../../src/plan/rights.ts';
import {
  buildVm,
  definitionId,
  fakeClock,
  localAzure,
  type Run,
  subnetId,
} from '../scenarios/harness.ts';
import { isRead, sameGrant } from './grants.ts';
import type { ProvingRun } from './proving-run.ts';
import { RUNS } from './runs.ts';
import { KEY, TESTS, USERS } from './worlds.ts';

/** What happens without one action. */
export interface Necessity extends Grant {
  readonly rights: RightsName;
  /** Whether it is needed by a dry run. */
  readonly readOnly: boolean;
  /** The run that misses it; undefined when none does: then it is idle. */
  readonly run: string | undefined;
  /** Whether that run succeeds nevertheless, because it only could not clean up. */
  readonly passes: boolean;
  /** What the run then says that it could not do. */
  readonly cannot: string;
}

/** A run that passes with exactly its role. */
export interface Sufficiency {
  readonly run: ProvingRun;
  readonly failure: string | undefined;
}

/** The grants of a run: those of its rights, as far as it may change anything. */
export const roleOf = ({ rights, readOnly }: ProvingRun): readonly Grant[] =>
  grantsOf(rights).filter((grant) => !readOnly || isRead(grant));

/** Every run under exactly its role. */
export async function sufficiencies(): Promise<Sufficiency[]> {
  const results: Sufficiency[] = [];
  for (const run of RUNS)
    results.push({ run, failure: (await attempt(run, roleOf(run))).failure?.message });
  return results;
}

/** For each action of each kind of rights, a run that fails, or cannot clean up, without it. */
export async function necessities(): Promise<Necessity[]> {
  const results: Necessity[] = [];
  for (const readOnly of [false, true])
    for (const rights of Object.keys(RIGHTS) as RightsName[])
      for (const grant of grantsOf([rights]).filter((each) => !readOnly || isRead(each))) {
        const runs = RUNS.filter(
          (run) => run.rights.includes(rights) && (run.readOnly ?? false) === readOnly,
        );
        if (runs.length > 0) results.push(await need(grant, rights, readOnly, runs));
      }
  return results;
}

const UNREADABLE = /^Users of the image could not be looked for/;
/** Several reads that were refused at once; each is named with its action. */
const READS_REFUSED = /^Azure refused \d+ reads/;
const REFUSED = /Azure refused to (.*) \(HTTP 403\)/;

async function need(
  grant: Grant,
  rights: RightsName,
  readOnly: boolean,
  runs: readonly ProvingRun[],
): Promise<Necessity> {
  for (const run of runs) {
    const others = roleOf(run).filter((each) => !sameGrant(each, grant));
    const { failure, heard } = await attempt(run, others);
    if (failure === undefined) {
      // A clean-up that is refused is no failure, but the log names it.
      const said = heard.lines.map((line) => REFUSED.exec(line)?.[1]).find(Boolean);
      if (said) return { ...grant, rights, readOnly, run: run.name, passes: true, cannot: said };
      continue;
    }
    const { code = '', what } = failure;
    // A finding tells what this identity lacks permission to read, and which action is lacking.
    const isFinding = UNREADABLE.test(what) && what.includes(grant.action);
    const refused = isFinding || code.endsWith('AuthorizationFailed');
    const areReads = READS_REFUSED.test(what) && what.includes(grant.action);
    const cannot = isFinding
      ? 'look for users of the image'
      : areReads
        ? 'read what the run is about'
        : REFUSED.exec(what)?.[1];
    if (!refused || cannot === undefined)
      throw new Error(`Without ${grant.action}, ${run.name} fails otherwise: ${failure.message}`);
    return { ...grant, rights, readOnly, run: run.name, passes: false, cannot };
  }
  return { ...grant, rights, readOnly, run: undefined, passes: true, cannot: '' };
}

/** A run in a world whose identity has these grants alone. */
async function attempt(run: ProvingRun, grants: readonly Grant[]): Promise<Run> {
  using _clock = fakeClock();
  const azure = localAzure();
  await run.prepare?.(azure);
  assign(azure, grants, run.gallery);
  return await run.run(azure);
}

/** Assigns a role of the grants at each scope. */
function assign(azure: LocalAzure, grants: readonly Grant[], gallery?: string): void {
  const source = parentId(definitionId(azure));
  const scopes: Readonly<Record<Scope, string>> = {
    build: buildVm(azure).split('/providers/')[0] ?? '',
    source,
    gallery: gallery ?? source,
    keys: KEY,
    verify: TESTS,
    network: subnetId(azure),
    users: `/subscriptions/${USERS}`,
  };
  for (const each of assignments(azure.subscriptionId, scopes, grants))
    azure.world.put(asResource(each));
}

/**
 * Role definitions and their assignments to the service account, as a world holds them: one at
 * every scope, even when it grants nothing, because a world without any allows everything.
 */
export const assignments = (
  subscriptionId: string,
  scopes: Readonly<Record<Scope, string>>,
  grants: readonly Grant[],
): ResourceInput[] =>
  (Object.keys(scopes) as Scope[]).flatMap((scope, index) => {
    const actions = grants.filter((grant) => grant.scope === scope).map(({ action }) => action);
    const guid = `00000000-0000-4000-8000-00000000000${index}`;
    const authorization = 'providers/Microsoft.Authorization';
    const roleDefinitionId = `/subscriptions/${subscriptionId}/${authorization}/roleDefinitions/${guid}`;
    return [
      { id: roleDefinitionId, properties: { permissions: [{ actions }] } },
      {
        id: `${scopes[scope]}/${authorization}/roleAssignments/${guid}`,
        properties: { principalId: OBJECT_ID, roleDefinitionId },
      },
    ];
  });

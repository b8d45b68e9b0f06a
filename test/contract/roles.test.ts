import { describe, expect, it } from 'vitest';
import { createLocalAzure } from '../../local-azure/src/azure.ts';
import { arm } from '../../local-azure/test/sdk.ts';
import { RIGHTS } from '../../src/plan/rights.ts';
import {
  permissionsPage,
  type RoleDefinition,
  rightsFile,
  roleDefinitions,
} from '../roles/documents.ts';
import { SCOPES } from '../roles/grants.ts';
import { type Necessity, necessities, type Sufficiency, sufficiencies } from '../roles/proof.ts';
import { RUNS } from '../roles/runs.ts';
import { isExhaustive } from '../runner/slice.ts';
import { fences, read } from './documents.ts';

/** Milliseconds: some seventy runs of the action. */
const PATIENCE = 300_000;

// The runs that each lack one action are part of the exhaustive tests.
describe('the roles', () => {
  let sufficient: readonly Sufficiency[] = [];
  let necessary: readonly Necessity[] = [];

  it(
    'suffice for every run',
    async () => {
      sufficient = await sufficiencies();
      expect(sufficient.filter(({ failure }) => failure !== undefined)).toEqual([]);
    },
    PATIENCE,
  );

  it.runIf(isExhaustive)(
    'hold nothing without which every run would pass',
    async () => {
      necessary = await necessities();
      expect(necessary.filter(({ run }) => run === undefined)).toEqual([]);
      const proven = new Set(necessary.map(({ rights }) => rights));
      expect([...proven].sort()).toEqual(Object.keys(RIGHTS).sort());
    },
    PATIENCE,
  );

  it.runIf(isExhaustive)(
    'stand in docs/permissions.md with their proof (mend with `npm run roles`)',
    () => expect(read('docs/permissions.md')).toBe(permissionsPage(sufficient, necessary)),
  );

  it('stand in setup/rights.txt, and the setup knows each scope', () => {
    expect(read('setup/rights.txt')).toBe(rightsFile());
    for (const scope of Object.keys(SCOPES))
      expect(read('setup/azure.sh')).toMatch(new RegExp(`^    ${scope}\\) `, 'm'));
  });

  it('are tried by a run that asks for each input and situation', () => {
    const tried = new Set(RUNS.flatMap(({ rights }) => rights));
    expect([...tried].sort()).toEqual(Object.keys(RIGHTS).sort());
  });
});

describe('the role definitions in docs/permissions.md', () => {
  const page = read('docs/permissions.md');
  const given = fences(page, 'json').map((text) => JSON.parse(text) as RoleDefinition);

  it('are the roles', () => {
    expect(given).toEqual(roleDefinitions().map(({ role }) => role));
  });

  it.each(given)('are taken by Azure: $Name', async ({ Name, Actions }) => {
    using azure = createLocalAzure();
    const scope = `/subscriptions/${azure.subscriptionId}/providers/Microsoft.Authorization`;
    const guid = '00000000-0000-4000-8000-000000000000';
    const properties = { roleName: Name, permissions: [{ actions: Actions }] };
    const answer = await arm(azure, 'PUT', `${scope}/roleDefinitions/${guid}`, { properties });
    expect(answer).toMatchObject({ status: 201 });
  });

  it('for the gallery serve a promotion into it as well', () => {
    const gallery = given.find(({ Name }) => Name === 'Golden image: gallery');
    expect(gallery?.Actions).toEqual(RIGHTS.copy.on.gallery?.actions);
  });

  it('are those that the page says to create', () => {
    const files = [...page.matchAll(/--role-definition @(\S+)/g)].map(([, file]) => file);
    const names = [...page.matchAll(/--role '([^']+)'/g)].map(([, name]) => name);
    expect(files).toHaveLength(2);
    for (const file of files) expect(page).toContain(`\`${file}\`, on`);
    expect(names).toEqual(given.slice(0, 2).map(({ Name }) => Name));
  });
});

/** What setup/setup.sh says before it asks Azure anything; with Azure: test/witness/az. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { RIGHTS, type RightsName, type Scope } from '../../src/plan/rights.ts';
import type { RoleDefinition } from '../roles/documents.ts';
import { SCOPES } from '../roles/grants.ts';
import { fences, filesBelow, read } from './documents.ts';

const run = (program: string, ...parameters: string[]) =>
  spawnSync(program, parameters, { encoding: 'utf8' });
const setup = (...options: string[]) => run('bash', 'setup/setup.sh', ...options);
const isThere = (program: string) => run(program, '--version').status === 0;

// The setup is for bash; a developer's Windows machine can lack it.
describe.skipIf(!isThere('bash'))('setup/setup.sh', () => {
  it('lists every mistake, and changes nothing', () => {
    const wrong = [
      '--repository',
      'images',
      '--for',
      'tea,copy',
      '--operation',
      'snapshot,verify',
      '--branch',
      'a *',
      '--colour',
      'red',
    ];
    const { status, stdout, stderr } = setup(
      ...wrong,
      '--subject',
      'new',
      '--owner-id',
      'x',
      '--vm',
    );
    expect(stderr.trim().split('\n')).toEqual([
      'setup: --colour is unknown',
      'setup: --vm has no value, or is unknown',
      'setup: --repository must be OWNER/NAME',
      'setup: --owner-id and --repository-id are numbers',
      'setup: --subject is classic, ids or both',
      "setup: 'ref:refs/heads/a *' has a blank or a wildcard, which no subject can have",
      "setup: 'snapshot' is no operation; setup/rights.txt has the names",
      "setup: 'verify' needs --verify-subnet",
      "setup: 'tea' is unknown; setup/rights.txt has the names",
      "setup: 'copy' needs --source-gallery",
      "setup: nothing was changed; 'setup/setup.sh --help' lists the options",
    ]);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  });

  it('has each option in its help that docs/setup.md gives', () => {
    const { status, stdout } = setup('--help');
    expect(status).toBe(0);
    const given = fences(read('docs/setup.md'), 'sh')
      .filter((text) => text.includes('setup/setup.sh'))
      .flatMap((text) => text.match(/--[a-z-]+/g) ?? []);
    expect(given.length).toBeGreaterThan(5);
    expect(given.filter((option) => !stdout.includes(`${option} `))).toEqual([]);
  });
});

/** Stands in for the Azure CLI, in a subscription that has the resource groups, or not, and nothing else. */
const AZ = `#!/bin/sh
case "$*" in
  'account show'*) echo 00000000-0000-4000-8000-000000000000 ;;
  'group exists'*) echo "\${EXISTS-true}" ;;
esac
`;

// For bash, too.
describe.skipIf(!isThere('bash'))('the roles that setup/setup.sh makes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'az-'));
  writeFileSync(join(folder, 'az'), AZ, { mode: 0o755 });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** What it says on a dry run. */
  function toldFor(options: readonly string[], more: Record<string, string> = {}) {
    const where = ['--source-gallery', '/of/copies', '--verify-subnet', '/of/vms'];
    const who = ['--repository', 'contoso/images', '--subject', 'classic', '--pull-request'];
    const env = { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}`, ...more };
    const parameters = ['setup/setup.sh', ...who, ...where, ...options, '--dry-run'];
    return spawnSync('bash', parameters, { encoding: 'utf8', env }).stderr;
  }

  /** The actions of each role, by its name without the checksum. */
  function rolesFor(...options: string[]) {
    const roles = [...toldFor(options).matchAll(/with role\.json: (.*)/g)].map(
      ([, json = '']) => JSON.parse(json) as RoleDefinition,
    );
    return Object.fromEntries(
      roles.map(({ Name, Actions }) => [Name.replace(/ \(\d+\)$/, ''), Actions]),
    );
  }

  /** Those of these rights: one for each scope, and one for what dry runs of pull requests read. */
  function rolesOf(...names: RightsName[]) {
    const on = (scope: Scope) => names.flatMap((name) => RIGHTS[name].on[scope]?.actions ?? []);
    const roles = (Object.keys(SCOPES) as Scope[]).flatMap((scope) => {
      const all = [...new Set(on(scope))].sort();
      const reads = all.filter((action) => action.endsWith('/read'));
      const name = `Golden image: ${scope}, golden-image`;
      return [
        [name, all],
        [`${name}-reader`, reads],
      ] as const;
    });
    return Object.fromEntries(roles.filter(([, actions]) => actions.length > 0));
  }

  const operations = (Object.keys(RIGHTS) as RightsName[]).filter((name) =>
    RIGHTS[name].when.startsWith('`operation: '),
  );

  it.each(operations)('have what %s needs, and nothing else', (name) => {
    expect(rolesFor('--operation', name)).toEqual(rolesOf(name));
    expect(setup('--help').stdout).toMatch(new RegExp(`--operation [^(]*\\b${name}\\b`));
  });

  it.each([
    ['capture', [], ['rg-image-builds', 'rg-images']],
    ['verify', [], ['rg-image-builds', 'rg-images']],
    ['verify', ['--verify-resource-group', 'rg-tests'], ['rg-images']],
    ['change', [], ['rg-images']],
  ])('have the resource groups that %s %j needs', (operation, options, groups) => {
    const where = ['--operation', operation, '--location', 'westeurope', ...options];
    const told = toldFor(where, { EXISTS: 'false' });
    const made = [...told.matchAll(/group create --name (\S+)/g)].map(([, name]) => name);
    expect(made).toEqual(groups);
  });

  it('are those of a capture when no operation is named', () => {
    expect(rolesFor()).toEqual(rolesOf('capture'));
    expect(rolesFor('--for', 'snapshot,start')).toEqual(rolesOf('capture', 'snapshot', 'start'));
  });
});

// GitHub's Linux runners have it; nothing installs it elsewhere.
it.skipIf(!isThere('shellcheck'))('the setup is clean for shellcheck', () => {
  const scripts = ['setup', 'live'].flatMap((folder) => filesBelow(folder, '.sh'));
  expect(run('shellcheck', '-x', ...scripts).stdout).toBe('');
});

/** What setup/setup.sh says before it asks Azure anything; with Azure: test/witness/az. */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
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
      'setup: --for copy needs --source-gallery',
      'setup: --for tea is unknown; setup/rights.txt has the names',
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

// GitHub's Linux runners have it; nothing installs it elsewhere.
it.skipIf(!isThere('shellcheck'))('the setup is clean for shellcheck', () => {
  const scripts = ['setup', 'live'].flatMap((folder) => filesBelow(folder, '.sh'));
  expect(run('shellcheck', '-x', ...scripts).stdout).toBe('');
});

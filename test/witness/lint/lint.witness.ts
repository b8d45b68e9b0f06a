/** zizmor, with the persona pedantic, and actionlint on the action, its workflows and the examples. */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fences, filesBelow, read } from '../../contract/documents.ts';
import { actionlint, zizmor } from '../tools.ts';

/** Stands for the commit that a reader puts in. */
const PINNED = '@0123456789012345678901234567890123456789 # v1.0.0';
const asUsed = (text: string) => text.replaceAll(/@<commit>( # v.*)?/g, PINNED);

let repository: string;
beforeAll(() => {
  repository = mkdtempSync(join(tmpdir(), 'lint-'));
  cpSync('.github', join(repository, '.github'), { recursive: true });
  cpSync('action.yml', join(repository, 'action.yml'));
  for (const path of filesBelow('examples', '.yml'))
    put(`example-${path.split(/[\\/]/).at(-1)}`, read(path));
  mkdirSync(join(repository, 'documents'));
  for (const path of ['README.md', ...filesBelow('docs', '.md')])
    for (const [index, text] of fences(read(path), 'yaml').entries())
      if (/^jobs:/m.test(text))
        writeFileSync(
          join(repository, 'documents', `${path.replaceAll(/\W/g, '-')}-${index}.yml`),
          asUsed(text),
        );
});
afterAll(() => rmSync(repository, { recursive: true, force: true }));

const put = (name: string, text: string) =>
  writeFileSync(join(repository, '.github/workflows', name), asUsed(text));

const run = (path: string, ...parameters: string[]) => {
  const { status, stdout, stderr } = spawnSync(path, parameters, {
    cwd: repository,
    encoding: 'utf8',
  });
  return { status, said: `${stdout}${stderr}` };
};

it('zizmor finds nothing', () => {
  const { path, version } = zizmor();
  const found = run(
    path,
    '--offline',
    '--persona',
    'pedantic',
    '--no-progress',
    '--color',
    'never',
    '.',
  );
  console.log(version, found.said);
  expect(found).toMatchObject({
    status: 0,
    said: expect.stringContaining('No findings to report'),
  });
  // It looked at all of them.
  const workflows = readdirSync(join(repository, '.github/workflows'));
  for (const name of [...workflows, 'action.yml']) expect(found.said).toContain(`${name}\n`);
});

it('actionlint finds nothing, in documents neither', () => {
  const { path, version } = actionlint();
  console.log(version);
  const config = readFileSync('.github/actionlint.yaml', 'utf8');
  expect(config).toContain('self-hosted-runner');
  const documents = readdirSync(join(repository, 'documents')).map((name) => `documents/${name}`);
  expect(documents).not.toEqual([]);
  const workflows = readdirSync(join(repository, '.github/workflows'));
  const files = workflows.map((name) => `.github/workflows/${name}`);
  expect(run(path, '-config-file', '.github/actionlint.yaml', ...files, ...documents)).toEqual({
    status: 0,
    said: '',
  });
});

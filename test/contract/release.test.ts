/** The release: what its workflow refuses, with a stand-in for `gh`, and what the SBOM lists. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { sbom } from '../../scripts/sbom.ts';
import { read } from './documents.ts';

interface Workflow {
  readonly jobs: Readonly<
    Record<
      string,
      {
        readonly permissions: Readonly<Record<string, string>>;
        readonly environment?: string;
        readonly needs?: string;
        readonly steps: readonly { readonly name?: string; readonly run?: string }[];
      }
    >
  >;
}

const { jobs } = parse(read('.github/workflows/release.yml')) as Workflow;
const COMMIT = '0123456789abcdef0123456789abcdef01234567';

describe('the release workflow', () => {
  it('builds without rights, and publishes behind an environment without a build', () => {
    expect(jobs.rebuild?.permissions).toEqual({ contents: 'read' });
    expect(jobs.publish).toMatchObject({ needs: 'rebuild', environment: 'release' });
    const commands = jobs.publish?.steps.flatMap(({ run }) => run ?? []).join('\n') ?? '';
    expect(commands).not.toMatch(/\b(npm|npx|node)\b/);
  });
});

const isThere = (program: string) => spawnSync(program, ['--version']).status === 0;

// The step runs bash and jq, as GitHub's runners have them; a developer's machine can lack them.
describe.skipIf(!isThere('bash') || !isThere('jq'))('its look at the draft', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'release-'));
    writeFileSync(join(folder, 'gh'), '#!/bin/sh\necho "$DRAFT"\n', { mode: 0o755 });
    writeFileSync(join(folder, 'package.json'), '{"version": "1.2.3"}');
    writeFileSync(join(folder, 'CHANGELOG.md'), '# Changelog\n\n## [1.2.3] - 2026-12-01\n');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const script = jobs.publish?.steps.find(({ name }) => name?.startsWith('The draft'))?.run ?? '';
  const look = (tag: string, draft: string) => {
    const env = {
      PATH: `${folder}:${process.env.PATH}`,
      TAG: tag,
      DRAFT: draft,
      GITHUB_SHA: COMMIT,
    };
    const { status, stdout } = spawnSync('bash', ['-eo', 'pipefail', '-c', script], {
      cwd: folder,
      env,
      encoding: 'utf8',
    });
    return [status, stdout.replace('::error::', '').split(/[.:]/)[0]];
  };

  it('takes a draft of this commit with its version and notes', () => {
    expect(look('v1.2.3', `true ${COMMIT}`)).toEqual([0, '']);
  });

  it.each([
    ['v1', `true ${COMMIT}`, 'The tag v1 is not of the form v1'],
    ['v1.2.3', `false ${COMMIT}`, `The release v1`],
    ['v1.2.3', 'true main', 'The release v1'],
    ['v1.2.4', `true ${COMMIT}`, 'package'],
  ])('refuses %s with %s', (tag, draft, said) => {
    expect(look(tag, draft)).toEqual([1, said]);
  });

  it('refuses what the changelog does not have', () => {
    writeFileSync(join(folder, 'CHANGELOG.md'), '# Changelog\n\n## [Unreleased]\n');
    expect(look('v1.2.3', `true ${COMMIT}`)).toEqual([1, 'CHANGELOG']);
  });
});

describe('the SBOM', () => {
  const { packages, relationships } = sbom(new Date('2026-01-01T00:00:00Z'));

  it('lists the packages of dist/licenses.txt, each once, with its checksum', () => {
    const listed = packages.slice(1).map(({ name, versionInfo }) => `${name} ${versionInfo}`);
    const bundled = read('dist/licenses.txt')
      .split(/^-{80}$/m)
      .map((block) => block.trim().split('\n', 1)[0] ?? '');
    expect(listed.toSorted()).toEqual([...new Set(bundled)].toSorted());
    expect(new Set(packages.map(({ SPDXID }) => SPDXID)).size).toBe(packages.length);
    expect(JSON.stringify(packages)).toMatch(
      /"algorithm":"SHA512","checksumValue":"[0-9a-f]{128}"/,
    );
    expect(relationships).toHaveLength(packages.length);
  });
});

describe('CHANGELOG.md', () => {
  it('is as Keep a Changelog wants it', () => {
    const headings = [...read('CHANGELOG.md').matchAll(/^#{2,3} (.*)$/gm)].map(([, text]) => text);
    expect(headings[0]).toBe('[Unreleased]');
    const form =
      /^(\[Unreleased\]|\[\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2}|Added|Changed|Deprecated|Removed|Fixed|Security)$/;
    expect(headings.filter((text = '') => !form.test(text))).toEqual([]);
  });
});

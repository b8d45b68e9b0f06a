/** The release as far as act goes: what is published is rebuilt without rights; the rest needs GitHub. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startLocalAzure } from '../../runner/local-azure-process.ts';
import { runWorkflow } from '../workflow-runner.ts';

const ALL = execFileSync('git', ['ls-files'], { encoding: 'utf8' }).trim().split('\n');
/** `npm ci` is proven by every test of a clone, and takes a minute: here it brings what is installed. */
const NPM = `#!/bin/sh
PATH=\${PATH#*:}
if [ "$1" = ci ]; then exec cp -a '${process.cwd()}/node_modules' .; fi
exec npm "$@"
`;

it('builds dist again from the sources, compares, and lists what is in it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'npm-'));
  try {
    writeFileSync(join(folder, 'npm'), NPM, { mode: 0o755 });
    await using azure = await startLocalAzure();
    const run = await runWorkflow(azure, {
      workflow: '.github/workflows/release.yml',
      event: 'workflow_dispatch',
      inputs: { tag: 'v0.1.0' },
      job: 'rebuild',
      path: folder,
      files: Object.fromEntries(ALL.map((name) => [name, readFileSync(name, 'utf8')])),
    });
    expect(run.jobs, run.log).toEqual({ rebuild: 'success' });
    expect(run.log).toMatch(/^artifact sbom, sbom\.spdx\.json: .*SPDX-2\.3/m);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 600_000);

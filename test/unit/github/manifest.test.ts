import { describe, expect, it } from 'vitest';
import { manifestOf } from '../../../src/github/outputs.ts';
import { emptyRecord } from '../../../src/github/record.ts';
import { reportedTarget } from '../../../src/plan/reported.ts';
import { manifestProblems } from '../../contract/manifest-schema.ts';
import { origin, target, vm } from '../worlds.ts';

const provenance = {
  'golden-image-commit': 'c0ffee',
  'golden-image-run': 'https://github.com/octo/images/actions/runs/7/attempts/1',
};

describe('the manifest', () => {
  const resolved = target();
  const baseImage = 'canonical:ubuntu-24_04-lts:server:24.04.202610';
  const record = {
    ...emptyRecord,
    target: reportedTarget(resolved),
    versionKnown: true,
    shown: { baseImage },
    verification: { passed: true, vmSize: 'Standard_D2s_v5', region: 'westeurope' },
  };

  it('binds the version to its machine, base image, commit and run', () => {
    const manifest = manifestOf(record, { ...origin(), provenance });
    expect(manifest).toMatchObject({
      manifest: 1,
      'image-version-id': resolved.version,
      verified: 'true',
      source: { vm: resolved.request.vm, 'vm-id': vm().vmId, 'base-image': baseImage },
      commit: 'c0ffee',
      run: provenance['golden-image-run'],
      failure: null,
    });
    expect(manifestProblems(manifest)).toEqual([]);
  });

  it('fits its schema also where nothing is known, as after wrong inputs', () => {
    const nothing = manifestOf(emptyRecord, { repository: '', runId: '', provenance: {} });
    expect(nothing).toMatchObject({ repository: null, commit: null, run: null });
    expect(manifestProblems(nothing)).toEqual([]);
  });

  it('does not fit it with a member of another kind', () => {
    const manifest = { ...manifestOf(record, origin()), verified: true, source: {} };
    expect(manifestProblems(manifest).length).toBeGreaterThan(2);
  });
});

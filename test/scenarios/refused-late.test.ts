import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { capture, fakeClock, localAzure, type RunOptions } from './harness.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

const POLICIES = `'[{"policyAssignment":{"name":"a","id":"/policyAssignments/a1"},"policyDefinition":{"name":"Only what is approved","id":"/policyDefinitions/d1"}}]'`;
const policy = {
  status: 403,
  body: {
    error: {
      code: 'RequestDisallowedByPolicy',
      message: `Resource 'x' was disallowed by policy. Policy identifiers: ${POLICIES}.`,
    },
  },
};
const answer = (status: number, code: string, message: string) => ({
  status,
  body: { error: { code, message } },
});
const right = answer(403, 'AuthorizationFailed', 'The client does not have authorization.');
const region = answer(
  400,
  'LocationNotAvailableForResourceType',
  "The provided location 'eastus9' is not available for resource type 'x'.",
);
const quota = answer(409, 'OperationNotAllowed', 'Operation would exceed the approved quota.');

/** A capture of which Azure refuses one request, and what it is told. */
async function refused(
  azure: LocalAzure,
  [method, path]: readonly [method: string, path: string],
  fate: typeof policy,
  options: RunOptions = {},
) {
  azure.faults.add({ match: { method, path }, times: 1, fate });
  const { failure } = await capture(azure, options);
  expect(failure?.kind).toBe('refused');
  return failure?.remedy ?? '';
}

const VERSION = ['PUT', '**/versions/*'] as const;
const OTHER = { runId: 'other', request: { tags: { team: 'images' } } };

describe('what Azure refuses at the version', () => {
  it.each([
    ['by policy', policy],
    ['for want of a right', right],
    ['for its region', region],
    ['for its quota', quota],
  ])(
    '%s tells that the VM is generalized, and a run with other inputs resumes',
    async (_, fate) => {
      const azure = localAzure();
      const remedy = await refused(azure, VERSION, fate);
      expect(remedy).toContain('`build-linux` is generalized and can never start again.');
      expect(remedy).toContain('A run with other inputs resumes here too.');
      const { failure, heard } = await capture(azure, OTHER);
      expect(failure).toBeUndefined();
      expect(heard.started).toEqual(['publish', 'replicate']);
    },
  );

  it('tells to re-run the job once, also where the failure says it already', async () => {
    const locked = answer(409, 'ScopeLocked', 'The scope is locked.');
    const remedy = await refused(localAzure(), VERSION, locked);
    expect(remedy.match(/re-run the failed job/gi)).toHaveLength(1);
  });

  it('tells to remove the cause where it knows no remedy of its own', async () => {
    expect(await refused(localAzure(), VERSION, quota)).toContain(
      'start again. Remove the cause that Azure names, then re-run the failed job; it resumes here.',
    );
  });

  it('tells so also after the version is made', async () => {
    const request = { snapshot: true, captureFrom: 'disks', afterCapture: 'restore' } as const;
    const capacity = answer(409, 'AllocationFailed', 'No capacity.');
    expect(await refused(localAzure(), ['POST', '**/start'], capacity, { request })).toBe(
      'Remove the cause that Azure names, then re-run the failed job; it resumes here.',
    );
  });

  it('says which inputs a generalized VM does not allow', async () => {
    const azure = localAzure();
    const remedy = await refused(azure, VERSION, region, { request: { deprovision: 'always' } });
    expect(remedy).toContain('with `deprovision: auto` and no `deprovision-script`');
  });
});

describe('what Azure refuses before', () => {
  it('tells that the VM is deprovisioned, and a run with other inputs resumes', async () => {
    const azure = localAzure();
    const remedy = await refused(azure, ['POST', '**/generalize'], right);
    expect(remedy).toContain(
      '`build-linux` is deallocated, and its tag says that it is deprovisioned.',
    );
    expect(remedy).toContain('resumes here with `deprovision: never`');
    const request = { ...OTHER.request, deprovision: 'never' as const };
    const { failure, heard } = await capture(azure, { ...OTHER, request });
    expect(failure).toBeUndefined();
    expect(heard.started).not.toContain('deprovision');
  });

  it('is told of the snapshots that are the source, too', async () => {
    const azure = localAzure();
    const request = { captureFrom: 'disks' as const };
    const remedy = await refused(azure, ['PUT', '**/snapshots/*'], policy, { request });
    expect(remedy).toMatch(/`snapshot`, `capture-from`.*its tag says that it is deprovisioned\./);
  });

  it('says nothing of a VM that is as it was, but where a right is missing', async () => {
    const tagged = ['PATCH', '**/virtualMachines/*'] as const;
    expect(await refused(localAzure(), tagged, policy)).toMatch(
      /`tags` does not reach the VM.*is running and not deprovisioned\./,
    );
    expect(await refused(localAzure(), tagged, quota)).not.toContain('not deprovisioned');
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { asResource } from '../../local-azure/src/world.ts';
import type { Arm } from '../../src/azure/arm.ts';
import { readsOf } from '../../src/azure/reads.ts';
import { Session } from '../../src/azure/session.ts';
import {
  buildVm,
  capture,
  definitionId,
  fakeClock,
  localAzure,
  type Run,
  type RunOptions,
} from './harness.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

const READER = 'acdd72a7-3385-48ef-bd42-f606fba81ae7';

/** Leaves the identity nothing but the built-in role Reader on the subscription. */
function onlyReads(azure: LocalAzure): void {
  const subscription = `/subscriptions/${azure.subscriptionId}`;
  const authorization = `${subscription}/providers/Microsoft.Authorization`;
  azure.world.put(
    asResource({
      id: `${authorization}/roleAssignments/00000000-0000-0000-0000-000000000001`,
      properties: { roleDefinitionId: `${authorization}/roleDefinitions/${READER}` },
    }),
  );
}

const dry = (azure: LocalAzure, request: RunOptions['request'] = {}) =>
  capture(azure, { request, dryRun: true });

const methods = (azure: LocalAzure): string[] => [
  ...new Set(
    azure.requests
      .all()
      .filter(({ path }) => path.startsWith('/subscriptions/'))
      .map(({ method }) => method),
  ),
];

/** A world before its build VM was made. */
function withoutVm(): LocalAzure {
  const azure = localAzure();
  azure.world.delete(buildVm(azure));
  return azure;
}

describe('a dry run', () => {
  it('needs no right but to read, and only reads', async () => {
    const azure = localAzure();
    onlyReads(azure);
    const { failure, heard, wrote } = await dry(azure, { snapshot: true, afterCapture: 'delete' });
    expect(failure).toBeUndefined();
    expect(heard.planned.map((step) => step.do)).toEqual([
      'snapshot',
      'deprovision',
      'deallocate',
      'generalize',
      'publish',
      'replicate',
      'delete',
    ]);
    expect(heard.started).toEqual([]);
    expect(wrote).toBe(false);
    expect(methods(azure)).toEqual(['GET']);
  });

  it('foretells the rights without which a run is refused before it writes', async () => {
    const azure = localAzure();
    onlyReads(azure);
    const rights = ({ heard }: Run) =>
      heard.findings.filter(({ rule }) => rule === 'rights-missing').map((each) => each.severity);
    expect(rights(await dry(azure))).toEqual(['notice']);
    const real = await capture(azure);
    expect(rights(real)).toEqual(['error']);
    expect([real.failure?.kind, real.wrote]).toEqual(['refused', false]);
    expect(methods(azure)).toEqual(['GET']);
  });

  it('names every right to read that it lacks at once', async () => {
    const azure = localAzure();
    const nobody = `${definitionId(azure).split('/galleries/')[0]}/galleries/other`;
    azure.world.put(
      asResource({
        id: `${nobody}/providers/Microsoft.Authorization/roleAssignments/00000000-0000-0000-0000-000000000001`,
        properties: {
          roleDefinitionId: `/providers/Microsoft.Authorization/roleDefinitions/${READER}`,
        },
      }),
    );
    const { failure } = await dry(azure);
    expect(failure?.what).toMatch(/^Azure refused 4 reads\. The identity .* lacks these rights:\n/);
    for (const action of ['virtualMachines/', 'galleries/', 'galleries/images/', 'versions/'])
      expect(failure?.what).toContain(`${action}read\` on`);
  });

  it('plans what the run then does', async () => {
    const azure = localAzure();
    const { heard } = await dry(azure, { snapshot: true });
    const run = await capture(azure, { request: { snapshot: true } });
    expect(run.heard.started).toEqual(heard.planned.map((step) => step.do));
    expect(run.heard.planned).toEqual(heard.planned);
  });

  it('plans nothing for a number that is taken, and names who has it', async () => {
    const azure = localAzure();
    await capture(azure);
    const number = { major: 1, minor: 0, patch: 0 };
    const { heard, failure } = await capture(azure, {
      dryRun: true,
      runId: '2',
      request: { version: { choose: 'exactly', number }, requestedVersion: '1.0.0' },
    });
    expect(failure?.kind).toBe('refused');
    expect(heard.findings.map(({ rule }) => rule)).toContain('version-taken');
    expect(heard.planned).toEqual([]);
  });

  it('has no write at hand', () => {
    const { signal } = new AbortController();
    const options = { signal, pollSeconds: undefined, mask: () => undefined };
    const names = Object.keys(readsOf(new Session({} as Arm, options)));
    expect(names).toContain('versions');
    const writes =
      /^(create|update|delete|start|run|deallocate|generalize|exchange|detach|recreate|remove)/;
    expect(names.filter((name) => writes.test(name))).toEqual([]);
  });
});

describe('a dry run before the VM is built', () => {
  it('plans for a running VM that fits the definition, and says so', async () => {
    const azure = withoutVm();
    const { failure, heard } = await dry(azure, {
      replicas: 3,
      snapshot: true,
      regions: [{ name: 'northeurope' }],
    });
    expect(failure).toBeUndefined();
    expect(heard.findings).toMatchObject([{ rule: 'vm-missing', severity: 'notice' }]);
    expect(heard.planned.map((step) => step.do)).toEqual([
      'snapshot',
      'deprovision',
      'deallocate',
      'generalize',
      'publish',
      'replicate',
    ]);
    expect(heard.announced).toMatchObject({
      location: '',
      regions: [{ name: 'northeurope', replicas: 3 }],
    });
    expect(methods(azure)).toEqual(['GET']);
  });

  it('knows what the definition decides', async () => {
    const definition = definitionId(withoutVm(), 'ubuntu-2404-specialized');
    const { heard } = await dry(withoutVm(), { definition });
    expect(heard.planned.map((step) => step.do)).toEqual(['deallocate', 'publish', 'replicate']);
  });

  it('still finds everything else', async () => {
    const azure = withoutVm();
    const { failure, heard } = await dry(azure, {
      replicationMode: 'Shallow',
      regions: [
        { name: 'westeurope', replicas: 60 },
        { name: 'northeurope', replicas: 60 },
      ],
    });
    expect(failure?.kind).toBe('refused');
    const errors = heard.findings.filter(({ severity }) => severity === 'error');
    expect(errors.map(({ rule }) => rule)).toEqual(['replicas-total', 'shallow-regions']);
  });

  it('is an error without the definition', async () => {
    const azure = withoutVm();
    const { heard } = await dry(azure, { definition: definitionId(azure, 'nothing') });
    const rules = heard.findings.map(({ rule, severity }) => `${severity} ${rule}`);
    expect(rules).toEqual(['error definition-missing', 'notice vm-missing']);
    expect(heard.planned).toEqual([]);
  });

  it('resumes with the version that this run has made of a VM that is gone', async () => {
    const azure = localAzure();
    await capture(azure);
    azure.world.delete(buildVm(azure));
    const { failure, heard } = await dry(azure);
    expect(failure).toBeUndefined();
    expect(heard.findings.map(({ rule }) => rule)).not.toContain('vm-missing');
    expect(heard.planned).toEqual([]);
  });

  it('is refused in a real run', async () => {
    const { heard, failure } = await capture(withoutVm());
    expect(heard.findings).toMatchObject([{ rule: 'vm-missing', severity: 'error' }]);
    expect(failure?.kind).toBe('refused');
  });
});

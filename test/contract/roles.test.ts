import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalAzure } from '../azure/azure.ts';
import { asResource } from '../azure/world.ts';
import {
  buildVm,
  capture,
  definitionId,
  fakeClock,
  localAzure,
  ofWindows,
  type RunOptions,
} from '../scenarios/harness.ts';
import { fences, read } from './documents.ts';

interface Role {
  readonly Name: string;
  readonly Actions: readonly string[];
}

const roles = fences(read('README.md'), 'json').map((text) => JSON.parse(text) as Role);
const granted = roles.flatMap(({ Actions }) => Actions);

/** Azure checks these too, without a request of their own (azure.md §8). */
const LINKED = [
  'Microsoft.Compute/disks/beginGetAccess/action',
  'Microsoft.Compute/virtualMachines/instanceView/read',
];

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

describe('the roles in the README', () => {
  it('allow every capture at the scopes they are for, and nothing that none asks for', async () => {
    const used = new Set(LINKED);
    for (const { prepare, request } of captures) {
      const azure = localAzure();
      await prepare?.(azure);
      grant(azure);
      const { failure } = await capture(azure, { ...(request && { request: request(azure) }) });
      expect(failure).toBeUndefined();
      for (const { method, path } of azure.requests.all()) used.add(actionOf(method, path));
    }
    const idle = granted.filter((each) => ![...used].some((action) => covers(each, action)));
    expect(idle).toEqual([]);
  });
});

interface Capture {
  readonly prepare?: (azure: LocalAzure) => Promise<void>;
  readonly request?: (azure: LocalAzure) => NonNullable<RunOptions['request']>;
}

const captures: readonly Capture[] = [
  { request: () => ({ snapshot: true }) },
  { prepare: stopVm, request: () => ({ deprovision: 'always' }) },
  { request: ofWindows },
  { prepare: failVersion },
];

/** Gives the local Azure's one identity these roles alone. */
function grant(azure: LocalAzure): void {
  const gallery = definitionId(azure).split('/images/')[0];
  const group = buildVm(azure).split('/providers/')[0];
  roles.forEach(({ Name, Actions }, index) => {
    const guid = `00000000-0000-0000-0000-00000000000${index}`;
    const definition = `/subscriptions/${azure.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${guid}`;
    const scope = Name.endsWith('gallery') ? gallery : group;
    const assignment = `${scope}/providers/Microsoft.Authorization/roleAssignments/${guid}`;
    const permissions = [{ actions: Actions }];
    azure.world.put(asResource({ id: definition, properties: { permissions } }));
    azure.world.put(asResource({ id: assignment, properties: { roleDefinitionId: definition } }));
  });
}

async function stopVm(azure: LocalAzure): Promise<void> {
  const url = `${azure.endpoint}${buildVm(azure)}/powerOff?api-version=2024-07-01`;
  await azure.fetch(new Request(url, { method: 'POST' }));
  await new Promise((done) => setTimeout(done, 120_000));
  azure.requests.clear();
}

async function failVersion(azure: LocalAzure): Promise<void> {
  const error = { code: 'InternalExecutionError', message: 'It failed.' };
  const match = { method: 'PUT', path: '**/versions/*' };
  azure.faults.add({ match, fate: { operation: { status: 'Failed', error } } });
  await capture(azure);
}

/** The action that a request needs. */
function actionOf(method: string, path: string): string {
  const [provider, ...segments] = (path.split('/providers/')[1] ?? '').split('/');
  const types = segments.filter((_, index) => index % 2 === 0);
  const verbs: Record<string, string> = { GET: 'read', POST: 'action', DELETE: 'delete' };
  return [provider, ...types, verbs[method] ?? 'write'].join('/');
}

const covers = (pattern: string, action: string): boolean =>
  new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`, 'i').test(action);

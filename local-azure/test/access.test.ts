import { beforeEach, describe, expect, it } from 'vitest';
import { CLIENT_ID, OBJECT_ID } from '../src/identity.ts';
import { Guarded } from './guarded.ts';
import { expectListed } from './refusals.ts';
import { arm } from './sdk.ts';

const OTHER = '11111111-0000-4000-8000-000000000001';

let guarded: Guarded;
beforeEach(() => {
  guarded = new Guarded();
});

const compute = (type: string, ...names: string[]) =>
  guarded.id(`Microsoft.Compute/${type}`, ...names);
const vm = () => compute('virtualMachines', 'build-linux');

describe('without the action', () => {
  it('a request is refused in Azure’s words', async () => {
    guarded.may('Microsoft.Compute/disks/read');
    expect(await guarded.refusal('GET', vm())).toEqual({
      status: 403,
      code: 'AuthorizationFailed',
      message:
        `The client '${CLIENT_ID}' with object id '${OBJECT_ID}' does not have authorization to ` +
        `perform action 'Microsoft.Compute/virtualMachines/read' over scope '${vm()}' or the ` +
        'scope is invalid. If access was recently granted, please refresh your credentials.',
    });
    expectListed('authz', 'AuthorizationFailed', 'does not have authorization to perform action ');
    const { headers } = await arm(guarded.azure, 'GET', vm());
    expect(headers.get('x-ms-failure-cause')).toBe('gateway');
  });

  it('nobody finds out whether something exists', async () => {
    guarded.may('Microsoft.Compute/disks/read');
    expect((await guarded.refusal('GET', compute('virtualMachines', 'none'))).status).toBe(403);
    expect((await guarded.refusal('GET', compute('disks', 'none'))).status).toBe(404);
    expect((await guarded.refusal('DELETE', compute('disks', 'none'))).status).toBe(403);
  });

  it.each<[method: string, path: () => string, action: string, scope: () => string]>([
    ['PUT', vm, 'virtualMachines/write', vm],
    ['PATCH', vm, 'virtualMachines/write', vm],
    ['DELETE', vm, 'virtualMachines/delete', vm],
    ['GET', () => `${vm()}/instanceView`, 'virtualMachines/instanceView/read', vm],
    ['POST', () => `${vm()}/runCommand`, 'virtualMachines/runCommand/action', vm],
    [
      'POST',
      () => `${vm()}/retrieveBootDiagnosticsData`,
      'virtualMachines/retrieveBootDiagnosticsData/action',
      vm,
    ],
    [
      'PUT',
      () => `${vm()}/runCommands/r`,
      'virtualMachines/runCommands/write',
      () => `${vm()}/runCommands/r`,
    ],
    [
      'GET',
      () => `${guarded.group}/providers/Microsoft.Compute/snapshots`,
      'snapshots/read',
      () => `${guarded.group}/providers/Microsoft.Compute`,
    ],
    [
      'GET',
      () => `${compute('galleries/images', 'golden', 'ubuntu-2404')}/versions`,
      'galleries/images/versions/read',
      () => compute('galleries/images', 'golden', 'ubuntu-2404'),
    ],
    [
      'GET',
      () =>
        `${compute('galleries/softDeletedArtifactTypes/artifacts', 'golden', 'Images', 'd')}/versions`,
      'galleries/softDeletedArtifactTypes/artifacts/versions/read',
      () => compute('galleries/softDeletedArtifactTypes/artifacts', 'golden', 'Images', 'd'),
    ],
  ])('%s: $2', async (method, path, action, scope) => {
    guarded.may('Contoso.Tea/pots/read');
    const { code, message } = await guarded.refusal(method, path());
    expect(code).toBe('AuthorizationFailed');
    expect(message).toContain(`'Microsoft.Compute/${action}' over scope '${scope()}'`);
  });

  it('an operation can be polled all the same', async () => {
    guarded.may('Microsoft.Compute/virtualMachines/deallocate/action');
    const { headers } = await arm(guarded.azure, 'POST', `${vm()}/deallocate`);
    const poll = await guarded.azure.fetch(new Request(headers.get('azure-asyncoperation') ?? ''));
    expect(poll.status).toBe(200);
  });
});

describe('a role', () => {
  const reads = async (path: string) => (await arm(guarded.azure, 'GET', path)).status === 200;
  const list = () => `${guarded.group}/providers/Microsoft.Compute/disks`;

  it('on a subscription holds for its groups; on a guarded.group not for its subscription', async () => {
    guarded.grant(`/subscriptions/${guarded.azure.subscriptionId}`, {
      actions: ['Microsoft.Compute/disks/read'],
    });
    guarded.may('Microsoft.Compute/virtualMachines/read');
    expect(await reads(list())).toBe(true);
    expect(await reads(vm())).toBe(true);
    const whole = `/subscriptions/${guarded.azure.subscriptionId}/providers/Microsoft.Compute`;
    expect(await reads(`${whole}/disks`)).toBe(true);
    expect(await reads(`${whole}/virtualMachines`)).toBe(false);
  });

  it('on a resource holds for what is in it, and not for lists above', async () => {
    const gallery = compute('galleries', 'golden');
    guarded.grant(gallery, { actions: ['Microsoft.Compute/galleries/*'] });
    expect(await reads(gallery)).toBe(true);
    expect(await reads(`${gallery}/images/ubuntu-2404/versions`)).toBe(true);
    expect(await reads(`${guarded.group}/providers/Microsoft.Compute/galleries`)).toBe(false);
    expect(await reads(compute('galleries', 'golden2'))).toBe(false);
  });

  it('knows wildcards and exceptions, of its own alone', async () => {
    guarded.grant(guarded.group, {
      actions: ['*/read'],
      notActions: ['Microsoft.Compute/disks/*'],
    });
    expect(await reads(vm())).toBe(true);
    expect(await reads(list())).toBe(false);
    guarded.may('microsoft.compute/DISKS/read');
    expect(await reads(list())).toBe(true);
  });

  it('to read covers a POST whose action is published as one to read', async () => {
    const subscription = `/subscriptions/${guarded.azure.subscriptionId}`;
    guarded.grant(subscription, { actions: ['Microsoft.Storage/checkNameAvailability/read'] });
    const check = `${subscription}/providers/Microsoft.Storage/checkNameAvailability`;
    expect((await guarded.refusal('POST', check, { name: 'vhds4711' })).status).toBe(200);
  });

  it('may have any number of wildcards', async () => {
    guarded.may(`${'*a'.repeat(200)}*`, 'Microsoft.*/virtual*/re*d');
    expect(await reads(vm())).toBe(true);
    expect(await reads(list())).toBe(false);
    guarded.may('**/disks/**');
    expect(await reads(list())).toBe(true);
  });

  it('is of the principal that is assigned to it', async () => {
    guarded.grant(guarded.group, { actions: ['*/read'] }, OTHER);
    expect(await reads(vm())).toBe(false);
    guarded.grant(guarded.group, { actions: ['*/read'] }, OBJECT_ID.toUpperCase());
    expect(await reads(vm())).toBe(true);
  });

  it('may name only actions that are published', async () => {
    const id = `${guarded.group}/providers/Microsoft.Authorization/roleDefinitions/${OTHER}`;
    const define = (...actions: string[]) =>
      guarded.refusal('PUT', id, { properties: { permissions: [{ actions }] } });
    const unpublished =
      'Microsoft.Compute/galleries/softDeletedArtifactTypes/artifacts/versions/read';
    expect(await define(unpublished)).toEqual({
      status: 400,
      code: 'InvalidActionOrNotAction',
      message: `'${unpublished}' does not match any of the actions supported by the providers.`,
    });
    const good = ['Microsoft.Compute/galleries/*/read', 'Contoso.Tea/pots/read', '*/read', '*'];
    expect((await define(...good)).status).toBe(201);
  });
});

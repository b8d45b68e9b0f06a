import { describe, expect, it } from 'vitest';
import { DEPROVISION_TAG } from '../../../src/domain/deprovision-mark.ts';
import type { CaptureRequest } from '../../../src/domain/request.ts';
import type { Vm } from '../../../src/domain/vm.ts';
import { dataDisk, definition, marked, OTHER_OWNER, ownTags, version, vm } from '../worlds.ts';
import { type Case, rulesBroken } from './judging.ts';

const on = (change: Partial<Vm>, asked: Partial<CaptureRequest> = {}): Case => ({
  asked,
  seen: { vm: vm(change) },
});
const specialized = definition({ osState: 'Specialized' });
const off = { power: 'deallocated' } as const;
const sealed = { ...off, generalized: true } as const;
const never = { deprovision: 'never' } as const;
const always = { deprovision: 'always' } as const;
const script = { deprovisionScript: 'true' };
const tags = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`t${index}`, '']));

describe('breaks just this rule', () => {
  it.each<[string, string, Case]>([
    ['vm-missing', 'no VM', { seen: { vm: undefined } }],
    ['vm-provisioning', 'its last operation failed', on({ provisioningState: 'Failed' })],
    [
      'vm-unmanaged-disk',
      'an unmanaged OS disk',
      on({ osDisk: { name: 'vhd', ephemeral: false } }),
    ],
    [
      'vm-unmanaged-disk',
      'an unmanaged data disk',
      on({ dataDisks: [dataDisk(0), { name: 'vhd', lun: 1, ephemeral: false }] }),
    ],
    ['vm-ephemeral-disk', 'an ephemeral OS disk', on({ osDisk: { name: 'os', ephemeral: true } })],
    ['vm-stopped', 'stopped', on({ power: 'stopped' })],
    ['vm-stopped', 'deallocated', on(off)],
    ['vm-stopped', 'stopping', on({ power: 'stopping' })],
    ['vm-stopped', 'deallocating', on({ power: 'deallocating' })],
    ['vm-stopped', 'in no power state', on({ power: 'unknown' })],
    [
      'vm-stopped',
      'deprovisioned by another run',
      on({ ...off, tags: marked('complete', OTHER_OWNER) }),
    ],
    ['vm-generalized-always', 'generalized, yet always', on(sealed, always)],
    ['vm-generalized-snapshot', 'generalized, yet a snapshot', on(sealed, { snapshot: true })],
    ['vm-script-unused', 'generalized, yet a script', on(sealed, script)],
    ['vm-agent', 'an agent that does not report', on({ agentReady: false })],
    ['vm-tags-full', 'fifty tags', on({ tags: tags(50) })],
  ])('%s: %s', (rule, _, facts) => expect(rulesBroken(facts)).toEqual([rule]));
});

function windows(change: Partial<Vm>) {
  return {
    vm: vm({ osType: 'Windows', ...change }),
    definition: definition({ osType: 'Windows' }),
  };
}

const mine = [version('1.0.0', 'Succeeded', { tags: ownTags() })];

describe('passes every rule', () => {
  it.each<[string, Case]>([
    ['the plainest capture', {}],
    ['the VM gone after its version was made', { seen: { vm: undefined, versions: mine } }],
    ['a broken VM after its version was made', { seen: { vm: vm(broken()), versions: mine } }],
    ['a VM that is on its way anyway', on({ power: 'starting', provisioningState: 'Updating' })],
    ['a starting VM', on({ power: 'starting' })],
    ['a stopped VM that is started first', on({ power: 'stopped' }, always)],
    ['a stopped VM that is vouched for', on({ power: 'stopped' }, never)],
    ['a stopped VM for a specialized image', { seen: { vm: vm(off), definition: specialized } }],
    ['a generalized VM', on(sealed)],
    ['a VM that this run has stopped', on({ power: 'stopped', tags: marked('scheduled') })],
    ['a generalized VM that is vouched for', on(sealed, never)],
    ['this run’s own generalized VM, always', on({ ...sealed, tags: marked('complete') }, always)],
    [
      'this run’s own generalized VM, snapshot and script',
      on({ ...sealed, tags: marked('complete') }, { snapshot: true, ...script }),
    ],
    ['an agent of which nothing is known', on(unknownAgent())],
    ['an agent that is not needed: vouched', on({ agentReady: false }, never)],
    ['an agent that is not needed: off', on({ ...sealed, agentReady: false })],
    [
      'an agent that is not needed: specialized',
      { seen: { vm: vm({ agentReady: false }), definition: specialized } },
    ],
    ['a running Windows', { seen: windows({}) }],
    ['a sysprepped Windows', { asked: never, seen: windows(off) }],
    ['a generalized Windows', { seen: windows(sealed) }],
    ['forty-nine tags', on({ tags: tags(49) })],
    ['fifty tags, one of them the mark', on({ tags: { ...tags(49), ...marked('scheduled') } })],
    ['fifty tags, and none needed', on({ tags: tags(50) }, never)],
  ])('%s', (_, facts) => expect(rulesBroken(facts)).toEqual([]));
});

function broken(): Partial<Vm> {
  return { ...off, provisioningState: 'Failed', osDisk: { name: 'os', ephemeral: true } };
}

function unknownAgent(): Partial<Vm> {
  const { agentReady: _, ...silent } = vm();
  return silent;
}

it('a mark that somebody garbled leaves room for no new one', () => {
  const garbled = { ...tags(50), [DEPROVISION_TAG]: 'what?' };
  expect(rulesBroken(on({ tags: garbled }))).toEqual(['vm-tags-full']);
});

import { describe, expect, it, test } from 'vitest';
import { allows } from '../../../src/plan/needed-rights.ts';
import { rulesOf } from '../../../src/plan/preflight/chapters.ts';
import { DEFINITION_ID, definition, GROUP, osDisk, VM_ID, vm } from '../worlds.ts';
import { type Case, findingsOf, judgementOf, rulesBroken } from './judging.ts';
import { BOUNDARIES } from './rule-cases/index.ts';
import { withoutFact } from './rule-cases/verification.ts';

const captureRules = rulesOf('capture');

describe('every rule', () => {
  it('has a case that breaks it and one that passes', () => {
    expect(Object.keys(BOUNDARIES).sort()).toEqual(captureRules.map(({ id }) => id).sort());
  });

  it.each(Object.entries(BOUNDARIES))('%s: is the only one to speak', (rule, { breaks }) => {
    expect(rulesBroken(breaks)).toEqual([rule]);
  });

  it.each(Object.entries(BOUNDARIES))('%s: just passes', (_, { passes }) => {
    expect(findingsOf(passes)).toEqual([]);
  });

  it.each(Object.entries(BOUNDARIES))('%s: says what is the case and what to do', (_, facts) => {
    for (const { title, message, remedy } of findingsOf(facts.breaks)) {
      expect(title).toMatch(/^[^`()]{8,130}$/);
      expect(message).toMatch(/^\S.*\.$/s);
      expect(remedy).toMatch(/^[A-Z].*[.\w]$/s);
      expect(message + remedy).not.toMatch(/undefined|\[object/);
    }
  });

  it('has a stable name of its own', () => {
    const ids = captureRules.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z]+(-[a-z0-9]+)*$/);
  });
});

describe('what a message says', () => {
  const { breaks: changed = {} } = BOUNDARIES['snapshot-vm-changed'] ?? {};
  const going = changed.seen?.versions?.map((version) => ({
    ...version,
    provisioningState: 'Deleting' as const,
  }));
  it.each<[string, Case, string]>([
    [
      'regions by their display names that only a space separates',
      { asked: { regions: [{ name: 'westuseastus' }] } },
      'Commas or lines separate regions.',
    ],
    ['a group by its name', BOUNDARIES['verify-group-missing']?.breaks ?? {}, 'group `images`'],
    [
      'a version that somebody deletes not as failed',
      { ...changed, seen: { ...changed.seen, versions: going ?? [] } },
      '`1.0.0` is being deleted',
    ],
  ])('%s', (_, facts, words) => {
    expect(findingsOf(facts).map(({ message }) => message)).toEqual([
      expect.stringContaining(words),
    ]);
  });
});

/** The OS disk that a restore has made. */
const RESTORED = `${GROUP}/disks/build-restored-os-${'0'.repeat(24)}`;
const SEEN_AT_ANY_CAPTURE = ['vm', 'regions', 'locks', 'rights'];

describe('what Azure does not show', () => {
  it('leaves just the rules unchecked that look at it', () => {
    const { findings, unchecked } = judgementOf({ seen: { vm: undefined }, dryRun: true });
    expect(findings.map(({ rule, severity }) => [rule, severity])).toEqual([
      ['vm-missing', 'notice'],
    ]);
    const needing = captureRules.filter(({ needs }) => needs?.includes('vm')).map(({ id }) => id);
    expect(unchecked.map(({ rule }) => rule)).toEqual(needing);
    expect(needing.length).toBeGreaterThan(30);
  });

  it('is an error where the run would begin', () => {
    expect(judgementOf({ seen: { vm: undefined } }).findings).toMatchObject([
      { rule: 'vm-missing', severity: 'error' },
    ]);
  });

  it.each<[string, string[], Case]>([
    ['locks', ['locked', 'locked-read-only'], { deletions: [VM_ID], locks: null }],
    ['rights', ['rights-missing', 'rights-doubtful'], { seen: { rights: [] } }],
    [
      'disks',
      ['disks-detached'],
      { seen: { vm: vm({ osDisk: { ...vm().osDisk, id: RESTORED } }) } },
    ],
    ['group', ['verify-group-missing'], withoutFact('group')],
    ['network', ['verify-subnet-missing', 'verify-subnet-region'], withoutFact('network')],
    [
      'sizes',
      ['verify-size-unavailable', 'verify-size-unfit', 'verify-quota'],
      withoutFact('size'),
    ],
    ['quotas', ['verify-quota'], withoutFact('quotas')],
  ])('%s', (lacks, rules, facts) => {
    expect(judgementOf(facts).unchecked).toEqual(rules.map((rule) => ({ rule, lacks })));
    expect(rulesBroken(facts)).toEqual([]);
  });

  it('everything at once', () => {
    // A definition that is missing is an error of its own at a capture, which has no source version.
    const needing = captureRules
      .filter(({ needs }) => needs?.some((need) => SEEN_AT_ANY_CAPTURE.includes(need)))
      .map(({ id }) => id);
    expect(needing).toEqual(expect.arrayContaining(['region-unknown', 'rights-missing', 'locked']));
    const { unchecked } = judgementOf({
      seen: { vm: undefined, rights: [] },
      unseen: ['regions'],
      locks: null,
    });
    expect(unchecked.map(({ rule }) => rule)).toEqual(needing);
  });
});

describe('rights', () => {
  const group = GROUP.split('/providers/')[0] ?? '';
  const reader = (scope: string) => ({
    scope,
    permissions: [{ actions: ['*/read'], notActions: [] }],
  });
  const readOnly: Case = { seen: { rights: [VM_ID, group, DEFINITION_ID].map(reader) } };

  it('that change anything are a notice on a dry run, an error else', () => {
    expect(findingsOf({ ...readOnly, dryRun: true })).toMatchObject([{ severity: 'notice' }]);
    expect(findingsOf(readOnly)).toMatchObject([{ severity: 'error' }]);
  });

  it('that Azure lists worse than what was allowed just now are a warning', () => {
    const rights = [{ scope: VM_ID, permissions: [] }];
    expect(findingsOf({ seen: { rights } })).toMatchObject([
      { rule: 'rights-doubtful', severity: 'warning' },
    ]);
  });

  it('are named by the scope they are missing on', () => {
    const [found] = findingsOf(readOnly);
    expect(found?.message).toContain(
      `\`Microsoft.Compute/galleries/images/versions/write\`, \`Microsoft.Compute/galleries/images/versions/delete\` on \`${DEFINITION_ID}\``,
    );
    expect(found?.message).toContain('virtualMachines/generalize/action');
    expect(found?.message).not.toContain('/read');
    expect(found?.message).not.toContain('snapshots/write');
  });

  it('are those that the inputs ask for', () => {
    const missing = (asked: Case['asked'], seen: Case['seen'] = {}) =>
      findingsOf({ asked: asked ?? {}, seen: { ...readOnly.seen, ...seen } })
        .filter(({ rule }) => rule === 'rights-missing')
        .map(({ message }) => message)
        .join();
    expect(missing({ snapshot: true })).toMatch(
      /disks\/beginGetAccess\/action`, .*snapshots\/write/,
    );
    expect(missing({ afterCapture: 'delete' })).toContain('virtualMachines/delete');
    expect(missing({ deprovision: 'never' })).not.toContain('runCommand');
    const specialized = { definition: definition({ osState: 'Specialized' }) };
    expect(missing({}, specialized)).not.toMatch(/generalize|runCommand/);
    const supported = { definition: definition({ securityType: 'TrustedLaunchSupported' }) };
    expect(missing({}, supported)).toContain('images/delete');
  });

  it.each<[boolean, string[], string[], string]>([
    [true, ['*'], [], 'A/b/read'],
    [true, ['a/*/READ'], [], 'A/b/read'],
    [false, ['A/b'], [], 'A/b/read'],
    [false, ['*'], ['*/read'], 'A/b/read'],
    [false, ['A.b/read'], [], 'Axb/read'],
  ])('%s: %j but %j for %s', (granted, actions, notActions, action) => {
    expect(allows([{ actions, notActions }], action)).toBe(granted);
  });
});

test('an error comes before a warning before a notice, else in the order of the chapters', () => {
  const found = findingsOf({
    asked: { replicas: 1 },
    seen: {
      vm: vm({ provisioningState: 'Updating' }),
      definition: definition({ architecture: 'Arm64', location: 'eastus' }),
      disks: [osDisk({ sku: 'UltraSSD_LRS' })],
    },
  });
  expect(found.map(({ rule }) => rule)).toEqual([
    'disk-ultra',
    'definition-architecture',
    'vm-busy',
    'definition-region',
    'replicas-for-latest',
  ]);
});

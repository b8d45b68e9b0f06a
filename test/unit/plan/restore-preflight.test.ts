import { describe, expect, it } from 'vitest';
import { nameOf } from '../../../src/domain/resource-id.ts';
import { rulesOf } from '../../../src/plan/preflight/chapters.ts';
import { osDisk, region, VM_ID, version } from '../worlds.ts';
import { findingsOf, judgementOf, newDisk, type RestoreCase, snapshot } from './restore-judging.ts';
import { RESTORE_BOUNDARIES } from './rule-cases/restore.ts';
import { dataSnapshot, named, of } from './rule-cases/restore-making.ts';

const restoreRules = rulesOf('restore');

/** What each restore tells that changes a VM, or creates it again; nothing is wrong then. */
const TOLD = ['restore-changes', 'restore-recreates'];

const spoken = (facts: RestoreCase, rule = ''): string[] =>
  findingsOf(facts).flatMap((found) =>
    found.rule === rule || !TOLD.includes(found.rule) ? [found.rule] : [],
  );

describe('every rule of a restore', () => {
  const cases = Object.entries(RESTORE_BOUNDARIES);

  it('has a case that breaks it and one that passes', () => {
    expect(Object.keys(RESTORE_BOUNDARIES).sort()).toEqual(restoreRules.map(({ id }) => id).sort());
  });

  it.each(cases)('%s: is the only one to speak', (rule, { breaks }) => {
    expect(spoken(breaks, rule)).toEqual([rule]);
  });

  it.each(cases)('%s: just passes', (rule, { passes }) => {
    expect(spoken(passes, rule)).toEqual([]);
  });

  it.each(cases)('%s: says what is the case and what to do', (_, { breaks }) => {
    for (const { title, message, remedy } of findingsOf(breaks)) {
      expect(title).toMatch(/^[^`()]{8,130}$/);
      expect(message).toMatch(/^\S.*\.$/s);
      expect(remedy).toMatch(/^[A-Z].*[.\w]$/s);
      expect(message + remedy).not.toMatch(/undefined|\[object/);
    }
  });
});

describe('what else breaks a rule', () => {
  const id = snapshot().id;
  const twice = snapshot('os', { id: `${id}0` });
  it.each<[string, string, RestoreCase]>([
    ['restore-ephemeral', 'no managed disk', of({ osDisk: { name: 'vhd', ephemeral: false } })],
    [
      'restore-snapshot-foreign',
      'two of one disk',
      { asked: { snapshotIds: [id, twice.id] }, facts: { named: [snapshot(), twice] } },
    ],
    ['restore-snapshot-missing', 'no such snapshot', { asked: { snapshotIds: [id] } }],
    [
      'restore-disk-taken',
      'our disk, attached to another VM',
      { seen: { made: [newDisk({ attachedTo: [`${VM_ID}-other`] })] } },
    ],
    [
      'restore-version-unfinished',
      'complete, but being updated',
      {
        seen: {
          versions: [version('1.0.0', 'Updating', { replication: [region('westeurope')] })],
        },
      },
    ],
    ['restore-vm-busy', 'on its way', of({ provisioningState: 'Creating' })],
  ])('%s: %s', (rule, _, facts) => expect(spoken(facts)).toEqual([rule]));
});

describe('a VM that is gone', () => {
  it('gets the commands of its newest set alone', () => {
    const published = new Date('2026-11-23T09:00:00Z');
    const newest = snapshot('os', { id: snapshot().id.replace(/.$/, 'f'), published });
    const [found] = findingsOf({
      seen: { vm: undefined, disks: [], snapshotsBeside: [snapshot(), newest] },
    });
    expect(found?.message).toContain(
      `There are 2 snapshots of it; newest set: \`${nameOf(newest.id)}\`.`,
    );
    expect(found?.remedy).toContain(`--source ${newest.id}`);
    // `az disk create` takes no `--ids`.
    expect(found?.remedy).toMatch(
      /`az disk create --subscription \S+ --resource-group \S+ --name \S+-disk --source /,
    );
    expect(found?.remedy).not.toContain(`--source ${snapshot().id}`);
  });
});

describe('a lock', () => {
  it('is told with what a restore deletes, not a capture', () => {
    const [found] = findingsOf(RESTORE_BOUNDARIES.locked?.breaks ?? {});
    expect(found?.remedy).toContain('`old-disks: delete`');
    expect(found?.remedy).not.toContain('after-capture');
  });
});

describe('a disk that stays', () => {
  it.each<[string, Partial<ReturnType<typeof osDisk>>]>([
    ['restore-disk-kind', { sku: 'UltraSSD_LRS' }],
    ['restore-guest-encrypted', { guestEncrypted: true }],
    ['restore-shared-disk', { attachedTo: [VM_ID, `${VM_ID}-other`] }],
  ])('is no matter of %s', (rule, change) => {
    const data = (facts: RestoreCase) => ({
      ...facts,
      seen: {
        ...facts.seen,
        disks: [osDisk(), osDisk({ id: dataSnapshot.sourceId ?? '', ...change })],
      },
    });
    expect(spoken(data(named(snapshot().id)))).toEqual(['restore-part']);
    expect(spoken(data(named(snapshot().id, dataSnapshot.id)))).toEqual([rule]);
  });
});

describe('what cannot be seen', () => {
  it.each<[string, string[], RestoreCase]>([
    ['locks', ['locked', 'locked-read-only'], { locks: null }],
    ['rights', ['rights-missing', 'rights-doubtful'], { seen: { rights: [] } }],
    [
      'versions',
      ['restore-version-unfinished', 'restore-version-shallow'],
      { facts: { versionsSeen: false } },
    ],
  ])('%s: leaves just these rules unchecked', (lacks, rules, facts) => {
    expect(judgementOf(facts).unchecked).toEqual(rules.map((rule) => ({ rule, lacks })));
    expect(spoken(facts)).toEqual([]);
  });

  it('the VM: leaves unchecked what looks at it', () => {
    const { unchecked, findings } = judgementOf({ seen: { vm: undefined, disks: [] } });
    const needing = restoreRules.filter(({ needs }) => needs?.includes('vm'));
    expect(unchecked).toEqual(needing.map(({ id }) => ({ rule: id, lacks: 'vm' })));
    expect(findings.map(({ rule }) => rule)).toEqual(['restore-vm-missing']);
  });
});

it('says of a VM whose power state Azure does not show that it is not known', () => {
  const facts = of({ power: 'unknown' }, {}, { seen: { made: [newDisk({ tags: {} })] } });
  const told = findingsOf(facts).find(({ rule }) => rule === 'restore-power-unknown');
  expect(told?.message).toContain('It is not known to be running');
});

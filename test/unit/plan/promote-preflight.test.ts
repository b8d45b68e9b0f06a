import { describe, expect, it } from 'vitest';
import { rulesOf } from '../../../src/plan/preflight/chapters.ts';
import { DEFINITION_ID, definition } from '../worlds.ts';
import {
  copyVersion,
  DESTINATION,
  findingsOf,
  type PromoteCase,
  rulesBroken,
  uncheckedOf,
} from './promote-judging.ts';
import { PROMOTE_BOUNDARIES } from './rule-cases/promote.ts';

const promoteRules = rulesOf('promote');

describe('every rule of a promotion', () => {
  const cases = Object.entries(PROMOTE_BOUNDARIES);

  it('has a case that breaks it and one that passes', () => {
    expect(Object.keys(PROMOTE_BOUNDARIES).sort()).toEqual(promoteRules.map(({ id }) => id).sort());
  });

  it.each(cases)('%s: is the only one to speak', (rule, { breaks }) => {
    expect(rulesBroken(breaks)).toEqual([rule]);
  });

  it.each(cases)('%s: just passes', (_, { passes }) => {
    expect(findingsOf(passes)).toEqual([]);
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

describe('what cannot be seen', () => {
  it('of the source leaves just the rules unchecked that look at it', () => {
    const copy = { asked: { destination: DESTINATION }, source: null } as const;
    expect(rulesBroken(copy)).toEqual(['source-missing']);
    const needing = promoteRules.filter(({ needs }) => needs?.includes('source'));
    expect(uncheckedOf(copy)).toEqual(needing.map(({ id }) => ({ rule: id, lacks: 'source' })));
    expect(needing.length).toBeGreaterThan(20);
  });

  it('of the source does not hide what else is wrong', () => {
    const regions = [{ name: 'atlantis' }, { name: 'eastus', replicas: 100 }];
    const asked = { destination: DESTINATION, regions, endOfLife: new Date(0) };
    const seen = { definition: undefined };
    expect(rulesBroken({ asked, source: null, seen })).toEqual([
      'source-missing',
      'copy-definition-missing',
      'version-end-of-life',
      'region-unknown',
      'replicas-total',
    ]);
  });

  it.each<[string, string[], PromoteCase]>([
    ['locks', ['locked', 'locked-read-only'], { locks: null }],
    ['rights', ['rights-missing', 'rights-doubtful'], { seen: { rights: [] } }],
    [
      'regions',
      ['region-unknown', 'region-zone-redundancy'],
      { asked: { regions: [{ name: 'eastus' }] }, unseen: ['regions'] },
    ],
  ])('%s', (lacks, rules, facts) => {
    expect(uncheckedOf(facts)).toEqual(rules.map((rule) => ({ rule, lacks })));
    expect(findingsOf(facts)).toEqual([]);
  });

  it.each<[string, PromoteCase['asked'], number]>([
    ['an end of life is given', { endOfLife: new Date('2027-01-01') }, 3],
    ['a region is added', { regions: [{ name: 'eastus' }] }, 3],
    ['neither is', { tags: { a: 'b' } }, 0],
  ])('of the definition matters where %s', (_, asked, count) => {
    const lacking = uncheckedOf({ asked: asked ?? {}, seen: { definition: undefined } });
    expect(lacking.map(({ lacks }) => lacks)).toEqual(Array(count).fill('definition'));
  });

  it('of regions is nothing where none is added', () => {
    expect(uncheckedOf({ asked: { replicas: 2 }, unseen: ['regions'] })).toEqual([]);
  });
});

describe('rights', () => {
  const reader = (scope: string) => ({
    scope,
    permissions: [{ actions: ['*/read'], notActions: [] }],
  });
  const rights = [DEFINITION_ID, DESTINATION].map(reader);

  it('are a notice on a dry run, an error else, and named by scope', () => {
    const copy = { asked: { destination: DESTINATION }, seen: { rights } };
    expect(findingsOf(copy)).toMatchObject([{ severity: 'error' }]);
    const [found] = findingsOf({ ...copy, dryRun: true });
    expect(found?.severity).toBe('notice');
    expect(found?.message).toContain(
      `rights to change something:\n- \`Microsoft.Compute/galleries/images/versions/write\`, \`Microsoft.Compute/galleries/images/versions/delete\` on \`${DESTINATION}\`.`,
    );
    expect(found?.message).not.toContain(` on \`${DEFINITION_ID}\``);
  });

  it('are asked for on the keys that the version has already', () => {
    const key = `${DEFINITION_ID.split('/galleries/')[0]}/diskEncryptionSets/keys`;
    const encryption = { osDiskImage: { diskEncryptionSetId: key } };
    const [found] = findingsOf({
      asked: { tags: { a: 'b' } },
      source: { regions: [{ name: 'westeurope', replicas: 3, encryption }] },
      seen: { rights: [{ scope: key, permissions: [{ actions: [], notActions: [] }] }] },
    });
    expect(found?.message).toContain(
      `a right that it needs:\n- \`Microsoft.Compute/diskEncryptionSets/read\` on \`${key}\`.`,
    );
  });

  it('are none where nothing is left to do', () => {
    expect(findingsOf({ asked: { excludeFromLatest: true }, seen: { rights } })).toEqual([]);
  });
});

describe('run again, what was asked', () => {
  const encryption = { osDiskImage: { diskEncryptionSetId: `${DEFINITION_ID}-key` } };
  const added = { name: 'eastus', replicas: 3, storageAccountType: 'Premium_LRS' as const };
  it.each<[string, PromoteCase]>([
    ['a region with a key', { asked: { regions: [{ name: 'westeurope', encryption }] } }],
    [
      'a region with a storage type for all that are added',
      { asked: { regions: [{ name: 'eastus' }], storageAccountType: 'Premium_LRS' } },
    ],
    ['a region of its own storage type', { asked: { regions: [added] } }],
    ['no removal is left', { asked: { regions: [added], regionChanges: 'add' } }],
  ])('is not taken for a change: %s', (_, facts) => {
    const regions = [
      { name: 'westeurope', replicas: 3, encryption },
      { ...added, encryption },
    ];
    const encryptionSets = [{ id: `${DEFINITION_ID}-key`, location: 'westeurope' }];
    expect(findingsOf({ ...facts, source: { regions }, seen: { encryptionSets } })).toEqual([]);
  });
});

describe('a security type', () => {
  it.each<[string, string, boolean]>([
    ['Standard', 'TrustedLaunchSupported', true],
    ['TrustedLaunchSupported', 'Standard', true],
    ['TrustedLaunch', 'TrustedLaunch', true],
    ['TrustedLaunch', 'TrustedLaunchSupported', false],
    ['Standard', 'TrustedLaunch', false],
    ['ConfidentialVM', 'ConfidentialVMSupported', false],
    ['ConfidentialVM', 'TrustedLaunch', false],
  ])('%s may be copied into %s: %s', (ofSource, own, may) => {
    const broken = rulesBroken({
      asked: { destination: DESTINATION },
      seen: {
        sourceDefinition: definition({ securityType: ofSource }),
        definition: definition({ id: DESTINATION, securityType: own }),
      },
    });
    expect(broken.includes('copy-security-type')).toBe(!may);
  });
});

describe('the copy of somebody else with the same number', () => {
  it('is not judged as if it were ours', () => {
    const other = copyVersion('1.0.0', { excludeFromLatest: false });
    expect(rulesBroken({ asked: { destination: DESTINATION }, versions: [other] })).toEqual([
      'version-taken',
    ]);
  });

  it('that failed is no copy yet', () => {
    const failed = copyVersion('1.0.0', {}, 'Failed');
    const [found] = findingsOf({ asked: { destination: DESTINATION }, versions: [failed] });
    expect(found).toMatchObject({ rule: 'version-failed' });
    expect(found?.message).not.toContain('no copy of');
  });
});

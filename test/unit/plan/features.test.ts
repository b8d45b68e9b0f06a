import type { GalleryImage } from '@azure/arm-compute';
import { describe, expect, it } from 'vitest';
import { definitionFacts } from '../../../src/azure/gallery-facts.ts';
import { definitionAt, type ImageVersion } from '../../../src/domain/gallery.ts';
import type { VersionChoice } from '../../../src/domain/version-number.ts';
import type { Vm } from '../../../src/domain/vm.ts';
import { resolveCapture } from '../../../src/plan/resolve-capture.ts';
import { DEFINITION_ID, inventory, origin, osDisk, request, version, vm } from '../worlds.ts';
import { findingsOf } from './judging.ts';
import { DESTINATION, findingsOf as findingsOfPromotion } from './promote-judging.ts';

type Feature = readonly [name: string, value: string, startsAtVersion?: string | undefined];

/** A definition as Azure shows it, with these features. */
const withFeatures = (features: readonly Feature[], id = DEFINITION_ID) =>
  definitionFacts(id, {
    id,
    location: 'westeurope',
    osType: 'Linux',
    osState: 'Generalized',
    hyperVGeneration: 'V2',
    provisioningState: 'Succeeded',
    identifier: { publisher: 'p', offer: 'o', sku: 's' },
    features: features.map(([name, value, startsAtVersion]) => ({
      name,
      value,
      ...(startsAtVersion !== undefined && { startsAtVersion }),
    })),
  } as GalleryImage);

describe('features of a definition', () => {
  const several = withFeatures([
    ['SecurityType', 'TrustedLaunch', '10.0.0'],
    ['SecurityType', 'ConfidentialVM', '9.0.0'],
    ['SecurityType', 'TrustedLaunchSupported'],
    ['DiskControllerTypes', 'SCSI, NVMe', '9.0.0'],
    ['IsAcceleratedNetworkSupported', 'True', '10.0.0'],
    ['IsHibernateSupported', 'true', '2.0.0'],
  ]);

  it.each([
    ['1.9.9', 'TrustedLaunchSupported', ['SCSI'], false, false],
    ['2.0.0', 'TrustedLaunchSupported', ['SCSI'], false, true],
    ['9.0.0', 'ConfidentialVM', ['SCSI', 'NVMe'], false, true],
    ['9.99.99', 'ConfidentialVM', ['SCSI', 'NVMe'], false, true],
    ['10.0.0', 'TrustedLaunch', ['SCSI', 'NVMe'], true, true],
  ])(
    'are for %s those that have begun last, by number',
    (number, type, controllers, fast, sleeps) => {
      expect(definitionAt(several, number)).toMatchObject({
        securityType: type,
        diskControllers: controllers,
        acceleratedNetwork: fast,
        hibernation: sleeps,
      });
    },
  );

  it('are the same for all versions when none says from which on, or says it in no number', () => {
    for (const start of [undefined, '', 'soon']) {
      const one = withFeatures([['SecurityType', 'TrustedLaunch', start]]);
      expect(one.stages).toBeUndefined();
      expect(definitionAt(one, '1.0.0').securityType).toBe('TrustedLaunch');
    }
  });

  it('do not count before they begin, when there is no number yet', () => {
    const later = withFeatures([['SecurityType', 'TrustedLaunch', '1.0.0']]);
    expect(definitionAt(later, undefined).securityType).toBe('Standard');
  });
});

/** What is found of the features when a VM is captured into a definition that has version 1.0.0. */
function found(
  features: readonly Feature[],
  machine: Partial<Vm>,
  choice: VersionChoice = { choose: 'next', part: 'patch' },
  disk = {},
) {
  const seen = {
    vm: vm(machine),
    disks: [osDisk(disk)],
    definition: withFeatures(features),
    versions: [version('1.0.0')],
  };
  return findingsOf({ asked: { version: choice, excludeFromLatest: true }, seen }).filter(
    ({ rule }) => rule.startsWith('definition-'),
  );
}

const TRUSTED = [['SecurityType', 'TrustedLaunch', '2.0.0']] as const;
const exactly = (major: number): VersionChoice => ({
  choose: 'exactly',
  number: { major, minor: 0, patch: 0 },
});

describe('a capture', () => {
  it('is judged by the number of its version', () => {
    const trusted = { securityType: 'TrustedLaunch' };
    expect(found(TRUSTED, {})).toEqual([]);
    expect(found(TRUSTED, trusted, { choose: 'next', part: 'major' })).toEqual([]);
    expect(found(TRUSTED, trusted)).toMatchObject([
      {
        rule: 'definition-security-type',
        remedy: expect.stringContaining('fit from 2.0.0 on: `image-version: major`'),
      },
    ]);
    expect(found(TRUSTED, {}, exactly(2))).toMatchObject([
      { rule: 'definition-security-type', remedy: expect.stringContaining('fit below 2.0.0') },
    ]);
  });

  it.each<[string, Feature, Partial<Vm>, object]>([
    [
      'definition-disk-controller',
      ['DiskControllerTypes', 'SCSI, NVMe', '1.1.0'],
      { diskController: 'NVMe' },
      {},
    ],
    [
      'definition-accelerated-network',
      ['IsAcceleratedNetworkSupported', 'False', '1.1.0'],
      {},
      { acceleratedNetwork: false },
    ],
    ['definition-hibernation', ['IsHibernateSupported', 'False', '1.1.0'], {}, {}],
  ])(
    '%s: names the version from which on the features fit',
    (rule, [name, value, start], machine, disk) => {
      const before: Feature[] = value === 'False' ? [[name, 'True']] : [];
      const features: Feature[] = [[name, value, start], ...before];
      expect(found(features, machine, undefined, disk)).toMatchObject([
        { rule, remedy: expect.stringContaining('fit from 1.1.0 on: `image-version: minor`') },
      ]);
      expect(found(features, machine, { choose: 'next', part: 'minor' }, disk)).toEqual([]);
    },
  );

  it('names a number where neither `minor` nor `major` reaches it', () => {
    const far = [['SecurityType', 'TrustedLaunch', '7.0.0']] as const;
    const [finding] = found(far, { securityType: 'TrustedLaunch' });
    expect(finding?.remedy).toContain('`image-version: 7.0.0` or a higher number');
  });

  it('keeps the remedy of the rule where the features of no version fit', () => {
    const [finding] = found(TRUSTED, { securityType: 'ConfidentialVM' });
    expect(finding?.remedy).toContain('create one with');
    expect(finding?.remedy).toContain('`allowUpdateImage`');
  });

  it('begins as the features for its number want it', () => {
    const seen = inventory({
      vm: vm({ securityType: 'Standard' }),
      definition: withFeatures([['SecurityType', 'TrustedLaunchSupported', '2.0.0']]),
    });
    const from = (major: number) =>
      resolveCapture(request({ version: exactly(major) }), origin(), seen)?.source?.from;
    expect([from(1), from(2)]).toEqual(['vm', 'image']);
  });
});

describe('a copy', () => {
  const copied = (
    own: readonly Feature[],
    ofSource: readonly Feature[],
    source: Partial<ImageVersion>,
  ) =>
    findingsOfPromotion({
      asked: { destination: DESTINATION },
      source,
      seen: {
        definition: withFeatures(own, DESTINATION),
        sourceDefinition: withFeatures(ofSource),
      },
    }).filter(({ rule }) => ['copy-features', 'copy-security-type'].includes(rule));

  const second = { name: '2.0.0', id: `${DEFINITION_ID}/versions/2.0.0` };

  it('is judged by the numbers of both versions', () => {
    expect(copied(TRUSTED, [], {})).toEqual([]);
    expect(copied(TRUSTED, TRUSTED, second)).toEqual([]);
    expect(copied([], TRUSTED, second)).toMatchObject([{ rule: 'copy-security-type' }]);
    const [finding] = copied(TRUSTED, [['SecurityType', 'TrustedLaunch']], {});
    expect(finding).toMatchObject({ rule: 'copy-security-type' });
    expect(finding?.remedy).toContain('fit from 2.0.0 on: `image-version: 2.0.0` or a higher');
  });

  it('promises what the definition says from its number on', () => {
    const sleeps = [['IsHibernateSupported', 'True', '2.0.0']] as const;
    expect(copied(sleeps, [], {})).toEqual([]);
    expect(copied(sleeps, [], second)).toMatchObject([
      { rule: 'copy-features', remedy: expect.stringContaining('fit below 2.0.0') },
    ]);
  });
});

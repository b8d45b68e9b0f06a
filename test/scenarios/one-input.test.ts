/** A promotion with one input given, by its name in action.yml: what changes, and that nothing else does. */
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { type JsonObject, objectAt, objectsAt } from '../../local-azure/src/json.ts';
import { INPUTS } from '../../src/github/inputs/table.ts';
import { writesAmong } from '../runner/control.ts';
import { fakeClock } from './harness.ts';
import {
  given,
  type Inputs,
  named,
  profileOf,
  region,
  regionsIn,
  type Stored,
  stored,
  world,
} from './whole-version.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

/** What is given, and what becomes of the version. */
interface Case {
  readonly given?: Inputs;
  readonly changes: (version: Stored) => void;
}

const nothing = (): void => undefined;
const add = (version: Stored, more: JsonObject): void => {
  profileOf(version).targetRegions = [...regionsIn(version), more];
};

/** By input; what is given is the input alone, unless it means nothing without another. */
const CHANGES: Readonly<Record<string, Readonly<Record<string, Case>>>> = {
  'target-regions': {
    uksouth: { changes: (version) => add(version, region('UK South')) },
    'uksouth=4=Premium_LRS': {
      changes: (version) =>
        add(
          version,
          region('UK South', { regionalReplicaCount: 4, storageAccountType: 'Premium_LRS' }),
        ),
    },
    northeurope: { changes: nothing },
    'North Europe=7': {
      changes: (version) => {
        named(version, 'North Europe').regionalReplicaCount = 7;
      },
    },
    '- name: westeurope\n  excludeFromLatest: true': {
      changes: (version) => {
        named(version, 'West Europe').excludeFromLatest = true;
      },
    },
  },
  'replica-count': {
    '6': {
      changes: (version) => {
        for (const each of regionsIn(version)) each.regionalReplicaCount = 6;
      },
    },
  },
  'storage-account-type': {
    Premium_LRS: {
      given: { 'target-regions': 'uksouth' },
      changes: (version) => add(version, region('UK South', { storageAccountType: 'Premium_LRS' })),
    },
  },
  'exclude-from-latest': {
    false: {
      changes: (version) => {
        profileOf(version).excludeFromLatest = false;
      },
    },
    // A region's own `false` would leave it in `latest` there.
    true: {
      changes: (version) => {
        named(version, 'North Europe').excludeFromLatest = true;
      },
    },
  },
  'end-of-life': {
    '2027-06-30': {
      changes: (version) => {
        profileOf(version).endOfLifeDate = '2027-06-30T00:00:00+00:00';
      },
    },
  },
  'block-deletion-before-end-of-life': {
    true: {
      changes: ({ properties }) => {
        objectAt(properties, 'safetyProfile').blockDeletionBeforeEndOfLife = true;
      },
    },
    false: { changes: nothing },
  },
  tags: {
    'stage=prod\nteam=release': {
      changes: (version) => {
        version.tags = { ...objectAt(version, 'tags'), stage: 'prod', team: 'release' };
      },
    },
  },
  'region-changes': {
    add: {
      given: { 'target-regions': 'uksouth' },
      changes: (version) => add(version, region('UK South')),
    },
    replace: {
      given: { 'target-regions': 'westeurope, eastus2', 'allow-region-removal': 'true' },
      changes: (version) => {
        profileOf(version).targetRegions = regionsIn(version).filter(
          ({ name }) => name !== 'North Europe',
        );
      },
    },
  },
};

/** Inputs that say how the run goes, not what becomes of the version. */
const NOTHING: Inputs = {
  operation: 'promote',
  'dry-run': 'true',
  'tenant-id': 'aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa',
  'client-id': 'bbbbbbbb-bbbb-bbbb-bbbb-bbbbbbbbbbbb',
  'auth-type': 'oidc',
  audience: 'api://AzureADTokenExchange',
  environment: 'AzureCloud',
  'resource-group': 'images',
  'gallery-resource-group': 'images',
  'source-image-version': 'golden/ubuntu-2404/1.0.0',
  'allow-no-latest': 'true',
  'repair-regions': 'true',
  'wait-for': 'home',
  'timeout-minutes': '60',
  'poll-interval': '5',
  'result-file': 'result.json',
  'github-token': 'not-a-token',
  comment: 'true',
};
/** The same, of the local Azure's own making. */
const PLACES = ['subscription-id', 'gallery-subscription-id'];
/** Only with another one, and so tried there. */
const WITH_ANOTHER: Readonly<Record<string, string>> = { 'allow-region-removal': 'region-changes' };
/** What makes it a copy, which is another version. */
const OF_COPIES = ['gallery', 'image-definition', 'image-version'];

/** Whether a version boots changes nothing about it (`verify-promote.test.ts`). */
const OF_VERIFICATION = [
  'require-verified',
  ...Object.keys(INPUTS).filter((name) => name.startsWith('verify')),
];

/** Everything about a version but its replication, of which is only told where it has ended well. */
function comparable(version: Stored) {
  const { replicationStatus, ...properties } = version.properties;
  const summary = objectsAt(replicationStatus, 'summary');
  const complete = summary.filter(({ state }) => state === 'Completed');
  return { ...version, properties, complete: complete.map(compactName).toSorted() };
}

const compactName = (each: JsonObject): string =>
  String(each.region ?? each.name)
    .replaceAll(' ', '')
    .toLowerCase();

const addsRegion = (inputs: Inputs): boolean => JSON.stringify(inputs).includes('uksouth');

describe('a promotion where the version is, with one input given,', () => {
  const cases = Object.entries(CHANGES).flatMap(([input, values]) =>
    Object.entries(values).map(([value, each]) => [input, value, each] as const),
  );

  it.each(cases)('%s: %j changes just that', async (input, value, { given: others, changes }) => {
    const inputs = { ...others, [input]: value };
    const azure = world(!addsRegion(inputs));
    const before = stored(azure);
    const expected = structuredClone(before);
    changes(expected);
    const run = await given(azure, inputs);
    const after = stored(azure);
    const complete = regionsIn(expected).map(compactName).toSorted();
    expect(comparable(after)).toEqual({ ...comparable(expected), complete });
    expect(run.wrote).toBe(changes !== nothing);
    azure.requests.clear();
    const again = await given(azure, inputs);
    expect(again.wrote).toBe(false);
    expect(writesAmong(azure.requests.all())).toEqual([]);
    expect(stored(azure)).toEqual(after);
  });

  it.each(Object.entries(NOTHING))('%s: %j changes nothing', async (input, value) => {
    const azure = world();
    const before = stored(azure);
    await given(azure, { [input]: value });
    expect(stored(azure)).toEqual(before);
    expect(writesAmong(azure.requests.all())).toEqual([]);
  });

  it.each(PLACES)('%s changes nothing', async (input) => {
    const azure = world();
    const before = stored(azure);
    await given(azure, { [input]: azure.subscriptionId });
    expect(stored(azure)).toEqual(before);
  });

  test('no input of a promotion is left out', () => {
    const tried = [CHANGES, NOTHING, WITH_ANOTHER].flatMap((each) => Object.keys(each));
    const inputs = Object.entries(INPUTS)
      .filter(([, { operations }]) => operations.some((each) => each === 'promote'))
      .map(([name]) => name);
    expect([...tried, ...PLACES, ...OF_COPIES, ...OF_VERIFICATION].toSorted()).toEqual(
      inputs.toSorted(),
    );
  });
});

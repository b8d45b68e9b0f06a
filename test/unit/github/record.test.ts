import { describe, expect, it, test } from 'vitest';
import { Failure } from '../../../src/domain/failure.ts';
import { outputsOf, regionRows } from '../../../src/github/outputs.ts';
import { emptyRecord, exitCodeOf, type RunRecord, stateOf } from '../../../src/github/record.ts';
import { verdictOf } from '../../../src/github/verdict.ts';
import { reportedTarget } from '../../../src/plan/reported.ts';
import { DEFINITION_ID, region, target, versionId } from '../worlds.ts';
import { finished, steps, wanted } from './records.ts';

const failure = (kind: Failure['kind']) => new Failure({ kind, what: 'It ended badly.' });

describe('the state', () => {
  it.each<[Failure['kind'] | undefined, boolean, string]>([
    [undefined, true, 'succeeded'],
    ['timeout', true, 'replicating'],
    ['cancelled', true, 'replicating'],
    ['timeout', false, 'failed'],
    ['cancelled', false, 'failed'],
    ['refused', true, 'failed'],
    ['transient', true, 'failed'],
    ['input', false, 'failed'],
    ['bug', true, 'failed'],
  ])('after failure %s, the version known %s: %s', (kind, versionKnown, state) => {
    const record = finished({ versionKnown, ...(kind && { failure: failure(kind) }) });
    expect(stateOf(record)).toBe(state);
    expect(outputsOf(record).state).toBe(state);
  });
});

describe('the state of a run whose image does not work', () => {
  it.each<Failure['kind']>(['timeout', 'cancelled', 'refused'])(
    'after failure %s: failed',
    (kind) => {
      const verification = { passed: false, vmSize: 'Standard_D2s_v5', region: 'westeurope' };
      const record = finished({ versionKnown: true, failure: failure(kind), verification });
      expect(outputsOf(record)).toMatchObject({ state: 'failed', verified: 'false' });
    },
  );
});

describe('the state of a run that is to prove that an image works', () => {
  const passed = { passed: true, vmSize: 'Standard_D2s_v5', region: 'westeurope' };
  it.each<[string, Partial<RunRecord>, string, string]>([
    ['with a proof', { verification: passed }, 'succeeded', '✅'],
    ['without a verdict', {}, 'failed', '❌'],
    ['with a bad one', { verification: { ...passed, passed: false } }, 'failed', '❌'],
  ])('%s', (_, change, state, mark) => {
    const record = finished({ operation: 'verify', ...change });
    expect([stateOf(record), verdictOf(record).mark]).toEqual([state, mark]);
  });
});

describe('the state of a dry run', () => {
  const findings = [{ rule: 'r', severity: 'error', message: 'm.', remedy: 'n.' } as const];
  const dry = { ...emptyRecord, dryRun: true };
  it.each<[string, RunRecord, string, number]>([
    ['that found nothing', dry, 'planned', 0],
    ['that found errors', { ...dry, findings, failure: failure('refused') }, 'planned', 1],
    ['whose inputs are wrong', { ...dry, failure: failure('input') }, 'failed', 1],
    ['that was not allowed to look', { ...dry, failure: failure('refused') }, 'failed', 1],
    ['that could not reach Azure', { ...dry, failure: failure('transient') }, 'failed', 1],
    ['that timed out', { ...dry, failure: failure('timeout') }, 'failed', 1],
  ])('%s', (_, record, state, exitCode) => {
    expect(outputsOf(record).state).toBe(state);
    expect(exitCodeOf(record)).toBe(exitCode);
  });
});

describe('the outputs', () => {
  test('of a capture that ended well', () => {
    expect(outputsOf(finished())).toMatchObject({
      'image-version-id': versionId('1.0.0'),
      'image-version': '1.0.0',
      gallery: 'golden',
      'image-definition': 'ubuntu',
      'image-definition-id': DEFINITION_ID,
      location: 'westeurope',
      state: 'succeeded',
      changed: true,
      'snapshot-ids': [expect.stringContaining('/snapshots/')],
    });
  });

  test('tell no version before Azure has it, but the plan', () => {
    const early = outputsOf({ ...emptyRecord, target: reportedTarget(wanted), planned: steps });
    for (const name of ['image-version-id', 'image-version', 'gallery', 'location'] as const)
      expect(early[name]).toBe('');
    expect(early.replication).toEqual([]);
    expect(early.plan).toMatchObject({ schema: 1, operation: 'capture', steps: { length: 6 } });
  });

  test('have a plan with its findings when nothing could be resolved', () => {
    const finding = { rule: 'r', severity: 'error', message: 'm.', remedy: 'n.' } as const;
    const { plan } = outputsOf({ ...emptyRecord, findings: [finding] });
    expect(plan).toEqual({
      schema: 1,
      operation: 'capture',
      target: {},
      steps: [],
      findings: [finding],
    });
  });

  test('name in a plan only what action.yml documents', () => {
    for (const step of outputsOf(finished()).plan.steps)
      expect(Object.keys(step)).toEqual([
        'id',
        'do',
        'needs',
        'resources',
        'irreversible',
        'expectedSeconds',
      ]);
  });

  test('have a plan whose steps follow one another', () => {
    const { steps: planned } = outputsOf(finished()).plan;
    expect(planned.map(({ needs }) => needs)).toEqual([
      [],
      ...planned.slice(0, -1).map(({ id }) => [id]),
    ]);
  });

  test('survive JSON', () => {
    const outputs = outputsOf(finished());
    expect(JSON.parse(JSON.stringify(outputs))).toEqual(outputs);
  });
});

describe('a region', () => {
  it.each([
    [
      'its own',
      {
        regions: [{ name: 'westeurope', replicas: 5, storageAccountType: 'Premium_LRS' as const }],
      },
      5,
      'Premium_LRS',
    ],
    [
      'the version’s',
      { replicas: 4, storageAccountType: 'Standard_LRS' as const },
      4,
      'Standard_LRS',
    ],
    ['none, when left to Azure', {}, 1, null],
  ])('has replicas and storage: %s', (_, asked, replicas, storageAccountType) => {
    const record = finished({
      target: reportedTarget(target(asked)),
      replication: [region('westeurope')],
    });
    expect(regionRows(record)).toEqual([
      { region: 'westeurope', state: 'Completed', progress: 100, replicas, storageAccountType },
    ]);
  });

  test('that failed tells Azure’s words', () => {
    const failed = { ...region('eastus2', 'Failed'), details: 'no capacity' };
    expect(regionRows(finished({ replication: [failed] }))).toMatchObject([
      { region: 'eastus2', state: 'Failed', replicas: 3, details: 'no capacity' },
    ]);
  });
});

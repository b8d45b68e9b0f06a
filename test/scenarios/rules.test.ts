import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rulesOf } from '../../src/plan/preflight/chapters.ts';
import { isCalm } from '../runner/weather.ts';
import { buildVm, type CaptureOperation, capture, fakeClock, localAzure } from './harness.ts';
import { inAzuresWords, wordsOf } from './refusal-words.ts';
import { regionWorlds } from './region-worlds.ts';
import { imageWorlds, type RuleWorld, vmWorlds } from './rule-worlds.ts';
import { throwAwayWorlds } from './throw-away-worlds.ts';
import {
  definition as changeDefinition,
  encryptionSet,
  restrict,
  specialized,
} from './world-changes.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

const WORLDS: Readonly<Record<string, RuleWorld>> = {
  ...vmWorlds,
  ...imageWorlds,
  ...regionWorlds,
  ...throwAwayWorlds,
  'rights-missing': {
    change: (azure) =>
      restrict(azure, [
        'Microsoft.Authorization/permissions/read',
        'Microsoft.Compute/virtualMachines/*',
      ]),
  },
};

/** A capture that is not checked: what the rules find is thrown away. */
const unchecked = (operation: CaptureOperation): CaptureOperation => ({
  ...operation,
  prepare: async (compute, dryRun) => {
    const { found, ...prepared } = await operation.prepare(compute, dryRun);
    if (!found) return { ...prepared, found, findings: [] };
    const { source = { from: 'vm' as const, vm: found.target.request.vm } } = found.target;
    const target = { ...found.target, source };
    const steps = operation.plan(target, found.seen);
    return { ...prepared, found: { ...found, target, steps }, findings: [] };
  },
});

const foretelling = rulesOf('capture').filter(
  ({ severity, azure }) => severity === 'error' && !('accepts' in azure),
);

describe('a rule that foretells a refusal', () => {
  it('has a world that breaks it', () => {
    expect(Object.keys(WORLDS).sort()).toEqual(foretelling.map(({ id }) => id).sort());
  });

  it.each(foretelling.map(({ id }) => id))('%s: stops the run before any write', async (rule) => {
    const azure = localAzure();
    const { change, request } = WORLDS[rule] ?? {};
    change?.(azure);
    const { failure, heard, wrote } = await capture(azure, { request: request?.(azure) ?? {} });
    const errors = heard.findings.filter(({ severity }) => severity === 'error');
    expect(errors.map((finding) => finding.rule)).toContain(rule);
    expect(failure?.kind).toBe('refused');
    expect(wrote).toBe(false);
  });

  // What a world asks for itself, weather would disturb.
  it.each(foretelling.filter(({ id }) => isCalm() || !WORLDS[id]?.ask))(
    '$id: is right, Azure refuses it',
    async ({ id, azure: answer }) => {
      const azure = localAzure();
      const { change, request, ask } = WORLDS[id] ?? {};
      change?.(azure);
      const asked = request?.(azure) ?? {};
      const refusal = ask
        ? await ask(azure)
        : inAzuresWords((await capture(azure, { request: asked, around: unchecked })).failure);
      expect(refusal).toMatch(/\w/);
      for (const words of wordsOf(id, answer)) expect(refusal).toMatch(words);
    },
  );
});

describe('what Azure does not show', () => {
  it('is no failure: its rules are told as not checked', async () => {
    const azure = localAzure();
    restrict(azure);
    const { failure, heard } = await capture(azure, {
      request: { ...specialized(azure), afterCapture: 'delete' },
      dryRun: true,
    });
    expect(failure).toBeUndefined();
    expect(heard.unchecked.map(({ rule }) => rule)).toEqual(
      expect.arrayContaining(['region-unknown', 'locked', 'rights-missing']),
    );
  });

  // It counts requests, of which weather adds some.
  it.runIf(isCalm())(
    'costs no more than seven requests, one for each data disk and each scope of rights',
    async () => {
      const azure = localAzure();
      const { failure } = await capture(azure, { dryRun: true });
      expect(failure).toBeUndefined();
      const asked = azure.requests.all().filter(({ path }) => path.startsWith('/subscriptions/'));
      const rights = asked.filter(({ path }) => path.endsWith('/permissions'));
      const dataDisks = asked.filter(({ path }) => path.includes('_DataDisk_'));
      expect(rights).toHaveLength(3);
      expect(dataDisks).toHaveLength(1);
      expect(asked.length - rights.length - dataDisks.length).toBeLessThanOrEqual(8);
      expect(asked.length - rights.length - dataDisks.length).toBe(7);
    },
  );
});

describe('what is only looked at where it matters', () => {
  it('is every page of the locks', async () => {
    const azure = localAzure();
    const { change, request } = WORLDS.locked ?? {};
    change?.(azure);
    const group = buildVm(azure).split('/providers/')[0];
    const nextLink = `${azure.endpoint}${group}/providers/Microsoft.Authorization/locks?api-version=2020-05-01`;
    azure.faults.add({
      match: { method: 'GET', path: '**/locks' },
      times: 1,
      fate: { status: 200, body: { value: [], nextLink } },
    });
    const { heard } = await capture(azure, { request: request?.(azure) ?? {}, dryRun: true });
    expect(heard.findings).toMatchObject([{ rule: 'locked' }, {}]);
  });

  it('is the size of a VM, when the definition recommends one', async () => {
    const azure = localAzure();
    changeDefinition(azure, { recommended: { vCPUs: { min: 4 }, memory: { max: 8 } } });
    const { heard } = await capture(azure, { request: specialized(azure), dryRun: true });
    expect(heard.findings[0]).toMatchObject({
      rule: 'definition-recommended',
      message: expect.stringContaining('at least 4 vCPUs, it has 2.'),
    });
  });

  it('are the rights: those to write are a notice on a dry run', async () => {
    const azure = localAzure();
    restrict(azure, ['Microsoft.Authorization/permissions/read']);
    const { failure, heard } = await capture(azure, { dryRun: true });
    expect(failure).toBeUndefined();
    expect(heard.findings).toMatchObject([
      { rule: 'replicas-for-latest' },
      { rule: 'rights-missing', severity: 'notice' },
    ]);
    expect(heard.findings[1]?.message).toContain('virtualMachines/generalize/action');
  });
});

it('a disk encryption set that cannot be read stops the run before the VM is touched', async () => {
  const azure = localAzure();
  const encryption = { osDiskImage: { diskEncryptionSetId: encryptionSet(azure) } };
  restrict(azure, ['Microsoft.Compute/virtualMachines/*', 'Microsoft.Compute/galleries/*']);
  const request = { ...specialized(azure), regions: [{ name: 'westeurope', encryption }] };
  const { failure, wrote } = await capture(azure, { request });
  expect(failure?.what).toContain('refused to read disk encryption set keys-westeurope');
  expect(failure?.code).toBe('AuthorizationFailed');
  expect(wrote).toBe(false);
});

it('the rights at what does not exist are not told as missing', async () => {
  const azure = localAzure();
  restrict(azure, ['Microsoft.Authorization/permissions/read']);
  const definition = specialized(azure).definition.replace('/golden/', '/nowhere/');
  const { heard } = await capture(azure, { request: { definition }, dryRun: true });
  const [missing] = heard.findings.filter(({ rule }) => rule === 'rights-missing');
  expect(missing?.message).toContain('virtualMachines/write');
  expect(missing?.message).not.toContain(definition);
});

describe('a world with ten mistakes', () => {
  it('has all of them told in one run, errors first', async () => {
    const azure = localAzure();
    const broken = [
      'disk-guest-encrypted',
      'disk-ultra',
      'definition-plan',
      'definition-accelerated-network',
    ];
    for (const rule of broken) WORLDS[rule]?.change?.(azure);
    const { definition } = specialized(azure);
    const properties = azure.world.get(definition)?.properties ?? {};
    properties.hyperVGeneration = 'V1';
    properties.architecture = 'Arm64';
    properties.endOfLifeDate = '2026-01-01T00:00:00Z';
    const { failure, heard, wrote } = await capture(azure, {
      request: {
        definition,
        regions: [{ name: 'atlantis' }, { name: 'westus', storageAccountType: 'Standard_ZRS' }],
        deprovisionScript: 'true',
        replicas: 3,
      },
    });
    expect(heard.findings.map(({ rule }) => rule)).toEqual([
      'definition-deprovision',
      'disk-ultra',
      'disk-guest-encrypted',
      'definition-generation',
      'definition-architecture',
      'definition-plan',
      'definition-accelerated-network',
      'region-unknown',
      'region-zone-redundancy',
      'definition-end-of-life',
    ]);
    expect(failure?.what).toMatch(/^9 problems were found before anything was changed/);
    expect(wrote).toBe(false);
  });
});

import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { INPUTS } from '../../../src/github/inputs/table.ts';
import { SCRIPT_LIMIT_BYTES } from '../../../src/run/guest/run-command.ts';
import { nastyText } from '../texts.ts';
import { DEFINITION_ID, VM_ID } from '../worlds.ts';
import {
  CLIENT,
  type Inputs,
  mistake,
  mistakes,
  read,
  readExactly,
  requestOf,
  TENANT,
} from './assignments.ts';

test('what is not given has the documented defaults', () => {
  expect(read()).toEqual({
    request: {
      operation: 'capture',
      vm: VM_ID,
      definition: DEFINITION_ID,
      version: { choose: 'next', part: 'patch' },
      requestedVersion: 'auto',
      regions: [],
      replicas: 1,
      replicationMode: 'Full',
      captureFrom: 'auto',
      excludeFromLatest: false,
      blockDeletionBeforeEndOfLife: false,
      waitFor: 'replicated',
      repairRegions: false,
      afterCapture: 'keep',
      tags: {},
      snapshot: false,
      deprovision: 'auto',
      deprovisionTimeoutSeconds: 30 * 60,
    },
    signIn: {
      environment: 'AzureCloud',
      identity: { authType: 'oidc', tenantId: TENANT, clientId: CLIENT },
      because: 'no other way to sign in was found',
    },
    operation: 'capture',
    dryRun: false,
    environment: 'AzureCloud',
    timeoutSeconds: 330 * 60,
    comment: false,
    token: '',
    mistakes: [],
  });
});

test('blank is not given, for every input that needs none', () => {
  const needed = [
    'tenant-id',
    'client-id',
    'subscription-id',
    'resource-group',
    'vm',
    'gallery',
    'image-definition',
  ];
  const optional = Object.keys(INPUTS).filter((name) => !needed.includes(name));
  for (const blank of ['', '   ', '\r\n', '\t\n '])
    expect(read(Object.fromEntries(optional.map((name) => [name, blank])))).toEqual(read());
});

test('the rest of the assignment is read', () => {
  const inputs = {
    environment: 'https://management.local.azurestack.external/ignored',
    'timeout-minutes': '90.5',
    'poll-interval': '0.25',
    'result-file': 'out/result.json',
  };
  const { signIn, ...settings } = read(inputs);
  expect(signIn.environment).toMatchObject({
    origin: 'https://management.local.azurestack.external',
  });
  expect(settings).toMatchObject({
    timeoutSeconds: 5430,
    pollSeconds: 0.25,
    resultFile: 'out/result.json',
  });
});

describe('an input that cannot be used', () => {
  it.each(['image-versoin', 'retries', 'constructor', '__proto__', 'tostring'])(
    '%s is none of this action',
    (name) => {
      const inputs = Object.fromEntries([[name, 'x']]);
      expect(mistake(inputs)).toMatch(`\`${name}\` is not an input of this version`);
    },
  );

  test('is no mistake when it is blank', () => {
    expect(read({ 'after-capture': ' ' })).toEqual(read());
  });

  it.each([
    ['deprovision-script', 'true'],
    ['deprovision-timeout-minutes', '5'],
  ])('%s has no use with deprovision: never', (name, text) => {
    expect(mistake({ deprovision: 'never', [name]: text })).toMatch(
      new RegExp(`\`${name}\`.*never.*Remove`),
    );
  });
});

test('a script that fits into no Run Command is told by its size, not printed in full', () => {
  const fits = 'é'.repeat(SCRIPT_LIMIT_BYTES / 2);
  expect(requestOf({ 'deprovision-script': fits }).deprovisionScript).toBe(fits);
  const said = mistake({ 'deprovision-script': `echo\n${fits}` });
  expect(said).toContain(String(SCRIPT_LIMIT_BYTES));
  expect(said.length).toBeLessThan(400);
});

test('all mistakes come in one failure, each naming its input', () => {
  const wrong = {
    operation: 'capture',
    'tenant-id': 'contoso',
    vm: 'my vm',
    'image-version': '1.2',
    'target-regions': 'West Europe\r\nwesteurope',
    'replica-count': '0',
    'end-of-life': '2020-01-01',
    tags: 'nonsense',
    snapshot: 'perhaps',
    'image-versoin': 'x',
  };
  const said = mistakes(() => read(wrong));
  const names = Object.keys(wrong).filter((name) => name !== 'operation');
  expect(said).toHaveLength(names.length);
  for (const name of names)
    expect(said.some((line) => line.startsWith(`\`${name}\``) && /[.?]$/.test(line))).toBe(true);
  expect(() => read(wrong)).toThrow(/^9 inputs need attention:\n- .*Nothing was changed/s);
});

test('a mistake quotes what was given on one line, and not all of it', () => {
  expect(mistake({ snapshot: 'a\r\n\r\nb\nc' })).toContain('"a⏎b⏎c"');
  expect(mistake({ 'image-version': '9'.repeat(5000) }).length).toBeLessThan(300);
});

describe('whatever the inputs hold', () => {
  const text = fc.oneof(
    nastyText,
    fc.constantFrom(VM_ID, DEFINITION_ID, 'westeurope=3', 'a=b', '1.2.3', 'true', '2027-01-01'),
    fc
      .tuple(fc.constantFrom(VM_ID, DEFINITION_ID, 'westeurope'), nastyText)
      .map((two) => two.join('')),
  );
  const names = fc.constantFrom(...Object.keys(INPUTS));

  const onlyInputFailures = (attempt: () => unknown) => {
    const said = mistakes(attempt);
    for (const line of said) {
      expect(line).toMatch(/^`.*[.?]$/s);
      expect(line.split('\n')).toHaveLength(1);
    }
  };

  test('one of them wrong is a failure of kind input, or nothing', () => {
    fc.assert(
      fc.property(names, text, (name, value) => onlyInputFailures(() => read({ [name]: value }))),
      { numRuns: 1500 },
    );
  });

  test('many of them wrong, known or not, as well', () => {
    const inputs: fc.Arbitrary<Inputs> = fc.dictionary(fc.oneof(names, nastyText), text);
    fc.assert(
      fc.property(inputs, (given) => onlyInputFailures(() => readExactly(given))),
      { numRuns: 600 },
    );
  });
});

import { describe, expect, it, test } from 'vitest';
import { Failure } from '../../../src/domain/failure.ts';
import type { Finding, Severity } from '../../../src/domain/finding.ts';
import { emptyRecord, type RunRecord } from '../../../src/github/record.ts';
import { summaryOf } from '../../../src/github/summary.ts';
import { step } from '../../../src/plan/plan.ts';
import { reportedTarget } from '../../../src/plan/reported.ts';
import { GROUP, region, target, versionId } from '../worlds.ts';
import { finished, steps } from './records.ts';

const headOf = (record: RunRecord) => summaryOf(record).split('\n', 1)[0];

describe('the head says how it ended', () => {
  const timeout = new Failure({ kind: 'timeout', what: 'Out of time.' });
  const refused = new Failure({ kind: 'refused', what: 'No.' });
  it.each<[string, RunRecord, RegExp]>([
    ['well', finished(), /✅ <code>golden\/ubuntu\/1\.0\.0<\/code> is complete in 2 regions/],
    ['in time-out', finished({ failure: timeout }), /⏳ The run timed out: .*1\.0\.0/],
    ['badly', finished({ failure: refused }), /❌ The run failed, but .*1\.0\.0/],
    [
      'before there was a target',
      { ...emptyRecord, failure: refused },
      /❌ No image version was captured/,
    ],
  ])('%s', (_, record, head) => expect(headOf(record)).toMatch(head));
});

test('it has a release manager’s facts', () => {
  const text = summaryOf(finished());
  expect(text).toContain('The run took 10 min 0 s.');
  expect(text).toContain(`\`\`\`text\n${versionId('1.0.0')}\n\`\`\``);
  expect(text).toMatch(/\| westeurope \(home\) \| ✅ Completed \| 1 \|/);
  expect(text).toMatch(/\| eastus2 \| ✅ Completed \| 3 \|/);
  expect(text).toMatch(
    /Snapshots before the change: 1 disk<\/summary>\n\n```text\n.*snapshots\/build-os-/,
  );
  expect(text).toMatch(/Generalize build \(⚠️ irreversible\) \| 1 s \| 1 s \|/);
  expect(text).toContain('#### What next');
});

test('a repetition says that nothing was changed', () => {
  const again = finished({ changed: false, steps: [], planned: [] });
  expect(summaryOf(again)).toContain('Nothing was changed');
  expect(summaryOf(again)).not.toContain('| Step |');
});

test('a failure shows what was done, what was not, why, and how to ask Azure', () => {
  const [first, second] = steps;
  if (!first || !second) throw new Error('A capture has more steps');
  const text = summaryOf({
    ...finished({ versionKnown: false, replication: [], snapshotIds: [] }),
    steps: [
      { step: first, outcome: 'done', seconds: 1 },
      { step: second, outcome: 'failed', seconds: 61 },
    ],
    failure: new Failure({
      kind: 'refused',
      what: 'Azure refused.',
      why: 'A policy.',
      remedy: 'Ask.',
      code: 'RequestDisallowedByPolicy',
      correlationId: 'c-1',
    }),
  });
  expect(text).toContain('Azure refused.<br>A policy.<br>');
  expect(text).toContain('**Do this next:** Ask.\n');
  expect(text).toMatch(/<code>RequestDisallowedByPolicy<\/code><br>.*<code>c-1<\/code>/);
  expect(text).toMatch(/Deprovision build .*❌ after 1 min 1 s/);
  expect(text).toMatch(/Deallocate build .*not started/);
  expect(text).not.toMatch(/What next|In <code>latest|Version: /);
});

test('a version that was there before a refusal is told, but not as what it would have become', () => {
  const text = summaryOf({
    ...finished({ versionKnown: false, replication: [], steps: [], snapshotIds: [] }),
    before: [{ name: 'westeurope', replicas: 1 }],
    findings: [{ rule: 'latest-none', severity: 'error', message: 'No.', remedy: 'Ask.' }],
    failure: new Failure({ kind: 'refused', what: 'No.' }),
  });
  expect(text).toContain('Version: <code>golden/ubuntu/1.0.0</code>');
  expect(text).not.toMatch(/In <code>latest/);
});

test('a failure that lists things is a list', () => {
  const what = '2 inputs need attention:\n- `vm` is not given.\n- `tags` is "x|y".';
  const failure = new Failure({ kind: 'input', what, remedy: 'See the README.' });
  expect(summaryOf({ ...emptyRecord, failure })).toBe(
    '### ❌ No image version was captured\n\nNothing was changed.<br>2 inputs need attention:\n\n- <code>vm</code> is not given.\n- <code>tags</code> is "x&#124;y".\n\n**Do this next:** See the README.\n',
  );
});

test('a version out of latest tells how to let it in', () => {
  const text = summaryOf(finished({ target: reportedTarget(target({ excludeFromLatest: true })) }));
  expect(text).toMatch(/latest<\/code>: no/);
  expect(text).toContain('<code>exclude-from-latest: false</code>');
});

test('findings are listed with their rules', () => {
  const finding = { severity: 'warning', message: 'Mind this.', remedy: 'So.' } as const;
  const text = summaryOf(finished({ findings: [{ rule: 'some-rule', ...finding }] }));
  expect(text).toContain(
    '| ⚠️ Warning | What to do |\n| --- | --- |\n| Mind this. (<code>some-rule</code>) | So. |',
  );
});

describe('a dry run', () => {
  const planned = (change: Partial<RunRecord> = {}) =>
    finished({
      dryRun: true,
      steps: [],
      versionKnown: false,
      snapshotIds: [],
      replication: [],
      changed: false,
      ...change,
    });
  const finding = (severity: Severity, rule: string): Finding => {
    return { severity, rule, message: `${rule} is the case.`, remedy: `Mend ${rule}.` };
  };
  const refusal = new Failure({ kind: 'refused', what: 'a is the case.' });

  test('that passes shows what would be done, for how long, and what for good', () => {
    const text = summaryOf(planned());
    expect(text).toMatch(
      /^### ✅ Dry run: no problem would stop this capture of .*ubuntu\/1\.0\.0<\/code>\n/,
    );
    expect(text).toMatch(/The capture typically takes \d+ min \d+ s; 2 steps are irreversible\./);
    expect(text).toMatch(/\| Deprovision build \(⚠️ irreversible\) \| [\d min]+ s \|\n/);
    expect(text).toMatch(/\| \*\*Total\*\* \| \*\*\d+ min \d+ s\*\* \|\n/);
    expect(text).toContain('| eastus2 | – | 3 × Azure’s default |');
    expect(text).not.toMatch(/not started|not created|What next/);
  });

  test('that finds errors turns red, tells each once, and shows no plan that cannot be', () => {
    const findings = [finding('error', 'a'), finding('error', 'b'), finding('notice', 'c')];
    const text = summaryOf(planned({ findings, failure: refusal }));
    expect(text).toMatch(/^### ❌ Dry run/);
    expect(text).toContain('### ❌ Dry run: 2 problems would stop this capture');
    for (const rule of ['a', 'b', 'c']) expect(text.split(`Mend ${rule}.`)).toHaveLength(2);
    expect(text).not.toMatch(/Deprovision|Total|\| Before \||versions\/1\.0\.0/);
  });

  test('tells what it could not check', () => {
    const unchecked = ['vm-agent', 'vm-stopped'].map((rule) => ({ rule, lacks: 'vm' as const }));
    expect(summaryOf(planned({ unchecked }))).toContain(
      '2 rules not checked</summary>\n\n- the VM does not exist: <code>vm-agent</code>, <code>vm-stopped</code>\n',
    );
  });

  test('without a VM leaves its region open', () => {
    const subject = { ...reportedTarget(target({ regions: [{ name: 'eastus2' }] })), location: '' };
    const text = summaryOf(planned({ target: subject }));
    expect(text).toContain('| the region of the build VM | – | always included |');
  });

  test('of a version that is there shows the regions before and after', () => {
    const before = [
      { name: 'westeurope', replicas: 1, storageAccountType: 'Standard_LRS' as const },
      { name: 'brazilsouth', replicas: 2 },
    ];
    const change = { regions: [], remove: ['brazilsouth'], tags: {} };
    const update = step('update', { label: 'update', version: versionId('1.0.0'), change });
    const text = summaryOf(planned({ before, planned: [update] }));
    expect(text).toContain('| westeurope | 1 × Standard_LRS | 1 × Standard_LRS |');
    expect(text).toMatch(/\| eastus2 \| – \| 3 × /);
    expect(text).toMatch(/\| brazilsouth \| 2 × .* \| removed \|/);
  });

  test('with nothing to do says so', () => {
    expect(summaryOf(planned({ planned: [] }))).toContain('there is nothing to do');
  });
});

test('a real run that the checks refuse tells its errors once', () => {
  const failure = new Failure({ kind: 'refused', what: 'It is so.', remedy: 'Mend it.' });
  const findings = [
    { rule: 'a', severity: 'error', message: 'It is so.', remedy: 'Mend it.' } as const,
  ];
  const text = summaryOf({ ...emptyRecord, findings, failure });
  expect(text).toContain('### ❌ 1 problem stopped this capture\n\nNothing was changed.');
  expect(text.split('Mend it.')).toHaveLength(2);
});

describe('a region that failed', () => {
  const failure = new Failure({
    kind: 'refused',
    what: 'Azure could not make it.',
    remedy: 'Re-run, or run this:',
    paste: { language: 'yaml', text: '- uses: it' },
  });
  const failed = { ...region('eastus2', 'Failed'), details: 'No capacity.' };
  const record = finished({ failure, replication: [region('westeurope'), failed] });
  const text = summaryOf(record);

  test('is named at once, with what `latest` means there and what to do', () => {
    expect(text).toMatch(/^### ❌ .* is missing in <code>eastus2<\/code>\n/);
    expect(text).toContain('⚠️ <code>latest</code> is incomplete: in <code>eastus2</code>');
    expect(text).toContain('| **eastus2** | ❌ **Failed**: Azure says: No capacity. |');
    expect(text).toContain('run this:\n\n```yaml\n- uses: it\n```\n');
  });

  test('folds what Azure said', () => {
    expect(text.indexOf('<details>')).toBeLessThan(text.indexOf('Azure could not make it.'));
  });
});

describe('a VM that does not fit its definition', () => {
  const misfit = (property: string, definition: string, vm: string): Finding => ({
    ...{ rule: property, severity: 'error', message: `${property}.`, remedy: 'Mend it.' },
    mismatch: { property, definition, vm },
  });
  const text = summaryOf(
    finished({
      ...{ dryRun: true, versionKnown: false, steps: [] },
      findings: [misfit('OS type', 'Windows', 'Linux'), misfit('Generation', 'V1', 'V2')],
      shown: { fittingDefinition: 'az sig image-definition create' },
    }),
  );

  test('is one table with one command', () => {
    expect(text).toContain('| OS type | Windows | **Linux** |\n| Generation | V1 | **V2** |');
    expect(text.match(/```sh\naz sig image-definition create\n```/g)).toHaveLength(1);
  });
});

test('what is stored is told, and storage that Azure chooses is resolved', () => {
  const text = summaryOf(finished({ shown: { sizeGiB: 30, zoned: ['westeurope'] } }));
  expect(text).toContain('Storage: 4 × 30 GiB = at most 120 GiB');
  expect(text).toContain('| westeurope (home) | ✅ Completed | 1 | Standard_ZRS |');
  expect(text).toContain('| eastus2 | ✅ Completed | 3 | Standard_LRS |');
});

test.each(['done', 'failed', undefined] as const)(
  'the throw-away VM is called deleted only when it was: %s',
  (outcome) => {
    const gone = step('delete', { label: 'verify-vm', of: ['/verify-1'] });
    const record = finished({
      verification: { passed: true, vmSize: 'Standard_D2s_v5', region: 'westeurope' },
      steps: outcome ? [{ step: gone, outcome, seconds: 1 }] : [],
    });
    expect(summaryOf(record).includes('It was deleted.')).toBe(outcome === 'done');
  },
);

test('a version that was only for a verdict is no link: it is gone', () => {
  const captured = reportedTarget(target());
  const record = finished({ target: { ...captured, ephemeral: true } });
  expect(summaryOf(record)).not.toContain('Version: ');
  expect(summaryOf(finished())).toContain('Version: ');
});

it('breaks a long path in a table of findings, and no other one', () => {
  const finding = { rule: 'some-rule', severity: 'error', remedy: 'Look at `a/b`.' } as const;
  const message = 'Not `Microsoft.Compute/galleries/images/versions/read`.';
  const text = summaryOf(finished({ findings: [{ ...finding, message }] }));
  expect(text).toContain('Microsoft.Compute/<wbr>galleries/<wbr>images/<wbr>versions/<wbr>read');
  expect(text).toContain('<code>a/b</code>');
});

it.each([
  ['exchanged', 'exchange', false],
  ['exchanged, and were to be deleted', 'exchange', true],
  ['only settled, as an earlier run exchanged them', 'settle', false],
] as const)('tells of old disks where they were %s', (_, last, deletesOld) => {
  const vm = '/subscriptions/1/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/build';
  const [disk, snapshot, replaces] = ['new', 'taken', 'old'] as const;
  const disks = [{ disk, snapshot, replaces }];
  const done =
    last === 'exchange' ? step('exchange', { vm, of: disks }) : step('settle', { vm, disk });
  const record = finished();
  const subject = record.target && { ...record.target, disks };
  const text = summaryOf({
    ...record,
    ...(subject && { target: { ...subject, ...(deletesOld && { deletesOld }) } }),
    steps: [{ step: done, outcome: 'done', seconds: 1 }],
  });
  expect(text.includes('The old disks stay, unattached.')).toBe(last === 'exchange');
  expect(text.includes('old-disks: delete')).toBe(last === 'exchange' && !deletesOld);
});

it.each([
  [['one'], 'reason in the warning: <code>one</code>. Delete it when you no longer need it.'],
  [
    ['one', 'two'],
    'reason in the warnings: <code>one</code>, <code>two</code>. Delete them when you no longer need them.',
  ],
])('names the old disks %j that were not deleted', (names, words) => {
  const keptDisks = names.map((name) => `${GROUP}/disks/${name}`);
  expect(summaryOf(finished({ keptDisks }))).toContain(words);
});

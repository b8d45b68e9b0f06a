import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { commentOf, LONGEST_BODY, markerOf, sameText } from '../../../src/github/comment-text.ts';
import type { WorkflowRun } from '../../../src/github/workflow-run.ts';
import { nastyText } from '../texts.ts';

const SHA = '0123456789abcdef0123456789abcdef01234567';

const origin = (change: Partial<WorkflowRun> = {}): WorkflowRun => ({
  repository: 'octo/images',
  workflow: 'octo/images/.github/workflows/pull.yml',
  workflowName: 'Pull request',
  job: 'check',
  runId: '8203415672',
  runAttempt: '1',
  commits: [SHA, ''],
  serverUrl: 'https://github.com',
  ...change,
});

const subject = { vm: 'build', 'image-definition': 'ubuntu-2404' };

describe('the marker', () => {
  const marker = markerOf(origin(), subject);

  test('is hidden, and gives nothing away', () => {
    expect(marker).toMatch(/^<!-- azure-golden-image [0-9a-f]{32} -->$/);
  });

  it.each<[string, Partial<WorkflowRun>, Record<string, string>]>([
    ['workflow', { workflow: 'octo/images/.github/workflows/other.yml' }, subject],
    ['job', { job: 'other' }, subject],
    ['VM', {}, { ...subject, vm: 'build-2' }],
    ['definition', {}, { ...subject, 'image-definition': 'ubuntu-2204' }],
  ])('is another for another %s', (_, from, about) => {
    expect(markerOf(origin(from), about)).not.toBe(marker);
  });

  it.each<[string, Partial<WorkflowRun>]>([
    ['run', { runId: '9999999999' }],
    ['attempt', { runAttempt: '2' }],
    ['commit', { commits: ['f'.repeat(40), ''] }],
    ['name of the workflow', { workflowName: 'Renamed' }],
  ])('is the same for another %s', (_, from) => {
    expect(markerOf(origin(from), subject)).toBe(marker);
  });

  it('is the same whatever the case and the space around, as in Azure', () => {
    const shouted = { vm: ' BUILD\n', 'image-definition': 'Ubuntu-2404' };
    expect(markerOf(origin(), shouted)).toBe(marker);
  });

  it.each<[string, (from: WorkflowRun) => string]>([
    ['run', ({ runId }) => `build-${runId}`],
    ['run and attempt', ({ runId, runAttempt }) => `build-${runId}-${runAttempt}`],
    ['short commit', ({ commits }) => `build-${commits[0]?.slice(0, 8)}`],
    ['whole commit', ({ commits }) => `build-${commits[0]}-x`],
  ])('is the same for a VM that is named after its %s', (_, name) => {
    const first = origin();
    const later = origin({ runId: '8203419999', runAttempt: '12', commits: ['a'.repeat(40), ''] });
    const of = (from: WorkflowRun) => markerOf(from, { vm: name(from) });
    expect(of(later)).toBe(of(first));
    expect(of(first)).not.toBe(markerOf(first, { vm: 'build' }));
  });

  test('of a run with a short number leaves names alone', () => {
    const short = origin({ runId: '24', commits: ['', ''] });
    const of = (vm: string) => markerOf(short, { vm });
    expect(of('build-24')).not.toBe(of('build-25'));
  });

  test('stands at the head of a comment, where alone it counts', () => {
    expect(commentOf(marker, 'text', origin()).startsWith(marker)).toBe(true);
  });
});

describe('the body', () => {
  const body = (summary: string, from: Partial<WorkflowRun> = {}) =>
    commentOf(markerOf(origin(), subject), summary, origin(from));

  test('links to its run, below what the summary says', () => {
    const text = body('### Head\n\nText.\n');
    expect(text.split('\n').slice(1, 4)).toEqual(['### Head', '', 'Text.']);
    expect(text).toContain('https://github.com/octo/images/actions/runs/8203415672');
  });

  test('says the same when another run says it, with whatever line ends', () => {
    const one = body('A\nB');
    const other = body('A\nB', { runId: '1234567', workflowName: 'Renamed' });
    expect(sameText(one.replaceAll('\n', '\r\n'), other)).toBe(true);
    expect(sameText(one, body('A\nC'))).toBe(false);
    expect(sameText('something else', body('A'))).toBe(false);
  });

  test('never exceeds what GitHub takes, and is cut between lines', () => {
    const line = fc.oneof(
      nastyText,
      fc.constant('x'.repeat(2000)),
      fc.constant(`| ${'y'.repeat(900)} |`),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 200 }), (lines) => {
        const summary = lines.map((each) => each.replace(/[\r\n]/g, ' ')).join('\n');
        const text = body(summary);
        expect(text.length).toBeLessThanOrEqual(LONGEST_BODY);
        const whole = body('').length + summary.trimEnd().length <= LONGEST_BODY;
        expect(text.includes('… and more')).toBe(!whole);
        if (whole) return;
        const [shown = ''] = text.split('\n\n… and more');
        const kept = shown.split('\n').slice(1);
        expect(summary.split('\n').slice(0, kept.length - 1)).toEqual(kept.slice(0, -1));
      }),
      { numRuns: 60 },
    );
  });

  test('lets the names of workflow and job act on nothing', () => {
    const evil = '</sub>\n# @octocat [x](y)';
    const text = body('A', { workflowName: evil, job: evil });
    expect(text.split('\n')).toHaveLength(5);
    expect(text).not.toMatch(/@octocat|\[x\]|<\/sub>\n#/);
  });
});

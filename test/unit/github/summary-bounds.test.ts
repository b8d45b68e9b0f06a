import { describe, expect, test } from 'vitest';
import { Failure } from '../../../src/domain/failure.ts';
import type { Finding } from '../../../src/domain/finding.ts';
import type { RunRecord } from '../../../src/github/record.ts';
import { fittedSummary, summaryOf } from '../../../src/github/summary.ts';
import { reportedTarget } from '../../../src/plan/reported.ts';
import { region, target, versionId } from '../worlds.ts';
import { finished } from './records.ts';

describe('a summary of much', () => {
  const long = '<'.repeat(400_000);
  const regions = Array.from({ length: 100 }, (_, index) => ({
    ...region(`region${index}`, 'Failed'),
    details: long,
  }));
  const finding = (index: number): Finding => ({
    rule: `rule-${index}`,
    severity: 'warning',
    message: long,
    remedy: long,
  });
  const findings = Array.from({ length: 100 }, (_, index) => finding(index));
  const failure = new Failure({ kind: 'refused', what: long, why: long, remedy: long });
  const text = fittedSummary(summaryOf(finished({ replication: regions, findings, failure })));

  test('is one that GitHub takes, and says that there is more', () => {
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1024 * 1024);
    expect(text).toContain('and more: the log has all of it');
    expect(text).toMatch(/^### ❌ /);
  });

  test('leaves a short one as it is', () => {
    const short = summaryOf(finished());
    expect(fittedSummary(short)).toBe(short);
  });
});

describe('texts from outside act on nothing', () => {
  const evil = '|<img src=x> `a` [b](c) **d** @e\n::error::f\n\n# g\n| --- |';
  const failed = { ...region('westeurope', 'Failed'), details: evil };
  const record: RunRecord = finished({
    replication: [failed],
    findings: [{ rule: evil, severity: 'notice', message: evil, remedy: evil }],
    failure: new Failure({ kind: 'refused', what: evil, why: evil, remedy: evil, code: evil }),
  });
  const text = summaryOf(record);

  test('neither as HTML, code, links nor mentions', () => {
    expect(text).not.toMatch(/<img|`a`|\[b\]|\*\*d|@e/);
  });

  test('nor as lines, tables or headings of their own', () => {
    const lines = text.split('\n').filter(Boolean);
    for (const line of lines) expect(line).not.toMatch(/^(::|# g|\s*$)/);
    const tables = lines.filter((line) => line.startsWith('|'));
    for (const row of tables) expect(row.split(' | ').length).toBeLessThanOrEqual(5);
    expect(lines.filter((line) => /^\| --- /.test(line))).toHaveLength(3);
  });
});

test('resources are links to the portal of the cloud, which hostile names cannot leave', () => {
  const evil = `${versionId('1.0.0')}"><img src=x>`;
  const wanted = { ...reportedTarget(target()), version: evil };
  const text = summaryOf(finished({ target: wanted, portal: 'https://portal.azure.com' }));
  expect(text).toContain(`<a href="https://portal.azure.com/#resource/subscriptions/`);
  // In a block, everything is text.
  expect(text.replace(/```text\n[^`]*```/, '')).not.toMatch(/<img/);
});

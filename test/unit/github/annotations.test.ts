import { describe, expect, test } from 'vitest';
import type { Finding, Severity } from '../../../src/domain/finding.ts';
import { annotationsOf } from '../../../src/github/report.ts';

const findings = (severity: Severity, count: number): Finding[] =>
  Array.from({ length: count }, (_, index) => {
    const rule = `${severity}-${index}`;
    return { rule, severity, message: `${rule} is so.`, remedy: `Mend ${rule}.` };
  });

test('each finding is one, headed by its rule, with what to do', () => {
  expect(annotationsOf(findings('warning', 1))).toEqual([
    { severity: 'warning', title: 'warning-0', text: 'warning-0 is so.\nMend warning-0.' },
  ]);
  const titled = findings('error', 1).map((each) => ({ ...each, title: 'it is broken' }));
  expect(annotationsOf(titled)[0]?.title).toBe('error-0: it is broken');
  expect(annotationsOf([])).toEqual([]);
});

describe('GitHub shows ten of a kind', () => {
  test.each<[Severity, number]>([
    ['error', 10],
    ['warning', 9],
    ['notice', 9],
  ])('%s: %d stand alone, one more and the last tells the rest', (severity, most) => {
    expect(annotationsOf(findings(severity, most))).toHaveLength(most);
    const folded = annotationsOf(findings(severity, most + 3));
    expect(folded).toHaveLength(most);
    expect(folded.at(-1)?.title).toBe(`4 more ${severity}s`);
    expect(folded.at(-1)?.text.split('\n')).toHaveLength(4);
  });

  test('one kind does not take the room of another, and nothing is lost', () => {
    const all = (['error', 'warning', 'notice'] as const).flatMap((each) => findings(each, 25));
    const shown = annotationsOf(all);
    expect(shown).toHaveLength(28);
    const text = shown.map((each) => each.text).join('\n');
    for (const { remedy } of all) expect(text.split(remedy)).toHaveLength(2);
  });
});

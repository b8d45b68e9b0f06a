import { counted } from '../domain/words.ts';
import { describeStep, expectedTotal } from '../plan/plan.ts';
import { duration, folded, markdown, table } from './plain.ts';
import { isRefused, type RunRecord } from './record.ts';

const ENDED = { done: '', failed: '❌ after ', interrupted: '⏳ interrupted after ' } as const;

/** The steps that were done or planned, with their times; nothing of a run that was refused. */
export function stepsOf(record: RunRecord): string {
  const { planned, steps: done, dryRun } = record;
  const waiting = planned.filter(({ id }) => !done.some(({ step }) => step.id === id));
  const all = [
    ...done.map(({ step, outcome, seconds }) => ({
      step,
      took: `${ENDED[outcome]}${duration(seconds)}`,
    })),
    ...waiting.map((step) => ({ step, took: 'not started' })),
  ];
  if (all.length === 0 || isRefused(record)) return '';
  const total = duration(expectedTotal(dryRun ? planned : all.map(({ step }) => step)));
  const rows = all.map(({ step, took }) => [
    markdown(describeStep(step)) + (step.irreversible ? ' (⚠️ irreversible)' : ''),
    duration(step.expectedSeconds),
    took,
  ]);
  const whole = ['**Total**', `**${total}**`, `**${duration(record.seconds)}**`];
  const columns = dryRun ? 2 : 3;
  const final = all.filter(({ step }) => step.irreversible).length;
  const title = dryRun
    ? `Plan: ${counted(all.length, 'step')}, typically ${total}${final > 0 ? `, ${final} irreversible` : ''}`
    : `Steps: ${duration(record.seconds)}, typically ${total}`;
  return folded(
    title,
    table(
      ['Step', 'Typical', 'Took'].slice(0, columns),
      [...rows, whole].map((row) => row.slice(0, columns)),
    ),
  );
}

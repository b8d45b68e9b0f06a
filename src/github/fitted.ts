import { cut } from './plain.ts';

/** Characters that the texts of an output are cut to, one limit after the other, until it fits. */
const LIMITS = [2_000, 500];

/**
 * Characters of one output. GitHub takes 1 MiB for all outputs of a job, in UTF-16 ("Metadata syntax
 * for GitHub Actions"), and Linux takes 128 KiB in one variable of the environment.
 */
const LONGEST_OUTPUT = 120_000;

/** An output as JSON that is short enough; long texts, then elements of lists, are left out. */
export function fitted(value: unknown): string {
  const whole = JSON.stringify(value);
  if (whole.length <= LONGEST_OUTPUT) return whole;
  for (const most of LIMITS) {
    const text = JSON.stringify(withCutTexts(value, most));
    if (text.length <= LONGEST_OUTPUT) return text;
  }
  for (let most = 256; most >= 1; most = Math.floor(most / 2)) {
    const text = JSON.stringify(withShortLists(withCutTexts(value, 500), most));
    if (text.length <= LONGEST_OUTPUT) return text;
  }
  return JSON.stringify(Array.isArray(value) ? [] : {});
}

const withCutTexts = (value: unknown, most: number): unknown =>
  mapped(value, (each) => (typeof each === 'string' ? cut(each, most) : each));

const withShortLists = (value: unknown, most: number): unknown =>
  mapped(value, (each) => (Array.isArray(each) ? each.slice(0, most) : each));

/** A value of JSON with each value in it replaced. */
const mapped = (value: unknown, change: (value: unknown) => unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, each) => change(each)));

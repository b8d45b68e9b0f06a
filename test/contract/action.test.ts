import { describe, expect, it, test } from 'vitest';
import { parse } from 'yaml';
import { withInputRows } from '../../scripts/action-inputs.ts';
import { INPUTS } from '../../src/github/inputs/table.ts';
import { outputsOf } from '../../src/github/outputs.ts';
import { emptyRecord, type RunRecord } from '../../src/github/record.ts';
import { read } from './documents.ts';

interface Entry {
  readonly description: string;
  readonly default?: string;
}

interface Action {
  readonly name: string;
  readonly description: string;
  readonly author?: string;
  readonly branding: { readonly icon: string; readonly color: string };
  readonly inputs: Readonly<Record<string, Entry>>;
  readonly outputs: Readonly<Record<string, Entry>>;
  readonly runs: Readonly<Record<string, string>>;
}

const action = parse(read('action.yml')) as Action;
const inputs = Object.entries(action.inputs);
const outputs = Object.entries(action.outputs);

/** Unset is not a value: only these four may have a default in action.yml. */
const DEFAULTS: Readonly<Record<string, string>> = {
  operation: 'capture',
  'dry-run': 'false',
  comment: 'false',
  'github-token': ['$', '{{ github.token }}'].join(''),
};

test('the inputs are those that the code reads, in the same order', () => {
  expect(inputs.map(([name]) => name)).toEqual(Object.keys(INPUTS));
});

test('they are described as their rows say (mend with `npm run docs`)', () => {
  expect(read('action.yml')).toBe(withInputRows(read('action.yml')));
});

/** A run that has every output. */
const pruned: RunRecord = {
  ...emptyRecord,
  operation: 'prune',
  pruning: { versions: [], terms: { subscriptions: [], now: new Date(0) } },
};

test('the outputs are those that the code writes, in the same order', () => {
  expect(outputs.map(([name]) => name)).toEqual(Object.keys(outputsOf(pruned)));
});

describe.each([...inputs, ...outputs])('%s', (name, { description }) => {
  it('is described in full sentences', () => {
    const text = description.trim();
    expect(text).toMatch(/^[A-Z`]/);
    expect(text).toMatch(/[.!?]$/);
    expect(text).not.toMatch(/\s\s(?!$)| \n|TODO/);
  });

  it('has a name as GitHub’s own are', () => {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
  });
});

describe.each(inputs)('%s', (name, { description, default: given }) => {
  it('has a default in action.yml only where unset would mean the same', () => {
    expect(given).toBe(DEFAULTS[name]);
  });

  it('says what happens without it', () => {
    const says = /Default:\s.+\.|Required(\s+for [^.]+)?\.|Not\s+needed when/s.test(description);
    expect(says || given !== undefined).toBe(true);
  });

  it('shows what to write', () => expect(description).toMatch(/`[^`]+`/));
});

/**
 * GitHub's runner evaluates expressions in descriptions too, has no context for them there, and
 * refuses to load the action (actions/runner src/Runner.Worker/action_yaml.json;
 * aws-actions/aws-cloudformation-github-deploy#61).
 */
test('no expression stands anywhere but in a default', () => {
  const strip = ({ default: _, ...rest }: Entry) => rest;
  const elsewhere = { ...action, inputs: inputs.map(([, entry]) => strip(entry)) };
  expect(JSON.stringify(elsewhere)).not.toContain('${{');
});

test('main is the bundle and post what starts it as such, on the runtime that runners have', () => {
  const { using, main, post, ...rest } = action.runs;
  expect({ using, main, post }).toEqual({
    using: 'node24',
    main: 'dist/index.js',
    post: 'post.js',
  });
  expect(rest).toEqual({});
});

test('the marketplace has what it shows', () => {
  expect(action.name.length).toBeGreaterThan(0);
  expect(action.description.length).toBeLessThan(125);
  expect(action.branding.icon).toMatch(/^[a-z-]+$/);
  expect(action.branding.color).toMatch(
    /^(white|black|yellow|blue|green|orange|red|purple|gray-dark)$/,
  );
});

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Manifest } from '../../scripts/inputs-doc.ts';
import { fences, filesBelow, read } from './documents.ts';

interface Workflow {
  readonly on?: { readonly workflow_call?: { readonly inputs?: Readonly<Record<string, Input>> } };
  readonly permissions?: unknown;
  readonly jobs?: Readonly<Record<string, Job>>;
}

interface Input {
  readonly required?: boolean;
}

interface Job {
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly needs?: string | readonly string[];
  readonly outputs?: Readonly<Record<string, string>>;
  readonly steps?: readonly Step[];
}

interface Step {
  readonly id?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

/** What examples call this action: the reader puts in the repository and a commit. */
const PLACEHOLDER = 'owner/azure-golden-image@<commit>';

/** The pipeline as examples call it, and the action as the pipeline does, of its own commit. */
const PIPELINE = 'owner/azure-golden-image/.github/workflows/pipeline.yml@<commit>';
const ITSELF = './.golden-image';
const OURS: readonly (string | undefined)[] = [PLACEHOLDER, PIPELINE, ITSELF, './'];

const { inputs, outputs } = parse(read('action.yml')) as Manifest;

const workflows: (readonly [string, string])[] = [
  ...filesBelow('examples', '.yml').map((path) => [path, read(path)] as const),
  ...filesBelow('.github/workflows', '.yml').map((path) => [path, read(path)] as const),
  ...['README.md', ...filesBelow('docs', '.md')].flatMap((path) =>
    fences(read(path), 'yaml').map((text, index) => [`${path} ${index}`, text] as const),
  ),
];

describe.each(workflows)('%s', (_, text) => {
  const workflow = parse(text) as Workflow;
  const jobs = Object.entries(workflow.jobs ?? {});
  const steps = jobs.flatMap(([, job]) => job.steps ?? []);

  // A document also shows single steps, and files that are no workflows.
  it.skipIf(jobs.length === 0)(
    'opens permissions job by job, with a reason beside each write',
    () => {
      expect(workflow.permissions).toEqual({});
      for (const [, job] of jobs) expect(job.permissions).toBeDefined();
      expect(text.match(/^ +[a-z-]+: write$/gm)).toBeNull();
    },
  );

  it('pins every action to a commit, its version in a comment', () => {
    const used = [...text.matchAll(/uses: (.+)$/gm)].map(([, reference = '']) => reference);
    const pinned = /^[\w-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/;
    expect(
      used.filter(
        (each) =>
          !OURS.includes(each.replace(/ # (v[\d.]+|zizmor: .*)$/, '')) && !pinned.test(each),
      ),
    ).toEqual([]);
  });

  it('gives this action only inputs that it has, and reads only outputs that it has', () => {
    const ours = steps.filter(({ uses }) => OURS.includes(uses));
    const given = ours.flatMap((step) => Object.keys(step.with ?? {}));
    expect(given.filter((name) => !(name in inputs))).toEqual([]);
    const ids = ours.flatMap(({ id }) => id ?? []);
    const wanted = [...text.matchAll(/steps\.([\w-]+)\.outputs\.([\w-]+)/g)];
    const unknown = wanted.filter(
      ([, id = '', name = '']) => ids.includes(id) && !(name in outputs),
    );
    expect(unknown.map(([whole]) => whole)).toEqual([]);
  });

  it('reads only outputs of jobs that it needs and that set them', () => {
    const broken = jobs.flatMap(([, job]) => {
      const needs = [job.needs ?? []].flat();
      const read = [...JSON.stringify(job).matchAll(/needs\.([\w-]+)\.outputs\.([\w-]+)/g)];
      return read
        .filter(([, from = '', name = '']) => {
          const set = workflow.jobs?.[from]?.outputs ?? {};
          return !needs.includes(from) || !(name in set);
        })
        .map(([whole]) => whole);
    });
    expect(broken).toEqual([]);
  });

  it('gives no script of several lines of which only the last one counts', () => {
    const scripts = [...text.matchAll(/^ +(?:verify|deprovision)-script: \|\n +(.+)$/gm)];
    expect(scripts.map(([, first]) => first).filter((first = '') => !/ -e$/.test(first))).toEqual(
      [],
    );
  });

  it('takes nothing from secrets: a job output that contains one is dropped', () => {
    expect(text).not.toMatch(/\$\{\{\s*secrets\./);
  });
});

describe('the pipeline', () => {
  const { on } = parse(read('.github/workflows/pipeline.yml')) as Workflow;
  const taken = on?.workflow_call?.inputs ?? {};
  const callers = workflows.flatMap(([path, text]) =>
    Object.values((parse(text) as Workflow).jobs ?? {})
      .filter(({ uses }) => uses === PIPELINE)
      .map((job) => [path, job] as const),
  );

  it.each(callers)('gets from %s the inputs that it has, and those that it needs', (_, job) => {
    const given = Object.keys(job.with ?? {});
    expect(given.filter((name) => !(name in taken))).toEqual([]);
    const needed = Object.keys(taken).filter((name) => taken[name]?.required);
    expect(given).toEqual(expect.arrayContaining(needed));
  });

  it('has a caller of at most 12 lines, the same in its page', () => {
    const lines = read('examples/pipeline.yml')
      .split('\n')
      .filter((line) => !/^(#|$)/.test(line));
    expect(lines.length).toBeLessThanOrEqual(12);
    expect(read('docs/pipeline.md')).toContain(lines.join('\n'));
  });

  it('has each input in its page', () => {
    const page = read('docs/pipeline.md');
    expect(Object.keys(taken).filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});

import { OPERATIONS } from '../../../domain/request.ts';
import { FLAG, parseAnything, parseChoice, parseDuration, type Rows } from '../row.ts';

/** What the run does. */
export const OPERATION = {
  operation: {
    operations: OPERATIONS,
    parse: parseChoice(...OPERATIONS),
    about:
      'What to do. `capture` turns the build VM into a new image version. `promote` copies a version to another definition, or changes it where it is. `verify` boots an existing version in a throw-away VM, and records in its tags whether it works. `wait` waits until a version is replicated, and changes nothing. `prune` deletes old versions of a definition that nothing protects. `restore` gives a VM back the disks that it had when a capture took snapshots of them.',
    default: 'capture',
    filledIn: 'capture',
  },
  'dry-run': {
    operations: OPERATIONS,
    ...FLAG,
    about:
      'Whether to only check and plan: `true` or `false`. Nothing in Azure is changed, and rights to read suffice. `state` is `planned`. The step fails if a check found an error.',
    filledIn: 'false',
  },
} satisfies Rows;

/** How far and how long it waits. */
export const TIME = {
  'wait-for': {
    operations: ['capture', 'promote', 'wait'],
    parse: parseChoice('replicated', 'home', 'none'),
    about:
      "How long the run waits. `replicated`: until every region is complete. `home`: until the VM's region is complete. `none`: until Azure has accepted the version. With the last two, `state` is `replicating` and the step succeeds.",
    default: 'replicated',
    checks: [
      ({ operation, value }) =>
        operation === 'wait' &&
        value('wait-for') === 'none' &&
        '`wait-for` is "none", which is not one of replicated, home.',
    ],
  },
  'timeout-minutes': {
    operations: OPERATIONS,
    parse: parseDuration(60, 7 * 24 * 60),
    about:
      'How long the whole run is allowed to take, in minutes; fractions are allowed. After that, the step fails, with `state=replicating` if Azure is still at work. Re-run the failed job; it resumes.',
    default: '330',
  },
  'poll-interval': {
    operations: OPERATIONS,
    parse: parseDuration(1, 3600),
    about:
      'Seconds between two looks at anything, and the longest pause before a retry; fractions are allowed. Only a `Retry-After` of an HTTP 429 or 503 can be longer.',
    otherwise: 'adaptive, from seconds to a minute and a half, shortest when the end is likely',
    example: '10',
  },
} satisfies Rows;

/** Where the run tells what came of it. */
export const REPORTING = {
  'result-file': {
    operations: OPERATIONS,
    parse: parseAnything,
    about:
      "A file for all outputs as JSON, with source, commit, run and findings (docs/outputs.md). Matrix jobs overwrite each other's outputs, but not files with their own names.",
    otherwise: 'none',
    example: 'result-x64.json',
  },
  'github-token': {
    operations: OPERATIONS,
    parse: parseAnything,
    about:
      'The token to write the comment on the pull request with; used for nothing else. Needs `permissions: pull-requests: write` in the job. With the token of an app, such as the output `token` of `actions/create-github-app-token`, the comment comes from that app.',
    filledIn: ['$', '{{ github.token }}'].join(''),
  },
  comment: {
    operations: OPERATIONS,
    ...FLAG,
    about:
      'Whether to keep one comment on the pull request up to date with the job summary: `true` or `false`. There is one for each workflow, job, VM and definition. Without a pull request, or without the right to write, there is a notice and no comment.',
    filledIn: 'false',
  },
} satisfies Rows;

import { describe, expect, it } from 'vitest';
import { whyNoComment } from '../../../src/github/comment.ts';
import { isShutOut } from '../../../src/github/fork.ts';
import { readInputs, refuse } from '../../../src/github/inputs/requests.ts';
import { type Payload, pullRequestIn } from '../../../src/github/workflow-run.ts';
import { NOW } from '../worlds.ts';
import { type Inputs, MINIMAL, mistakes } from './assignments.ts';

const repo = (full_name: string) => ({ repo: { full_name } });

describe('the pull request of an event', () => {
  it.each<[string, Payload, ReturnType<typeof pullRequestIn>]>([
    ['a push', {}, undefined],
    ['an issue', { issue: { number: 3 } }, undefined],
    [
      'a comment on one',
      { issue: { number: 3, pull_request: {} } },
      { number: 3, fromFork: false },
    ],
    [
      'a branch',
      { pull_request: { number: 7, head: repo('octo/images'), base: repo('octo/images') } },
      { number: 7, fromFork: false },
    ],
    [
      'a fork',
      { pull_request: { number: 7, head: repo('eve/images'), base: repo('octo/images') } },
      { number: 7, fromFork: true },
    ],
    [
      'a fork that is gone',
      { pull_request: { number: 7, head: { repo: null }, base: repo('octo/images') } },
      { number: 7, fromFork: true },
    ],
    [
      'a workflow run',
      { workflow_run: { pull_requests: [{ number: 9 }] } },
      { number: 9, fromFork: false },
    ],
    ['a workflow run of a fork', { workflow_run: { pull_requests: [] } }, undefined],
  ])('of %s', (_, payload, expected) => {
    expect(pullRequestIn(payload)).toEqual(expected);
  });
});

const source = (inputs: Inputs, env: Inputs = {}) => ({
  get: (name: string) => inputs[name] ?? '',
  given: Object.keys(inputs),
  env,
  azSession: () => false,
  now: NOW,
});

describe('a run for a fork', () => {
  const fork = { number: 1, fromFork: true };
  const token = { ACTIONS_ID_TOKEN_REQUEST_URL: 'u', ACTIONS_ID_TOKEN_REQUEST_TOKEN: 't' };

  it('is shut out of Azure unless it has a token, or signs in by other means', () => {
    expect(isShutOut(fork, source({}))).toBe(true);
    expect(isShutOut(fork, source({ 'auth-type': 'OIDC' }))).toBe(true);
    expect(isShutOut(fork, source({}, token))).toBe(false);
    expect(isShutOut(fork, source({ 'auth-type': 'managed-identity' }))).toBe(false);
    expect(isShutOut(fork, { ...source({}), azSession: () => true })).toBe(false);
  });

  it('is the only one: who forgot the permission is to be told', () => {
    expect(isShutOut({ number: 1, fromFork: false }, source({}))).toBe(false);
    expect(isShutOut(undefined, source({}))).toBe(false);
  });

  it('still has its inputs checked, but for those that come from withheld variables', () => {
    const checkInputs = (of: ReturnType<typeof source>) =>
      refuse(readInputs(of).mistakes.filter(({ missing }) => !missing));
    const withheld = ['tenant-id', 'client-id', 'subscription-id'];
    const without = Object.fromEntries(withheld.map((name) => [name, '']));
    expect(mistakes(() => checkInputs(source({ ...MINIMAL, ...without })))).toEqual([]);
    expect(mistakes(() => checkInputs(source({})))).toEqual([]);
    const said = mistakes(() =>
      checkInputs(source({ ...MINIMAL, ...without, 'image-version': '1.2', vm: 'my vm' })),
    );
    expect(said).toHaveLength(2);
  });
});

describe('how to report', () => {
  it('is read whatever else is wrong', () => {
    const inputs = {
      'dry-run': ' TRUE ',
      comment: 'true',
      'github-token': 't',
      'result-file': ' r ',
    };
    expect(readInputs(source({ ...inputs, vm: '' }))).toMatchObject({
      operation: 'capture',
      dryRun: true,
      comment: true,
      token: 't',
      resultFile: 'r',
    });
    expect(readInputs(source({ comment: 'yes', operation: 'Promote' }))).toMatchObject({
      operation: 'promote',
      dryRun: false,
      comment: false,
      token: '',
    });
  });
});

describe('why there is no comment', () => {
  it.each([401, 403, 404])('%d is the token’s lack of rights', (status) => {
    const error = Object.assign(new Error('Resource not accessible by integration'), { status });
    expect(whyNoComment(error, 7)).toMatch(/#7 could not.*`github-token`.*pull-requests: write/);
  });

  it('anything else is GitHub’s own trouble', () => {
    const error = Object.assign(new Error('Oops'), { status: 502 });
    expect(whyNoComment(error, 7)).toMatch(/answered 502 \(Oops\).*job summary/);
    expect(whyNoComment(new TypeError('fetch failed'), 7)).toMatch(/could not be reached/);
  });
});

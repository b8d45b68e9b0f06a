import { afterEach, describe, expect, it, test, vi } from 'vitest';
import { azureText, fromAzure, fromOperation, isNotFound } from '../../../src/azure/failure.ts';
import { retryAfterSeconds } from '../../../src/azure/retry.ts';
import { Failure } from '../../../src/domain/failure.ts';
import { answered, unanswered } from './answers.ts';

const doing = 'read the build VM';

describe('what passes by itself', () => {
  it.each<[number, string?]>([
    [408],
    [429, 'SubscriptionRequestsThrottled'],
    [429, 'ResourceCollectionRequestsThrottled'],
    [500, 'InternalServerError'],
    [502, 'BadGatewayConnection'],
    [503, 'ServerTimeout'],
    [503],
    [504, 'GatewayTimeout'],
    [409, 'Conflict'],
    [409, 'ConflictingConcurrentWriteNotAllowed'],
    [409, 'AnotherOperationInProgress'],
    [409, 'RetryableError'],
  ])('HTTP %d %s', (status, code) => {
    const failure = fromAzure(answered(status, code), doing);
    expect(failure).toMatchObject({ kind: 'transient', status, code });
    expect(failure.what).toBe(`Azure refused to ${doing} (HTTP ${status}).`);
    expect(failure.remedy).toMatch(/Re-run/);
  });

  it.each([
    'ECONNRESET',
    'ECONNREFUSED',
    'ETIMEDOUT',
    'ENOTFOUND',
    'EAI_AGAIN',
    'EPIPE',
    'REQUEST_SEND_ERROR',
  ])('a connection that broke: %s', (code) => {
    const failure = fromAzure(unanswered(code), doing);
    expect(failure).toMatchObject({ kind: 'transient', code, status: undefined });
    expect(failure.what).toMatch(/connection to Azure broke while trying to read/);
  });

  it.each(['AbortError', 'TimeoutError'])('no answer at all: %s', (name) => {
    const failure = fromAzure(Object.assign(new Error('x'), { name }), doing);
    expect(failure).toMatchObject({
      kind: 'transient',
      what: `Azure gave no answer when asked to ${doing}.`,
    });
  });
});

describe('what Azure refuses for good', () => {
  it.each<[number, string | undefined, RegExp | undefined]>([
    [400, 'InvalidParameter', undefined],
    [401, 'InvalidAuthenticationTokenTenant', /tenant-id/],
    [403, 'AuthorizationFailed', /role/],
    [403, 'LinkedAuthorizationFailed', /beginGetAccess/],
    [403, 'RequestDisallowedByPolicy', /`tags`/],
    [404, 'SubscriptionNotFound', /subscription-id/],
    [404, 'ResourceGroupNotFound', /resource group/],
    [409, 'OperationNotAllowed', undefined],
    [409, 'PropertyChangeNotAllowed', /never be changed/],
    [409, 'ScopeLocked', /lock .* re-run the failed job/],
    [409, undefined, undefined],
    [412, 'PreconditionFailed', undefined],
    [501, undefined, undefined],
  ])('HTTP %d %s', (status, code, remedy) => {
    const failure = fromAzure(answered(status, code), doing);
    expect(failure).toMatchObject({ kind: 'refused', status, code });
    expect(failure.why).toMatch(/^Azure says: .*is what Azure said/);
    if (remedy) expect(failure.remedy).toMatch(remedy);
    else expect(failure.remedy).toBeUndefined();
  });

  test('a certificate that nobody trusts is not asked again', () => {
    expect(fromAzure(unanswered('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), doing).kind).toBe('refused');
  });
});

test('409 with a code of many meanings is about another request when its words are', () => {
  const words = 'Another operation on this resource is in progress, try again.';
  const busy = answered(409, 'OperationNotAllowed', {}, words);
  expect(fromAzure(busy, doing).kind).toBe('transient');
});

test('412 passes where the request was for what nobody has changed since', () => {
  const error = answered(412, 'PreconditionFailed');
  error.request?.headers.set('if-match', 'W/"1"');
  expect(fromAzure(error, doing).kind).toBe('transient');
});

test('the correlation id and the cause are kept, for Azure’s support and for debugging', () => {
  const error = answered(403, 'AuthorizationFailed', { 'x-ms-correlation-request-id': 'c-1' });
  const failure = fromAzure(error, doing);
  expect(failure.correlationId).toBe('c-1');
  expect(failure.cause).toBe(error);
  expect(failure.message).toContain('Correlation ID: c-1.');
});

test('what is a failure already stays as it is; what nobody foresaw is told as it came', () => {
  const failure = new Failure({ kind: 'cancelled', what: 'Cancelled.' });
  expect(fromAzure(failure, doing)).toBe(failure);
  expect(fromAzure(new TypeError('x is null'), doing)).toMatchObject({ kind: 'bug' });
  expect(fromAzure('text', doing).what).toContain('text');
});

describe('an operation that failed after it was accepted', () => {
  test('says Azure’s own words, nested ones too', () => {
    const failure = fromOperation(
      {
        code: 'GalleryReplicationFailed',
        message: 'One region failed.',
        details: [{ code: 'x', message: 'No capacity.' }, { code: 'OnlyACode' }],
      },
      'create image version 1.0.0',
    );
    expect(failure.kind).toBe('refused');
    expect(failure.what).toMatch(/accepted the request to create image version 1\.0\.0/);
    expect(failure.why).toBe('Azure says: One region failed. No capacity. OnlyACode');
    expect(failure.code).toBe('GalleryReplicationFailed');
  });

  /** A version of the other generation: here the code means a mismatch, not another request. */
  test('with code Conflict does not blame another operation', () => {
    const failure = fromOperation({ code: 'Conflict', message: 'Another generation.' }, doing);
    expect(failure).toMatchObject({ kind: 'refused', remedy: undefined });
  });

  it.each([
    ['OperationPreempted', 'Canceled'],
    ['AnythingElse', 'Canceled'],
    ['InternalExecutionError', 'Failed'],
    ['RetryableError', 'Failed'],
  ])('%s, %s, may well succeed when sent once more', (code, status) => {
    expect(fromOperation({ code }, doing, status)).toMatchObject({ kind: 'transient', code });
  });

  it.each([[undefined], [{}]])('without a reason (%j) says to re-run the job', (error) => {
    const remedy = 'Re-run the failed job; it resumes here.';
    expect(fromOperation(error, doing)).toMatchObject({ kind: 'refused', remedy });
  });

  it.each([
    [undefined, 'nothing more.'],
    [{}, 'nothing more.'],
    [{ message: 'm', details: [{ message: 'm' }] }, 'm'],
  ])('%j', (error, text) => expect(azureText(error)).toBe(text));
});

describe('Retry-After', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each([
    ['120', 120],
    ['0', 0],
    ['Sun, 22 Nov 2026 09:31:05 GMT', 60],
    ['Sun, 22 Nov 2026 09:00:00 GMT', 0],
    ['soon', undefined],
    ['', undefined],
  ])('%j is %s seconds', (value, seconds) => {
    vi.useFakeTimers({ now: new Date('2026-11-22T09:30:05Z'), toFake: ['Date'] });
    expect(retryAfterSeconds(answered(429, 'x', { 'retry-after': value }))).toBe(seconds);
  });

  test('as a date is of Azure’s clock, which need not be the runner’s', () => {
    const [date, later] = ['Sun, 22 Nov 2020 09:00:00 GMT', 'Sun, 22 Nov 2020 09:02:00 GMT'];
    expect(retryAfterSeconds(answered(429, 'x', { 'retry-after': later, date }))).toBe(120);
  });

  test('is of no other error', () => {
    expect(retryAfterSeconds(unanswered('ECONNRESET'))).toBeUndefined();
    expect(retryAfterSeconds(new Error('x'))).toBeUndefined();
  });
});

test('only an answer of 404 says that something does not exist', () => {
  expect(isNotFound(answered(404, 'ResourceNotFound'))).toBe(true);
  expect(isNotFound(answered(403, 'AuthorizationFailed'))).toBe(false);
  expect(isNotFound(unanswered('ENOTFOUND'))).toBe(false);
});

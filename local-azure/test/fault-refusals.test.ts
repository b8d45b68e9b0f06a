/**
 * Entries of the reference list of Azure's answers that no request deserves and no world explains: failures of Azure's own
 * machinery, limits whose size nobody knows, features that a subscription lacks. A fault rule brings
 * each about, at its stage, and nothing else happens then.
 */
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../src/json.ts';
import { Bench, fromMachine, version } from './gallery.ts';
import { expectListed } from './refusals.ts';

interface Failure {
  readonly id: string;
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

const atOnce: readonly Failure[] = [
  {
    id: 'arm.500',
    status: 500,
    code: 'InternalServerError',
    message: 'Encountered internal server error.',
  },
  {
    id: 'arm.502',
    status: 502,
    code: 'BadGatewayConnection',
    message:
      "The network connectivity issue encountered for 'Microsoft.Compute'; cannot fulfill the request.",
  },
  { id: 'arm.503', status: 503, code: 'ServerTimeout', message: 'The request timed out.' },
  {
    id: 'arm.504',
    status: 504,
    code: 'GatewayTimeout',
    message:
      "The gateway did not receive a response from 'Microsoft.Compute' within the specified time period.",
  },
  {
    id: 'throttle.arm_429',
    status: 429,
    code: 'SubscriptionRequestsThrottled',
    message: "exceeded the backend storage limit. Please try again after '6' seconds.",
  },
  {
    id: 'throttle.collection_429',
    status: 429,
    code: 'ResourceCollectionRequestsThrottled',
    message: 'failed as server encountered too many requests. Please try after',
  },
  {
    id: 'throttle.gallery_429',
    status: 429,
    code: 'ResourceCollectionRequestsThrottled',
    message: 'try after 120 seconds',
  },
  {
    id: 'snapshot.copystart_not_supported',
    status: 409,
    code: 'OperationNotAllowed',
    message: 'CopyStart creation is not supported for this subscription.',
  },
];

describe('a fault rule answers a write with', () => {
  it.each(atOnce)('$id', async ({ id, status, code, message }) => {
    const bench = new Bench();
    bench.azure.faults.add({
      match: { method: 'write', path: '**' },
      fate: { status, body: { error: { code, message } } },
    });
    const answer = await bench.send('PUT', version('1.0.0'), fromMachine());
    expect([answer.status, answer.body.error]).toEqual([status, { code, message }]);
    expect((await bench.send('GET', version('1.0.0'))).status).toBe(404);
    expectListed(id, code, message);
  });

  it('arm.503_empty', async () => {
    const bench = new Bench();
    bench.azure.faults.add({ match: { path: '**' }, fate: { status: 503, body: '' } });
    const answer = await bench.send('GET', version('1.0.0'));
    expect([answer.status, answer.body]).toEqual([503, {}]);
    expectListed('arm.503_empty', '', '(empty body)');
  });
});

describe('a fault rule lets a version fail when its operation ends with', () => {
  const failures: readonly Omit<Failure, 'status'>[] = [
    {
      id: 'version.replication_internal',
      code: 'InternalOperationError',
      message:
        "Replication failed in this region due to 'Contract.Assert failed: Data model DiskEncryptionSetId",
    },
    {
      id: 'doc.source_throttled',
      code: 'OperationNotAllowed',
      message:
        'Please reduce the number of requests on the source or wait some time before retrying',
    },
  ];
  it.each(failures)('$id', async ({ id, code, message }) => {
    const bench = new Bench();
    const error = { code, message };
    bench.azure.faults.add({
      match: { method: 'PUT', path: '**/versions/*' },
      fate: { operation: { status: 'Failed', error } },
    });
    const { first, end } = await bench.settle('PUT', version('1.0.0'), fromMachine());
    expect(first.status).toBe(201);
    expect(end).toMatchObject({ status: 'Failed', error });
    const after = await bench.send('GET', version('1.0.0'));
    expect((after.body.properties as JsonObject).provisioningState).toBe('Failed');
    expectListed(id, code, message);
  });
});

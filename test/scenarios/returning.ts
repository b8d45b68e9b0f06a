/** Captures after which the build VM comes back, and what becomes of it when one is killed. */
import type { PipelineRequest } from '@azure/core-rest-pipeline';
import { expect } from 'vitest';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { inProcessHttpClient } from '../../local-azure/src/in-process.ts';
import type { CaptureRequest } from '../../src/domain/request.ts';
import { buildVm, capture } from './harness.ts';

type Asked = Partial<CaptureRequest>;

/** A capture that is killed when it sends the first request of which this holds. */
export async function killedAt(
  azure: LocalAzure,
  request: Asked,
  isLast: (sent: PipelineRequest) => boolean,
): Promise<void> {
  const end = new AbortController();
  const way = inProcessHttpClient(azure);
  const sendRequest = (sent: PipelineRequest) => {
    if (isLast(sent)) end.abort(new Error('killed'));
    return end.signal.aborted ? Promise.reject(end.signal.reason) : way.sendRequest(sent);
  };
  const { failure } = await capture(azure, {
    request,
    httpClient: { sendRequest },
    signal: end.signal,
  });
  expect(failure?.message).toContain('killed');
}

/** A capture that is killed when the VM has its new OS disk, and no data disk. */
export const killedDetached = (azure: LocalAzure, request: Asked): Promise<void> =>
  killedAt(
    azure,
    request,
    ({ method, body }) =>
      method === 'PATCH' && `${body}`.includes('/disks/build-linux-restored-lun'),
  );

export const powerOf = (azure: LocalAzure, id = buildVm(azure)): string =>
  /PowerState\/(\w+)/.exec(JSON.stringify(azure.world.get(id)))?.[1] ?? '';

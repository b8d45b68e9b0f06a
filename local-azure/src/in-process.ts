/** The local Azure as the Azure SDK's `httpClient`: no socket, no certificate, any clock. */
import {
  createHttpHeaders,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
  RestError,
} from '@azure/core-rest-pipeline';
import { ConnectionReset } from './errors.ts';

/** What this transport needs of a local Azure. */
interface Fetches {
  fetch(request: Request): Promise<Response>;
}

/**
 * An `HttpClient` for `new ComputeManagementClient(…, {endpoint, httpClient})` and for the
 * credentials of @azure/identity. A cut connection surfaces as `RestError` ECONNRESET, an abort
 * as `AbortError`, just as with the SDK's own client.
 */
export function inProcessHttpClient(azure: Fetches): HttpClient {
  return { sendRequest: (request) => send(azure, request) };
}

/** The same for code that takes a `fetch` function; a cut connection is a `TypeError`, as in Node. */
export function inProcessFetch(azure: Fetches): typeof globalThis.fetch {
  return async (input, init) => {
    try {
      return await azure.fetch(new Request(input, init));
    } catch (error) {
      if (!(error instanceof ConnectionReset)) throw error;
      const cause = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
      throw new TypeError('fetch failed', { cause });
    }
  };
}

async function send(azure: Fetches, request: PipelineRequest): Promise<PipelineResponse> {
  const abort = new AbortController();
  const onAbort = (): void => abort.abort();
  const given = request.abortSignal;
  if (given?.aborted === true) throw abortError();
  given?.addEventListener('abort', onAbort);
  const timer = request.timeout > 0 ? setTimeout(onAbort, request.timeout) : undefined;
  try {
    const response = await azure.fetch(asRequest(request, abort.signal));
    const headers = createHttpHeaders(Object.fromEntries(response.headers));
    return { request, status: response.status, headers, bodyAsText: await response.text() };
  } catch (error) {
    if (abort.signal.aborted) throw abortError();
    if (!(error instanceof ConnectionReset)) throw error;
    throw new RestError('read ECONNRESET', { code: 'ECONNRESET', request });
  } finally {
    clearTimeout(timer);
    given?.removeEventListener('abort', onAbort);
  }
}

function asRequest(request: PipelineRequest, signal: AbortSignal): Request {
  const { method, url, body } = request;
  const headers = request.headers.toJSON();
  if (body === undefined || body === null) return new Request(url, { method, headers, signal });
  if (typeof body !== 'string') throw new TypeError('The in-process transport takes text bodies.');
  return new Request(url, { method, headers, signal, body });
}

function abortError(): Error {
  const error = new Error('The operation was aborted.');
  error.name = 'AbortError';
  return error;
}

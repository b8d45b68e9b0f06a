/** Answers that are not what the client hopes for: other bodies, and links that lead elsewhere. */
import { isObject } from '../json.ts';
import type { Spoilt } from './document.ts';

/** A page of a proxy or front door that has nothing to do with the API behind it. */
const HTML =
  '<!DOCTYPE html><html><head><title>Service unavailable</title></head>' +
  '<body><h1>Our services are not available right now</h1></body></html>';

/** Bytes of each piece of a body without an end, and milliseconds between two pieces. */
const PIECE = 64 * 1024;
const PIECE_MILLISECONDS = 20;

/** The answer with another body; one that has none keeps its nothing. */
export async function withBody(
  response: Response,
  spoilt: Spoilt,
  request: Request,
): Promise<Response> {
  const { status } = response;
  if (status === 204 || status === 304) return response;
  const headers = new Headers(response.headers);
  headers.delete('content-length');
  if (spoilt === 'html') headers.set('content-type', 'text/html; charset=utf-8');
  if (spoilt === 'endless') return new Response(endless(request), { status, headers });
  return new Response(await bodyOf(response, spoilt), { status, headers });
}

async function bodyOf(response: Response, spoilt: Exclude<Spoilt, 'endless'>) {
  switch (spoilt) {
    case 'empty':
      return null;
    case 'html':
      return HTML;
    case 'null':
      return 'null';
    case 'object':
      return '{}';
    case 'list':
      return '[]';
    case 'truncated': {
      const text = await response.text();
      return text.slice(0, Math.max(1, Math.floor(text.length / 2)));
    }
  }
}

/**
 * JSON that begins and does not end; stops when the client goes. The request itself is kept: once it
 * is collected, its signal is told of nothing any more.
 */
function endless(request: Request): ReadableStream<Uint8Array> {
  const piece = new TextEncoder().encode(' '.repeat(PIECE));
  let timer: NodeJS.Timeout | undefined;
  return new ReadableStream<Uint8Array>({
    start: (controller) => {
      controller.enqueue(new TextEncoder().encode('{"value": ['));
      request.signal.addEventListener('abort', () => {
        clearTimeout(timer);
        controller.error(new Error('The client has gone'));
      });
    },
    pull: (controller) =>
      new Promise<void>((done) => {
        timer = setTimeout(() => {
          if (!request.signal.aborted) controller.enqueue(piece);
          done();
        }, PIECE_MILLISECONDS);
      }),
    cancel: () => clearTimeout(timer),
  });
}

/** The list with another next link; what is no list stays. */
export async function withNextLink(response: Response, link: string): Promise<Response> {
  if (response.status !== 200) return response;
  const text = await response.clone().text();
  const body = parsed(text);
  if (!isObject(body) || !Array.isArray(body.value)) return response;
  const { status, headers } = response;
  return new Response(JSON.stringify({ ...body, nextLink: link }), { status, headers });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The first answer of an operation with other poll URLs; any other answer stays. */
export function withPollUrl(response: Response, url: string): Response {
  const names = ['azure-asyncoperation', 'location'].filter((name) => response.headers.has(name));
  if (names.length === 0) return response;
  const headers = new Headers(response.headers);
  for (const name of names) headers.set(name, url);
  return new Response(response.body, { status: response.status, headers });
}

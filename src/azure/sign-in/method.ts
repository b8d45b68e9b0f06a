import type { HttpClient, PipelineRequest } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import type { Failure } from '../../domain/failure.ts';
import { jsonIn, membersOf } from '../../domain/plain-objects.ts';

/** Why a sign-in failed, and what to do. */
export interface Explanation {
  /** Whose move it is; `input` when left out. */
  readonly kind?: Failure['kind'];
  readonly why: string;
  readonly remedy: string;
}

/** One way to prove to Microsoft Entra who the run is. */
export interface Method {
  /**
   * Gets the proof ready, anew before every token, and says what is used as whom, without any
   * secret. It completes "Signing in by …". Throws a `Failure` when there is no proof to show.
   */
  prepare(): Promise<string>;
  readonly credential: TokenCredential;
  /** What this method knows of an error that its credential threw with this message. */
  explain(message: string): Explanation | undefined;
}

/** The error code of Entra's in a text, such as `AADSTS700213`. */
export const codeIn = (text: string): string | undefined => /AADSTS\d+/.exec(text)?.[0];

/** What Entra said, out of MSAL's message about it; the message's first line when it is another's. */
export function saidIn(message: string): string {
  const [line = ''] = message.split(/\r?\n/, 1);
  return (
    /(?:Description: |^(?=AADSTS))(.+?)(?= Trace ID:| - Correlation ID:|$)/.exec(line)?.[1] ?? line
  );
}

/**
 * Wraps a source of something that ends, such as a token: the last one is given again until
 * `spareSeconds` before its end. `endOf` gives that in milliseconds, or NaN when nobody knows, and
 * then it serves once.
 */
export function keepWhileFresh<T>(
  fetch: () => Promise<T>,
  endOf: (value: T) => number,
  spareSeconds: number,
): () => Promise<T> {
  let kept: { readonly value: T; readonly until: number } | undefined;
  return async () => {
    if (kept && Date.now() < kept.until) return kept.value;
    const value = await fetch();
    kept = { value, until: endOf(value) - spareSeconds * 1000 };
    return value;
  };
}

/**
 * A transport that the SDK's credentials can use, and that can be asked later what went wrong: MSAL
 * tells nothing of a lost connection but "network_error", and nothing at all of what Entra says where
 * it asks for the tenant's configuration. It gives up a request after so many milliseconds, where the
 * SDK would wait for ever.
 */
export function transportOver(client: HttpClient, milliseconds: number) {
  let trouble: string | undefined;
  let refusal: string | undefined;
  return {
    /** Why the last request got no answer; `undefined` when it got one. */
    trouble: () => trouble,
    /** What Entra answered to the last request, when that was an error of its own. */
    refusal: () => refusal,
    client: {
      sendRequest: async (request: PipelineRequest) => {
        request.timeout ||= milliseconds;
        try {
          const response = await client.sendRequest(request);
          trouble = undefined;
          refusal = refusalIn(response.status, response.bodyAsText);
          return response;
        } catch (thrown) {
          refusal = undefined;
          const { name, message } = thrown as Error;
          trouble = name === 'AbortError' ? `no answer in ${milliseconds / 1000} seconds` : message;
          throw thrown;
        }
      },
    },
  };
}

function refusalIn(status: number, body: string | null | undefined): string | undefined {
  if (status < 400 || !body) return undefined;
  const { error_description: text } = membersOf(jsonIn(body));
  return typeof text === 'string' && codeIn(text) ? text : undefined;
}

import type { HttpClient, PipelineRequest } from '@azure/core-rest-pipeline';
import { jsonIn, recordOf } from '../../domain/plain-objects.ts';
import { codeIn } from './entra-errors.ts';

/**
 * A transport that the SDK's credentials can use, and that can be asked about later. Gives up a request after so many milliseconds, where the SDK would wait for ever; and remembers
 * what went wrong. MSAL tells nothing of a lost connection but "network_error", and nothing at all of
 * what Entra says where it asks for the tenant's configuration.
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
  const { error_description: text } = recordOf(jsonIn(body));
  return typeof text === 'string' && codeIn(text) ? text : undefined;
}

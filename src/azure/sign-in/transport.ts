import type { HttpClient } from '@azure/core-rest-pipeline';

/** A transport that the SDK's credentials can use, and that can be asked about later. */
export interface Transport {
  readonly client: HttpClient;
  /** Why the last request got no answer; `undefined` when it got one. */
  trouble(): string | undefined;
}

/**
 * Gives up a request after so many milliseconds, where the SDK would wait for ever; and remembers
 * what went wrong, of which MSAL tells nothing but "network_error".
 */
export function transportOver(client: HttpClient, milliseconds: number): Transport {
  let trouble: string | undefined;
  return {
    trouble: () => trouble,
    client: {
      sendRequest: async (request) => {
        request.timeout ||= milliseconds;
        try {
          const response = await client.sendRequest(request);
          trouble = undefined;
          return response;
        } catch (thrown) {
          const { name, message } = thrown as Error;
          trouble = name === 'AbortError' ? `no answer in ${milliseconds / 1000} seconds` : message;
          throw thrown;
        }
      },
    },
  };
}

import type { PipelinePolicy } from '@azure/core-rest-pipeline';

/** Headers whose URLs are signed: 2.5 KB that whoever has may ask with (traffic README, "Poll URLs"). */
const SIGNED = ['azure-asyncoperation', 'location', 'operation-location'];
const SIGNATURE = ['c', 's', 'h'];

/**
 * Has the signatures in an answer's poll URLs masked before anything else sees the answer: the SDK's
 * own poller writes the whole URL to its debug log.
 */
export const maskSignatures = (mask: (secret: string) => void): PipelinePolicy => ({
  name: 'maskSignatures',
  sendRequest: async (request, next) => {
    const response = await next(request);
    for (const header of SIGNED) {
      const url = response.headers.get(header);
      if (!url || !URL.canParse(url)) continue;
      for (const name of SIGNATURE) {
        const value = new URL(url).searchParams.get(name);
        if (value) mask(value);
      }
    }
    return response;
  },
});

import type { PipelinePolicy, PipelineRequest } from '@azure/core-rest-pipeline';

/** What Azure answered to requests that it refused. */
const bodies = new WeakMap<PipelineRequest, string>();

/**
 * Keeps what Azure says when it refuses a read: of a list the SDK throws that away and says
 * "Pagination failed with unexpected statusCode 403" (@azure/arm-compute 25.1.1, pagingHelpers).
 */
export const keepRefusals: PipelinePolicy = {
  name: 'keepRefusals',
  async sendRequest(request, next) {
    const response = await next(request);
    if (response.status >= 400 && response.bodyAsText) bodies.set(request, response.bodyAsText);
    return response;
  },
};

/** What Azure answered to this request, when it refused it. */
export const refusalOf = (request: PipelineRequest | undefined): string | undefined =>
  request && bodies.get(request);

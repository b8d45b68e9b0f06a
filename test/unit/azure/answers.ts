import { createHttpHeaders, createPipelineRequest, RestError } from '@azure/core-rest-pipeline';

/** The error that the SDK throws for an answer of Azure's. */
export function answered(
  status: number,
  code?: string,
  headers: Readonly<Record<string, string>> = {},
  message = `${code ?? 'An error'} is what Azure said.`,
): RestError {
  const request = createPipelineRequest({ url: 'https://management.example/' });
  return new RestError(message, {
    statusCode: status,
    ...(code && { code }),
    request,
    response: { request, status, headers: createHttpHeaders(headers) },
  });
}

/** The error that the SDK throws when there is no answer. */
export const unanswered = (code: string): RestError =>
  new RestError(`connect ${code}`, {
    code,
    request: createPipelineRequest({ url: 'https://management.example/' }),
  });

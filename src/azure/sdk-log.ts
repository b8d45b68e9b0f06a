import { format } from 'node:util';
import { AzureLogger } from '@azure/logger';

/** What a URL's query must not show: the signatures of poll URLs and of SAS. */
const SIGNATURES = /([?&](?:c|s|h|sig)=)[^&\s"']+/g;

/**
 * Sends the SDK's own log, which there is when the user sets AZURE_LOG_LEVEL, the way of all other
 * lines. It would go to standard error, which the runner reads beside standard output, so that
 * nobody knows whether a secret is masked before a line that holds it is shown; and the poller
 * writes signed URLs in full.
 */
export function sdkLogTo(print: (line: string) => void): void {
  AzureLogger.log = (...parts: unknown[]) =>
    print(format(...parts).replaceAll(SIGNATURES, '$1REDACTED'));
}

import type { InputReader, InputSource } from './reader.ts';
import { readGuid } from './resources.ts';

/**
 * The subscription in which names are looked up; not needed when what is named is given by ID.
 */
export function readSubscription(
  reader: InputReader,
  { env }: InputSource,
  byId: boolean,
): string | undefined {
  const gallery = reader.text('gallery-subscription-id');
  if (gallery) readGuid(reader, 'gallery-subscription-id', { variable: '', value: undefined });
  if (byId && !reader.text('subscription-id') && !env.AZURE_SUBSCRIPTION_ID) return undefined;
  return readGuid(reader, 'subscription-id', {
    variable: 'AZURE_SUBSCRIPTION_ID',
    value: env.AZURE_SUBSCRIPTION_ID,
  });
}

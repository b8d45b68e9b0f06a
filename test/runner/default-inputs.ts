import type { Listening } from './local-azure-process.ts';

/** Inputs of a capture of the default world's Linux VM. */
export const defaultInputs = (azure: Omit<Listening, 'caFile' | 'env'>) => ({
  'tenant-id': azure.tenantId,
  'client-id': azure.clientId,
  'subscription-id': azure.subscriptionId,
  environment: azure.endpoint,
  'resource-group': 'images',
  vm: 'build-linux',
  gallery: 'golden',
  'image-definition': 'ubuntu-2404',
  'poll-interval': '0.1',
});

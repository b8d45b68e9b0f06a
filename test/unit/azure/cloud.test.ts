import { createHttpHeaders, type HttpClient } from '@azure/core-rest-pipeline';
import { describe, expect, it } from 'vitest';
import { findCloud } from '../../../src/azure/cloud.ts';

/** A cloud whose `/metadata/endpoints` says this. */
function find(environment: string, loginEndpoint: unknown, audience: unknown) {
  const body = { authentication: { loginEndpoint, audiences: [audience] } };
  const httpClient: HttpClient = {
    sendRequest: async (request) => ({
      request,
      status: 200,
      headers: createHttpHeaders(),
      bodyAsText: JSON.stringify(body),
    }),
  };
  return findCloud(new URL(environment), new AbortController().signal, httpClient);
}

describe('a cloud that is known by its endpoint alone', () => {
  it.each([
    ['its own host', 'https://localhost:8443', 'https://localhost:8443', 'https://localhost:8443/'],
    [
      'a host of its domain',
      'https://management.sovcloud-api.fr',
      'https://login.sovcloud-identity.fr',
      'https://management.core.sovcloud-api.fr',
    ],
    [
      'the host above it',
      'https://westeurope.management.azure.com',
      'https://login.microsoftonline.com',
      'https://management.azure.com/',
    ],
  ])('takes tokens for %s', async (_which, environment, login, audience) => {
    const cloud = await find(environment, login, audience);
    expect(cloud).toMatchObject({
      resourceManager: environment,
      authority: login,
      scope: `${audience}/.default`,
    });
  });

  const HOST = 'https://arm.example.org';
  const LOGIN = 'https://login.microsoftonline.com';

  it.each([
    ['Azure itself', HOST, LOGIN, 'https://management.azure.com'],
    ['Graph', HOST, LOGIN, 'https://graph.microsoft.com'],
    ['Azure, beside it', 'https://x.cloudapp.azure.com', LOGIN, 'https://management.azure.com'],
    [
      'Azure, in storage',
      'https://x.z1.web.core.windows.net',
      LOGIN,
      'https://management.core.windows.net',
    ],
    ['two at once', HOST, LOGIN, `${HOST} https://graph.microsoft.com`],
    ['two, with another space', HOST, LOGIN, `${HOST}\thttps://graph.microsoft.com`],
    ['no URL', HOST, LOGIN, 'api://arm.example.org'],
    ['plain http', HOST, LOGIN, 'http://arm.example.org'],
    ['credentials in it', HOST, LOGIN, 'https://arm.example.org@graph.microsoft.com'],
    ['no text', HOST, LOGIN, { a: 1 }],
  ])('refuses an audience that is %s', async (_what, environment, login, audience) => {
    await expect(find(environment, login, audience)).rejects.toThrow(/audience of tokens/);
  });

  it.each(['https://login.example.net', 'http://arm.example.org', 'nothing', 7])(
    'refuses to sign in at %s',
    async (login) => {
      await expect(find(HOST, login, HOST)).rejects.toThrow(/to sign in at/);
    },
  );
});

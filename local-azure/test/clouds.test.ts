/** Each cloud takes what is its own, under its own host names, and refuses what is another's. */
import { ClientAssertionCredential } from '@azure/identity';
import { describe, expect, it } from 'vitest';
import { createLocalAzure } from '../src/azure.ts';
import { CLOUDS, type Cloud, cloudNamed } from '../src/cloud.ts';
import { inProcessFetch, inProcessHttpClient } from '../src/in-process.ts';
import { claimsOf } from '../src/jwt.ts';

const all = Object.values(CLOUDS);
const pairs = all.flatMap((cloud) =>
  all.filter((other) => other !== cloud).map((other) => [cloud.name, other.name] as const),
);

/** Signs in as a client of `client` does, in a local Azure that is `served`. */
async function signIn(served: Cloud, client: Partial<Cloud> = {}) {
  const azure = createLocalAzure({ cloud: served, authentication: true });
  const { authority, exchangeAudience, resourceManager } = { ...served, ...client };
  const credential = new ClientAssertionCredential(
    azure.tenantId,
    azure.clientId,
    async () => azure.idToken(exchangeAudience),
    { authorityHost: authority, httpClient: inProcessHttpClient(azure) },
  );
  const { token } = await credential.getToken(`${resourceManager}/.default`);
  return { azure, token };
}

describe.each(all.map(({ name }) => name))('%s', (name) => {
  const cloud = CLOUDS[name];

  it('signs in under its own names, and its ARM takes the token', async () => {
    const { azure, token } = await signIn(cloud);
    expect(claimsOf(token)).toMatchObject({
      aud: cloud.resourceManager,
      iss: `${cloud.tokenIssuer}/${azure.tenantId}/`,
    });
    const read = (host: string) =>
      inProcessFetch(azure)(`${host}/subscriptions?api-version=2022-12-01`, {
        headers: { authorization: `Bearer ${token}` },
      });
    expect((await read(cloud.resourceManager)).status).toBe(200);
    for (const other of all.filter((each) => each !== cloud)) {
      const refused = await read(other.resourceManager);
      expect(await refused.json()).toMatchObject({
        error: { code: 'InvalidAuthenticationTokenAudience' },
      });
    }
  });

  it('describes itself under its own name', async () => {
    const azure = createLocalAzure({ cloud });
    const url = `${cloud.resourceManager}/metadata/endpoints?api-version=2022-09-01`;
    const described = await (await inProcessFetch(azure)(url)).json();
    expect(described).toMatchObject({
      name,
      resourceManager: `${cloud.resourceManager}/`,
      authentication: { loginEndpoint: cloud.authority },
    });
    expect(cloudNamed(name.toLowerCase())).toBe(cloud);
  });

  it('describes itself in the form of the api-version', async () => {
    const azure = createLocalAzure({ cloud });
    const described = async (version: string) =>
      (
        await inProcessFetch(azure)(
          `${cloud.resourceManager}/metadata/endpoints?api-version=${version}`,
        )
      ).json();
    const newest = await described('2022-09-01');
    expect(await described('2019-05-01')).toEqual([newest]);
    expect(await described('2015-01-01')).toEqual({
      galleryEndpoint: cloud.resourceManager,
      graphEndpoint: cloud.resourceManager,
      portalEndpoint: cloud.resourceManager,
      authentication: {
        loginEndpoint: cloud.authority,
        audiences: cloud.armAudiences.map((each) => `${each}/`),
      },
    });
  });
});

describe.each(pairs)('a client of %2$s, in %1$s', (served, other) => {
  it.each(['exchangeAudience', 'resourceManager', 'authority'] as const)(
    'is refused its %s',
    async (part) => {
      const expected = { exchangeAudience: 700212, resourceManager: 500011, authority: 90002 };
      const { [part]: wrong } = CLOUDS[other];
      await expect(signIn(CLOUDS[served], { [part]: wrong })).rejects.toThrow(
        `AADSTS${expected[part]}`,
      );
    },
  );
});

it('knows no cloud of another name', () => {
  expect(() => cloudNamed('AzureGermanCloud')).toThrow(/AzureCloud, AzureUSGovernment/);
});

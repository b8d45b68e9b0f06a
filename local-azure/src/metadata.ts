/** `/metadata/endpoints`: what a cloud consists of, in the three forms that clients ask for. */
import type { Hono } from 'hono';
import type { Env } from './arm.ts';
import { respond } from './arm.ts';
import { type Cloud, cloudOf } from './cloud.ts';
import type { JsonObject } from './json.ts';

/** The cloud's name in its metadata where it goes by no well-known host name; invented. */
const LOCAL = 'LocalAzure';

/**
 * Registers the endpoint. From api-version 2022-09-01 on it answers one object (go-azure-sdk,
 * sdk/environments/metadata; Azure CLI's `_arm_to_cli_mapper`), from 2019-05-01 on a list of such,
 * before that the short form of Azure Stack. Under the host names of a cloud of Azure's own, name,
 * ARM and sign-in are that cloud's; the rest is invented.
 */
export function registerMetadata(app: Hono<Env>): void {
  app.get('/metadata/endpoints', (context) => {
    const url = new URL(context.req.url);
    const version = url.searchParams.get('api-version') ?? '2015-01-01';
    return respond({ status: 200, body: metadata(url.origin, version) });
  });
  app.get('/aliases.json', () => respond({ status: 200, body: imageAliases }));
}

/**
 * `vmImageAliasDoc`, where the Azure CLI looks up what `--image Ubuntu2404` means: the images that
 * are known here (form: azure-rest-api-specs, arm-compute/quickstart-templates/aliases.json).
 */
const imageAliases: JsonObject = {
  outputs: {
    aliases: {
      type: 'object',
      value: {
        Linux: {
          Ubuntu2404: alias('Canonical', 'ubuntu-24_04-lts', 'server'),
          Ubuntu2204: alias('Canonical', '0001-com-ubuntu-server-jammy', '22_04-lts-gen2'),
        },
        Windows: {
          Win2022Datacenter: alias('MicrosoftWindowsServer', 'WindowsServer', '2022-datacenter-g2'),
        },
      },
    },
  },
};

function alias(publisher: string, offer: string, sku: string): JsonObject {
  return { publisher, offer, sku, version: 'latest', architecture: 'x64' };
}

function metadata(origin: string, version: string): JsonObject | JsonObject[] {
  const own = cloudOf(origin);
  const authentication: JsonObject = {
    loginEndpoint: own?.authority ?? origin,
    audiences: audiencesOf(own, origin),
    tenant: 'common',
    identityProvider: 'AAD',
  };
  if (version < '2019-05-01') {
    const { loginEndpoint, audiences } = authentication;
    const endpoints = { galleryEndpoint: origin, graphEndpoint: origin, portalEndpoint: origin };
    return { ...endpoints, authentication: { loginEndpoint, audiences } };
  }
  const host = new URL(origin).host;
  const cloud: JsonObject = {
    name: own?.name ?? LOCAL,
    portal: origin,
    authentication,
    media: origin,
    graphAudience: `${origin}/`,
    graph: `${origin}/`,
    gallery: `${origin}/`,
    batch: `${origin}/`,
    resourceManager: `${own?.resourceManager ?? origin}/`,
    sqlManagement: `${origin}/`,
    microsoftGraphResourceId: `${origin}/`,
    activeDirectoryDataLake: `${origin}/`,
    vmImageAliasDoc: `${origin}/aliases.json`,
    suffixes: {
      storage: host,
      keyVaultDns: host,
      acrLoginServer: host,
      sqlServerHostname: host,
      azureDataLakeStoreFileSystem: host,
      azureDataLakeAnalyticsCatalogAndJob: host,
      azureFrontDoorEndpointSuffix: host,
    },
  };
  return version < '2022-09-01' ? [cloud] : cloud;
}

const audiencesOf = (own: Cloud | undefined, origin: string): string[] =>
  own === undefined ? [`${origin}/`, origin] : own.armAudiences.map((each) => `${each}/`);

/**
 * Azure's own clouds: which hosts, token audiences and federation audience each has. A local Azure
 * is one of them: under that cloud's host names it answers as the real one, under any other name
 * with URLs of its own, and under a host name of another cloud it knows no tenant.
 */
const NAMES = ['AzureCloud', 'AzureUSGovernment', 'AzureChinaCloud'] as const;
export type CloudName = (typeof NAMES)[number];

/** What tells one cloud from another. */
export interface Cloud {
  readonly name: CloudName;
  /** Origin of Azure Resource Manager. */
  readonly resourceManager: string;
  /** Origin of Microsoft Entra. */
  readonly authority: string;
  /** What else Entra is called there. */
  readonly authorityAliases: readonly string[];
  /** Audiences of access tokens that its ARM takes. */
  readonly armAudiences: readonly string[];
  /** Other resources that its Entra gives tokens for; as far as clients here ask for them. */
  readonly otherAudiences: readonly string[];
  /** Audience that its Entra expects in a federated ID token. */
  readonly exchangeAudience: string;
  /** What its access tokens name as their issuer, before the tenant. */
  readonly tokenIssuer: string;
}

/** (msal-common, `AuthorityMetadata`; azure-cli, `cloud.py`.) */
export const CLOUDS: Readonly<Record<CloudName, Cloud>> = {
  AzureCloud: {
    name: 'AzureCloud',
    resourceManager: 'https://management.azure.com',
    authority: 'https://login.microsoftonline.com',
    authorityAliases: ['https://login.windows.net', 'https://login.microsoft.com'],
    armAudiences: ['https://management.azure.com', 'https://management.core.windows.net'],
    otherAudiences: ['https://graph.microsoft.com'],
    exchangeAudience: 'api://AzureADTokenExchange',
    tokenIssuer: 'https://sts.windows.net',
  },
  AzureUSGovernment: {
    name: 'AzureUSGovernment',
    resourceManager: 'https://management.usgovcloudapi.net',
    authority: 'https://login.microsoftonline.us',
    authorityAliases: ['https://login.usgovcloudapi.net'],
    armAudiences: [
      'https://management.usgovcloudapi.net',
      'https://management.core.usgovcloudapi.net',
    ],
    otherAudiences: ['https://graph.microsoft.us'],
    exchangeAudience: 'api://AzureADTokenExchangeUSGov',
    tokenIssuer: 'https://sts.windows.net',
  },
  AzureChinaCloud: {
    name: 'AzureChinaCloud',
    resourceManager: 'https://management.chinacloudapi.cn',
    authority: 'https://login.chinacloudapi.cn',
    authorityAliases: ['https://login.partner.microsoftonline.cn'],
    armAudiences: [
      'https://management.chinacloudapi.cn',
      'https://management.core.chinacloudapi.cn',
    ],
    otherAudiences: ['https://microsoftgraph.chinacloudapi.cn'],
    exchangeAudience: 'api://AzureADTokenExchangeChina',
    tokenIssuer: 'https://sts.chinacloudapi.cn',
  },
};

/** A cloud by its name, in any case; throws what names there are. */
export function cloudNamed(name: string): Cloud {
  const found = NAMES.find((each) => each.toLowerCase() === name.toLowerCase());
  if (found === undefined) throw new Error(`--cloud needs one of ${NAMES.join(', ')}`);
  return CLOUDS[found];
}

/** Under which names clients reach a cloud. */
export const originsOf = (cloud: Cloud): string[] => [
  cloud.resourceManager,
  cloud.authority,
  ...cloud.authorityAliases,
];

/** The host names by which clients know a cloud, for its certificate. */
export const hostsOf = (cloud: Cloud): string[] =>
  originsOf(cloud).map((origin) => new URL(origin).hostname);

/** The cloud that an origin belongs to; undefined for one that is nobody's, such as localhost. */
export const cloudOf = (origin: string): Cloud | undefined =>
  Object.values(CLOUDS).find((cloud) => originsOf(cloud).includes(origin));

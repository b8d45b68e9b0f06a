import { nameOf } from '../domain/resource-id.ts';
import type { CloudName, SignIn } from '../domain/sign-in.ts';
import { code, link } from './plain.ts';

/** Where each cloud shows a resource (Learn: "Azure Government: compare", "Azure China: endpoints"). */
const PORTALS: Readonly<Record<CloudName, string>> = {
  AzureCloud: 'https://portal.azure.com',
  AzureUSGovernment: 'https://portal.azure.us',
  AzureChinaCloud: 'https://portal.azure.cn',
};

/** The portal of a cloud; `undefined` for one that is not Azure's own. */
export const portalOf = (environment: SignIn['environment']): string | undefined =>
  environment instanceof URL ? undefined : PORTALS[environment];

/** A resource by its name, as a link to the portal where there is one. */
export function resourceLink(id: string, portal: string | undefined, name = nameOf(id)): string {
  return portal ? link(code(name), `${portal}/#resource${id}`) : code(name);
}

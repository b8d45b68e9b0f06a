/** How a version looks, by API version and `$expand`. */
import { type JsonObject, objectAt } from '../../json.ts';
import type { Resource } from '../../world.ts';
import { asFirstApi, isFirstApi } from './first-api.ts';

/** First API version that shows each of these (recorded: 2021-07-01, 2022-03-03, 2024-03-03). */
const since: Readonly<Record<string, string>> = {
  safetyProfile: '2022-03-03',
  securityProfile: '2023-07-03',
  validationsProfile: '2024-03-03',
};

/** Shown only when `$expand` names it, alone or in a list. */
const expandable: Readonly<Record<string, string>> = {
  replicationStatus: 'replicationstatus',
  uefiSettings: 'uefisettings',
};

/** A version as a GET shows it. */
export function shownVersion(
  version: Resource,
  apiVersion: string,
  expand: string | null,
): Resource {
  const asked = (expand ?? '')
    .toLowerCase()
    .split(',')
    .map((each) => each.trim());
  const properties = Object.fromEntries(
    Object.entries(version.properties).filter(([name]) => {
      const option = expandable[name];
      return (since[name] ?? '') <= apiVersion && (option === undefined || asked.includes(option));
    }),
  );
  const shown = { ...version, properties };
  return isFirstApi(apiVersion) ? asFirstApi(shown) : shown;
}

/** `safetyProfile` as the service completes it; what was not sent is reset. */
export function safetyProfile(sent: JsonObject): JsonObject {
  const { allowDeletionOfReplicatedLocations, blockDeletionBeforeEndOfLife } = sent;
  return {
    reportedForPolicyViolation: false,
    allowDeletionOfReplicatedLocations: allowDeletionOfReplicatedLocations ?? false,
    ...(blockDeletionBeforeEndOfLife === undefined ? {} : { blockDeletionBeforeEndOfLife }),
  };
}

/** Appears with success: nothing has been validated (recorded with 2024-03-03 in 2026). */
export const notValidated: JsonObject = { validationOperationStatus: 'NotExecuted' };

/** `securityProfile`, when one was sent. */
export function securityProfile(sent: JsonObject, before: JsonObject): JsonObject {
  const value = sent.securityProfile ?? before.securityProfile;
  return value === undefined ? {} : { securityProfile: objectAt({ value }, 'value') };
}

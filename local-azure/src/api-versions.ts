/** Which API versions ARM knows, and its refusals of others. */
import { parseId, topLevelId } from './arm-id.ts';
import { ArmError, armError } from './errors.ts';
import { type JsonObject, textAt } from './json.ts';
import { regions } from './regions.ts';
import type { World } from './world.ts';

/**
 * Those of Microsoft.Compute, of its services for VMs, disks and galleries alike: ARM itself is
 * stricter, each type has its own. (Modules of azure-sdk-for-python's compute library; newer ones:
 * what ARM listed of VMs in 2025, and the packages of Azure's SDK for JavaScript.)
 */
const COMPUTE = (
  '2015-05-01-preview 2015-06-15 2016-03-30 2016-04-30-preview 2016-08-30 2017-03-30 2017-09-01 ' +
  '2017-12-01 2018-04-01 2018-06-01 2018-09-30 2018-10-01 2019-03-01 2019-04-01 2019-07-01 ' +
  '2019-11-01 2019-12-01 2020-05-01 2020-06-01 2020-06-30 2020-09-30 2020-10-01-preview 2020-12-01 ' +
  '2021-03-01 2021-04-01 2021-07-01 2021-08-01 2021-10-01 2021-11-01 2021-12-01 2022-01-03 ' +
  '2022-03-01 2022-03-02 2022-03-03 2022-04-04 2022-07-02 2022-08-01 2022-08-03 2022-09-04 ' +
  '2022-11-01 2023-01-02 2023-03-01 2023-04-02 2023-07-01 2023-07-03 2023-09-01 2023-10-02 ' +
  '2024-03-01 2024-03-02 2024-03-03 2024-07-01 2024-11-01 2024-11-04 2025-01-02 2025-03-03 ' +
  '2025-04-01 2025-11-01 2025-12-03 2026-03-01 2026-03-02 2026-03-03 2026-04-01'
).split(' ');

/** ARM began in 2014. */
const FIRST = '2014-01-01';
const YEAR = 366 * 24 * 3600 * 1000;

/** The api-version of a query; throws ARM's refusal of none or of what is no date (its public wording). */
export function requireApiVersion(query: URLSearchParams): string {
  const given = query.get('api-version');
  if (given === null || given === '') {
    const message = 'The api-version query parameter (?api-version=) is required for all requests.';
    throw armError(400, 'MissingApiVersionParameter', message);
  }
  if (!isDate(given)) throw invalid(given);
  return given;
}

function isDate(version: string): boolean {
  const date = /^(\d{4}-\d{2}-\d{2})(-\w+)?$/.exec(version)?.[1];
  const time = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().slice(0, 10) === date;
}

function invalid(version: string): Error {
  const message = `The api-version '${version}' is invalid. The supported versions are dates such as '2025-12-03'.`;
  return armError(400, 'InvalidApiVersionParameter', message);
}

/**
 * Throws ARM's refusal of a version that a type does not have: where it knows the location
 * `NoRegisteredProviderFound` (azure-cli#28496, migAz#246), elsewhere `InvalidResourceType`
 * (wording: appdynamics' azure-customnamespace extension). Versions newer than those known here pass
 * once their date has come, as do those of other providers that could be, and of operations, whose
 * URLs name versions that no resource has (2022-09-01, recorded of disks in 2021).
 *
 * @param now emulated milliseconds
 */
export function requireKnownVersion(
  world: World,
  request: { readonly path: string; readonly apiVersion: string; readonly body: JsonObject },
  now: number,
): void {
  const { path, apiVersion, body } = request;
  const { type: whole, rest = '' } = parseId(path);
  const [namespace = '', ...types] = whole.split('/');
  if (namespace.toLowerCase() !== 'microsoft.compute') {
    if (apiVersion < FIRST || apiVersion > dateOf(now + YEAR)) throw invalid(apiVersion);
    return;
  }
  if (types[0]?.toLowerCase() === 'locations' && /operations$/i.test(types[1] ?? '')) return;
  const isNewer = apiVersion > (COMPUTE.at(-1) ?? '') && apiVersion <= dateOf(now);
  if (COMPUTE.includes(apiVersion) || isNewer) return;
  // Of a list at the top there is nothing but the collection's name.
  const type = types.join('/') || rest;
  const location =
    textAt(world.get(topLevelId(path) ?? ''), 'location') ?? textAt(body, 'location');
  throw location === undefined
    ? new ArmError(
        404,
        {
          code: 'InvalidResourceType',
          message:
            `The resource type '${type}' could not be found in the namespace '${namespace}' for ` +
            `api version '${apiVersion}'. The supported api-versions are '${COMPUTE.join(',')}'.`,
        },
        { 'x-ms-failure-cause': 'gateway' },
      )
    : armError(
        400,
        'NoRegisteredProviderFound',
        `No registered resource provider found for location '${location}' and API version ` +
          `'${apiVersion}' for type '${type}'. The supported api-versions are ` +
          `'${COMPUTE.join(', ')}'. The supported locations are ` +
          `'${regions.map(({ name }) => name).join(', ')}'.`,
      );
}

const dateOf = (time: number): string => new Date(time).toISOString().slice(0, 10);

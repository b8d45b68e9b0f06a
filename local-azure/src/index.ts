/** What the package offers to programs: a local Azure in this process, or behind a port of it. */
export { createLocalAzure, type LocalAzure, type LocalAzureOptions } from './azure.ts';
export type { Clock } from './clock.ts';
export { CLOUDS, type Cloud, cloudNamed } from './cloud.ts';
export type { Route, Source } from './coverage.ts';
export { DEFAULT_PLACE, defaultWorld } from './default-world.ts';
export type { Durations } from './durations.ts';
export type { Fault, FaultRule } from './faults.ts';
export { CLIENT_ID, CLIENT_SECRET, TENANT_ID } from './identity.ts';
export type { RecordedRequest } from './requests.ts';
export { type ServedAzure, serveLocalAzure } from './serve.ts';
export { DEFAULT_UNKNOWNS, OTHER_WAY, type Unknowns } from './unknowns.ts';
export type { WeatherDocument } from './weather/document.ts';
export { parseWeather } from './weather/schema.ts';
export type { Resource, ResourceInput } from './world.ts';
export { definition, disk, gallery, idOf, type Place, resource } from './world-parts.ts';
export { virtualMachine } from './world-vm.ts';

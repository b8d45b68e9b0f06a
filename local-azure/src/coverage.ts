/** What the local Azure answers, and what each answer is modelled on. */
import type { Hono } from 'hono';
import type { Env } from './arm.ts';

/**
 * What a route is chiefly modelled on: traffic that azure-cli's tests recorded; Microsoft's
 * specifications in azure-rest-api-specs; documentation; what the source of clients expects; memory;
 * or nothing, where it is the emulator's own.
 */
export type Source =
  | 'recordings'
  | 'specification'
  | 'documentation'
  | 'clients'
  | 'memory'
  | 'own';

/** One route. */
export interface Route {
  readonly method: string;
  /** Names in braces. */
  readonly path: string;
  readonly source: Source;
}

const routes = new WeakMap<Hono<Env>, Route[]>();

/** Notes a route of an application. */
export function declareRoute(app: Hono<Env>, route: Route): void {
  const known = routes.get(app) ?? [];
  routes.set(app, [...known, route]);
}

/** Registers what has no pattern of ARM's, all of it from one source. */
export function fromSource(app: Hono<Env>, source: Source, register: () => void): void {
  const before = app.routes.length;
  register();
  for (const { method, path } of app.routes.slice(before))
    declareRoute(app, { method, path: path.replaceAll(/:(\w+)(\{[^}]*\})?/g, '{$1}'), source });
}

/** All that was declared, in order of registration; of two for the same path the first answers. */
export function routesOf(app: Hono<Env>): readonly Route[] {
  return routes.get(app) ?? [];
}

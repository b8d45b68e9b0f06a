/** Where a role is assigned. */
export type Scope = 'build' | 'source' | 'gallery' | 'keys' | 'verify' | 'network' | 'users';

/** What each scope is, as a user reads it. */
export const SCOPES: Readonly<Record<Scope, string>> = {
  build: 'the resource group of the build VM',
  source: 'the gallery that is copied from',
  gallery: 'the gallery',
  keys: 'the disk encryption sets',
  verify: 'the resource group of the throw-away VM',
  network: 'the subnet in `verify-subnet`',
  users: 'the subscriptions in `usage-subscriptions`',
};

/** Rights that an operation needs, or an input adds to them. */
export interface Rights {
  /** Markdown that names the operation or the input. */
  readonly when: string;
  /** On each scope where it needs something. */
  readonly on: Readonly<Partial<Record<Scope, Needed>>>;
}

interface Needed {
  /** What the actions are for, as a clause in lower case. */
  readonly what: string;
  readonly actions: readonly string[];
}

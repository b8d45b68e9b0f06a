import type { Value } from './values.ts';

/** Names of a function's frame; reading looks at the callers' too, as PowerShell does. */
export class Scope {
  readonly names = new Map<string, Value>();
  readonly parent: Scope | undefined;
  constructor(parent?: Scope) {
    this.parent = parent;
  }
  get(name: string): Value {
    return this.names.has(name) ? this.names.get(name) : (this.parent?.get(name) ?? null);
  }
  get root(): Scope {
    return this.parent?.root ?? this;
  }
}

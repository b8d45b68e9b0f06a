/** A runner with the Azure CLI on its PATH, or without, and with somebody logged in, or nobody. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Listening } from '../runner/local-azure-process.ts';

const STAND_IN = fileURLToPath(new URL('../runner/stand-in-az.ts', import.meta.url));

export interface Az extends Disposable {
  /** What the action's environment must be for it. */
  readonly env: Readonly<Record<string, string>>;
}

/** Puts an `az` on a PATH of its own; `proof` is what a service principal is logged in with. */
export function withAz(
  azure: Listening,
  proof?: { readonly client_secret: string } | { readonly client_assertion: string },
): Az {
  const folder = mkdtempSync(join(tmpdir(), 'az-'));
  const program = join(folder, 'az');
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${STAND_IN}' "$@"\n`);
  chmodSync(program, 0o755);
  const put = (name: string, content: unknown) =>
    writeFileSync(join(folder, name), `\uFEFF${JSON.stringify(content)}`);
  if (proof) {
    const { clientId: client_id, tenantId: tenant, subscriptionId: id } = azure;
    put('azureProfile.json', { subscriptions: [{ id, tenantId: tenant, isDefault: true }] });
    writeFileSync(
      join(folder, 'service_principal_entries.json'),
      JSON.stringify([{ client_id, tenant, ...proof }]),
    );
  } else put('azureProfile.json', { subscriptions: [] });
  return {
    env: { AZURE_CONFIG_DIR: folder, PATH: `${folder}${delimiter}${process.env.PATH}` },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

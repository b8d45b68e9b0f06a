/** A runner with nothing to sign in with but what a test adds. */
import { createPrivateKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeClientCertificate } from '../../local-azure/src/certificates.ts';
import type { ActionRun } from '../runner/run-action.ts';
import { type Stage, stage } from './harness.ts';

/** What opens the encrypted key. */
export const PASSWORD = 'open sesame';

export const NO_IDS = { 'tenant-id': '', 'client-id': '' };

/** As JSON: an object with a member `then` looks like a promise. */
export const ENTRA_IS_CUT_OFF =
  '{"match": {"method": "POST", "path": "**/token"}, "times": 9999, "then": {"reset": true}}';

/** No ID token, no secrets, no metadata service, and nobody logged in. */
const NOTHING = {
  ACTIONS_ID_TOKEN_REQUEST_URL: '',
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: '',
  AZURE_TENANT_ID: '',
  AZURE_CLIENT_ID: '',
  AZURE_POD_IDENTITY_AUTHORITY_HOST: '',
};

export interface BareRunner extends AsyncDisposable {
  readonly local: Stage;
  /** A temporary folder, empty but for the certificates; `put` writes a file and gives its path. */
  readonly folder: string;
  put(name: string, text: string): string;
  /** The bare environment, for a run against another local Azure. */
  readonly env: Readonly<Record<string, string>>;
  /** Files of client certificates: registered, the same with an encrypted key, and a stranger's. */
  readonly certificates: Readonly<Record<'plain' | 'encrypted' | 'stranger', string>>;
  /** What leads to the metadata service. */
  readonly imds: Readonly<Record<string, string>>;
  /** A run that only looks: enough to need a token that ARM takes. */
  look(inputs: Record<string, string>, env?: Record<string, string>): Promise<ActionRun>;
  /** Gives the VM that the metadata service takes the runner for this identity, or none. */
  setIdentity(identity: object | undefined): Promise<void>;
}

export async function bareRunner(): Promise<BareRunner> {
  const folder = mkdtempSync(join(tmpdir(), 'runner-'));
  const put = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const registered = await makeClientCertificate();
  const stranger = await makeClientCertificate();
  const cipher = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc' } as const;
  const encrypted = createPrivateKey(registered.key).export({ ...cipher, passphrase: PASSWORD });
  const local = await stage(undefined, { clientCertificates: [registered.certificate] });
  const { endpoint, subscriptionId } = local.azure;
  const bare = { ...NOTHING, AZURE_CONFIG_DIR: folder };
  return {
    local,
    folder,
    put,
    env: bare,
    certificates: {
      plain: put('plain.pem', `${registered.certificate}\n${registered.key}\n`),
      encrypted: put('encrypted.pem', `${registered.certificate}\n${encrypted}`),
      stranger: put('stranger.pem', `${stranger.certificate}\n${stranger.key}\n`),
    },
    imds: { AZURE_POD_IDENTITY_AUTHORITY_HOST: endpoint },
    look: (inputs, env = {}) =>
      local.run({ 'dry-run': 'true', ...inputs }, { env: { ...bare, ...env }, mainOnly: true }),
    setIdentity: async (identity) => {
      const world = await local.control.world();
      const id = `/subscriptions/${subscriptionId}/resourceGroups/runners/providers/Microsoft.Compute/virtualMachines/runner`;
      const runner = { id, location: 'westeurope', ...(identity && { identity }) };
      await local.control.setWorld([...world.filter((each) => each.id !== id), runner]);
    },
    [Symbol.asyncDispose]: async () => {
      await local[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Lines that hold a token or one of these secrets, other than the commands that mask them. */
export const leaksIn = ({ log }: ActionRun, ...secrets: string[]): string[] =>
  log
    .split('\n')
    .filter((line) => !line.startsWith('::add-mask::'))
    .filter((line) => /eyJ[\w-]+\.eyJ/.test(line) || secrets.some((each) => line.includes(each)));

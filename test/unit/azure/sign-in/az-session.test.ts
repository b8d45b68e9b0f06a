import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { hasAzSession } from '../../../../src/azure/sign-in/az-session.ts';

const folder = mkdtempSync(join(tmpdir(), 'az-profile-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('whether somebody is logged in with the Azure CLI', () => {
  const subscription = { id: 's', state: 'Enabled', tenantId: 't', isDefault: true };

  it.each<[string, string | undefined, boolean]>([
    ['a session', JSON.stringify({ subscriptions: [subscription] }), true],
    ['a session, as the CLI writes it', `\uFEFF{"subscriptions": [{"id": "s"}]}`, true],
    ['after az logout', '\uFEFF{"installationId": "i", "subscriptions": []}', false],
    ['before any az login', '{"installationId": "i"}', false],
    ['a torn file', '{"subscriptions": [', false],
    ['something else', 'null', false],
    ['no file', undefined, false],
  ])('%s', (_name, text, expected) => {
    const file = join(folder, 'azureProfile.json');
    rmSync(file, { force: true });
    if (text !== undefined) writeFileSync(file, text);
    expect(hasAzSession({ AZURE_CONFIG_DIR: folder })).toBe(expected);
  });
});

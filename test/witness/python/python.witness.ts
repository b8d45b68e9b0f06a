import { join } from 'node:path';
import { it } from 'vitest';
import { expectBelief } from '../libraries.ts';
import { pythonLibraries } from '../tools.ts';

it('azure-identity and azure-mgmt-compute believe the local Azure', async () => {
  const { path, version } = pythonLibraries();
  await expectBelief(version, path, join(import.meta.dirname, 'client.py'));
});

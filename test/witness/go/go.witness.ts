import { it } from 'vitest';
import { expectBelief } from '../libraries.ts';
import { goClient } from '../tools.ts';

it('azidentity and armcompute believe the local Azure', async () => {
  const { path, version } = goClient(import.meta.dirname);
  await expectBelief(version, path);
});

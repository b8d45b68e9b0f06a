import { beforeAll, it } from 'vitest';
import { expectBelief } from '../libraries.ts';
import { goClient, type Tool } from '../tools.ts';

let built: Tool;
beforeAll(() => {
  built = goClient(import.meta.dirname);
});

it('HashiCorp’s go-azure-sdk believes the local Azure', async () => {
  await expectBelief(built.version, built.path);
});

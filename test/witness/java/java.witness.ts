import { join } from 'node:path';
import { beforeAll, it } from 'vitest';
import { expectBelief } from '../libraries.ts';
import { javaLibraries, type Tool } from '../tools.ts';

let libraries: Tool;
beforeAll(() => {
  libraries = javaLibraries(import.meta.dirname);
});

it('azure-identity and azure-resourcemanager-compute believe the local Azure', async () => {
  const { path, version } = libraries;
  await expectBelief(version, 'java', '-cp', path, join(import.meta.dirname, 'Client.java'));
});

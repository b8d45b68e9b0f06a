import { join } from 'node:path';
import { beforeAll, it } from 'vitest';
import { expectBelief } from '../libraries.ts';
import { ansible, type Tool } from '../tools.ts';

/** Its log is for people; what it was told is in a file. */
const RUN = 'FACTS=$(mktemp) && export FACTS && "$0" "$1" >&2 && cat "$FACTS" && rm "$FACTS"';

let installed: Tool;
beforeAll(() => {
  installed = ansible();
});

it('Ansible’s azure.azcollection believes the local Azure', async () => {
  const { path, version } = installed;
  await expectBelief(version, 'sh', '-c', RUN, path, join(import.meta.dirname, 'client.yml'));
});

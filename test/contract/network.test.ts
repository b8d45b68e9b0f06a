import { expect, it } from 'vitest';
import { filesBelow, read } from './documents.ts';

/** Hosts that stand in messages, links and comments, and that nothing connects to. */
const SHOWN =
  /^(aka\.ms|github\.com|learn\.microsoft\.com|azure\.microsoft\.com|status\.azure\.com|www\.githubstatus\.com|portal\.azure\.(com|us|cn)|management\.sovcloud-api\.fr|systemd\.io)$/;

it('docs/network.md lists every host that the sources name', () => {
  const sources = filesBelow('src', '.ts').map(read).join('\n');
  const named = new Set(
    [...sources.matchAll(/https:\/\/([a-z0-9-]+(?:\.[a-z0-9-]+)+)/g)].map(([, host = '']) => host),
  );
  const page = read('docs/network.md');
  expect(named.size).toBeGreaterThan(5);
  expect([...named].filter((host) => !SHOWN.test(host) && !page.includes(`\`${host}\``))).toEqual(
    [],
  );
});

/** The user's deprovision-script within the action's. */
import { describe, expect, test } from 'vitest';
import { namespacesAvailable } from '../../local-azure/src/guest/guest.ts';
import { slice } from '../runner/slice.ts';
import { deprovision, ours } from './deprovisioned.ts';

/** What is in the script, the script, a line that it prints. */
const texts: [string, string, string][] = [
  ['quotes and dollars', `echo "a'b" 'c"d' \`echo e\` $((1 + 1)) \\$x`, `a'b c"d e 2 $x`],
  ['DOS line ends and a byte order mark', '\uFEFFif true; then\r\n  echo yes\r\nfi\r\n', 'yes'],
  ['letters beyond ASCII', "echo 'Grüße, 世界 🚀'", 'Grüße, 世界 🚀'],
  [
    'an end of our here-documents',
    'cat <<END_OF_SCRIPT\nEND_OF_UNIT\nEND_OF_SCRIPT',
    'END_OF_UNIT',
  ],
  ['no end of line', 'echo last', 'last'],
  ['an interpreter', '#!/usr/bin/awk -f\nBEGIN { print 6 * 7 }', '42'],
  ['an interpreter with spaces', '#! \t/bin/sh   -e  \necho "$-" | tr -dc e; echo .', 'e.'],
  ['an interpreter found by env', '#!/usr/bin/env bash\necho "$BASH" | sed s,.*/,,', 'bash'],
  ['several words for env', '#!/usr/bin/env -S bash -u\necho "$-" | tr -dc u; echo .', 'u.'],
  ['control characters', "printf 'a\\001\\033[31mb\\n'", 'a[31mb'],
  ['nothing in it', '', '== stop-agent'],
];

/** A script that fails, and the exit code that is to be reported: bash has its own for a binary. */
const failures = (shell: 'dash' | 'bash'): [string, number][] => [
  ['set -e\nfalse\necho on', 1],
  ['#!/no/such/interpreter\n', 127],
  ['exit 7', 7],
  ['kill -9 $$', 137],
  ['\u0000\u0001\u0002\u007fELF', shell === 'bash' ? 126 : 127],
  ['( if', 2],
];

if (namespacesAvailable())
  describe.each(['dash', 'bash'] as const)("the user's script, /bin/sh %s", (shell) => {
    const words = (script: string) => deprovision({ shell }, script).read.log;
    // The action's script around them is the same: each shell is shown others.
    const some = <T>(cases: readonly T[]) => slice(cases, 4, shell === 'bash' ? 2 : 0);

    test('runs first, as root, with HOME and without the environment of Run Command', () => {
      const log = words(
        'cat /etc/passwd; echo "$(id -u) $HOME $PWD $(umask)"; env | cut -d= -f1 | sort | xargs',
      );
      expect(log.slice(0, 2)).toEqual(['== sessions', '== deprovision-script']);
      expect(log).toContain('azureuser:x:1000:1000::/home/azureuser:/bin/sh');
      expect(log).toContain('0 /root / 0022');
      const known = /^(HOME|INVOCATION_ID|LANG|PATH|PWD|OLDPWD|SHLVL|_| )+$/;
      expect(log.find((line) => line.includes('INVOCATION_ID'))).toMatch(known);
    });

    test.each(some(texts))('may hold %s', (_, script, line) => {
      expect(words(script)).toContain(line);
    });

    test.each(some(failures(shell)))('stops everything when it fails: %j', (script, exitCode) => {
      const { read, poweredOff, agentRunning, guest } = deprovision({ shell }, script);
      expect(read).toMatchObject({ outcome: 'failed', phase: 'deprovision-script', exitCode });
      expect({ poweredOff, agentRunning }).toEqual({ poweredOff: false, agentRunning: true });
      expect(guest.users()).toContain('azureuser');
      expect(guest.calls().join('\n')).not.toContain('waagent -force');
      expect(ours(guest)).not.toContain('/run/azure-golden-image/user-script');
    });
  });

test("the user's script does not run where nothing shields the host", () => {
  const { read } = deprovision({ isolation: 'redirected' }, 'echo run; exit 1');
  expect(read.outcome).toBe('complete');
  expect(read.log.slice(1, 3)).toEqual(['== deprovision-script', '== stop-agent']);
});

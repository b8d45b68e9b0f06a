import type { GuestOptions } from './root.ts';

/**
 * The command, with the programs beside it that the guest's options have busy: a package manager
 * until its seconds of the clock are over, and a holder of the lock of the account files.
 */
export function withBusyPrograms(
  command: readonly string[],
  { packageManagerBusySeconds = 0, accountsLocked }: GuestOptions,
  clock: number,
): readonly string[] {
  const starts: string[] = [];
  if (clock < packageManagerBusySeconds)
    starts.push(
      'ln -sf /.host/usr/bin/sleep /tmp/dpkg; /tmp/dpkg 600 </dev/null >/dev/null 2>&1 & ' +
        'echo $! >/.guest/package-manager.pid',
    );
  if (accountsLocked)
    starts.push(
      ': >>/etc/.pwd.lock; /.host/usr/bin/flock /etc/.pwd.lock /.host/usr/bin/sleep 600 </dev/null >/dev/null 2>&1 &' +
        ' until grep -q WRITE /proc/locks; do :; done',
    );
  if (starts.length === 0) return command;
  const start = `${starts.join('\n')}\n"$@"; status=$?; rm -f /tmp/dpkg; exit $status`;
  return ['/bin/sh', '-c', start, 'sh', ...command];
}

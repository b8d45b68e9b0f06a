import { spawnSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { walk } from './paths.ts';
import { stateFolder } from './root.ts';

/** How a command ended. */
export interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** It was ended from outside: it took too long, or printed too much. */
  readonly hangs?: boolean;
}

/**
 * Root runs guests as nobody: a user namespace of root maps its root to the host's, who may write
 * `/proc/sysrq-trigger`. Anyone else stays who they are, and so does a root who cannot become nobody,
 * as in a container with a single user.
 */
const nobody = 65534;
const isRoot = process.getuid?.() === 0;
const canBeNobody = isRoot && !spawnSync('/bin/true', { uid: nobody, gid: nobody }).error;
const identity = canBeNobody ? { uid: nobody, gid: nobody } : {};

/** Whether a guest in namespaces would have no more rights outside them than an ordinary user. */
export const isHarmless = !isRoot || canBeNobody;

const enter = readFileSync(join(import.meta.dirname, 'enter.sh'), 'utf8');

/** The environment of a systemd service without `User=`: systemd.exec(5). */
const unitEnvironment = {
  LANG: 'C.UTF-8',
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin',
  INVOCATION_ID: 'b1946ac92492d2347c6235b4d2611184',
};

/** Hundredths of a second of processor time; a script of the action takes about fifty. Invented. */
const MOST_TICKS = 500;

const leftOver = new Set<string>();
process.once('exit', () => leftOver.forEach(throwAway));

/** A new folder below the system's for temporary files; removed at the latest when the process ends. */
export function throwAwayFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'guest-'));
  leftOver.add(folder);
  return folder;
}

/** Removes such a folder. */
export function throwAway(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  leftOver.delete(folder);
}

/** Lets the sandbox write to the folder, which matters only when this process is root. */
export function handOver(folder: string): void {
  if (!canBeNobody) return;
  chownSync(folder, nobody, nobody);
  for (const path of walk(folder)) lchownSync(join(folder, path), nobody, nobody);
}

/**
 * Runs a command with `root` as its whole world: own user, mount, process, network, IPC and host
 * name spaces, as root of that world and nobody outside it. What has no end is ended: when it has used
 * the processor for some seconds, so that other machines go on, or after half a minute at the latest.
 */
export function runInNamespace(
  root: string,
  command: readonly string[],
  environment: Readonly<Record<string, string>> = unitEnvironment,
): Ended {
  const isolated = ['--user', '--map-root-user', '--mount', '--pid', '--net', '--ipc', '--uts'];
  const ended = spawn('unshare', [
    ...[...isolated, '--fork', '--kill-child'],
    ...['/bin/sh', '-c', `MOST_TICKS=${MOST_TICKS}\n${enter}`, 'enter', root],
    ...['/.host/usr/bin/env', '-i'],
    ...Object.entries(environment).map(([name, value]) => `${name}=${value}`),
    ...command,
  ]);
  const note = join(root, stateFolder, 'endless');
  if (!existsSync(note)) return ended;
  rmSync(note);
  return { ...ended, exitCode: 137, hangs: true };
}

/**
 * Runs a command on the host, as nobody if that can be had, with only the stand-ins and a few
 * harmless programs on PATH. The caller has redirected every path in it into `root`.
 */
export function runRedirected(root: string, command: readonly string[]): Ended {
  const PATH = `${join(root, stateFolder, 'bin')}:${join(root, stateFolder, 'tools')}`;
  return spawn('/bin/sh', ['-c', 'cd "$0" && exec "$@"', root, ...command], {
    PATH,
    LANG: 'C.UTF-8',
  });
}

/** Gives a redirected guest the host's harmless programs. */
export function linkHarmlessTools(root: string): void {
  const folder = join(root, stateFolder, 'tools');
  mkdirSync(folder);
  for (const name of harmless) {
    const host = ['/usr/bin', '/bin'].map((each) => join(each, name)).find(existsSync);
    if (host !== undefined) symlinkSync(host, join(folder, name));
  }
}

const harmless =
  `awk base64 basename bash cat chmod cmp cp cut dash date dirname env expr false grep gzip head id ln
  ls mkdir mktemp mv od printf pwd readlink rm rmdir sed sh sort stat tail tee test timeout touch tr
  true truncate uname uniq wc xargs`.split(/\s+/);

function spawn(
  program: string,
  parameters: readonly string[],
  environment?: Record<string, string>,
): Ended {
  const ended = spawnSync(program, parameters, {
    ...identity,
    cwd: '/',
    env: environment ?? { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    input: '',
    encoding: 'utf8',
    timeout: 30_000,
    killSignal: 'SIGKILL',
    maxBuffer: 64 * 1024 * 1024,
  });
  const code = (ended.error as NodeJS.ErrnoException | undefined)?.code;
  if (code === 'ETIMEDOUT' || code === 'ENOBUFS')
    return { exitCode: 137, stdout: ended.stdout, stderr: ended.stderr, hangs: true };
  if (ended.error) throw new Error(`The guest could not run ${program}`, { cause: ended.error });
  return { exitCode: ended.status ?? 137, stdout: ended.stdout, stderr: ended.stderr };
}

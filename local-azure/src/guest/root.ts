import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { writeInside } from './paths.ts';

/** What kind of Linux guest to open. Everything left out is as on a fresh Ubuntu build VM. */
export interface GuestOptions {
  /** As an image that was deprovisioned leaves it, with neither accounts nor traces of a VM. */
  readonly generalized?: boolean;
  /** Whether the Azure Linux agent is installed. */
  readonly agent?: boolean;
  /** The agent's systemd service: `walinuxagent` on Debian and Ubuntu, `waagent` elsewhere. */
  readonly agentService?: 'walinuxagent' | 'waagent';
  /** Where the agent's program lies, for instance `/usr/share/oem/bin/waagent`. */
  readonly waagentPath?: string;
  /** Whether systemd is the guest's init system. */
  readonly systemd?: boolean;
  /** Decides which options `systemd-run` and `systemctl` know. */
  readonly systemdVersion?: number;
  /** What `/bin/sh` is. */
  readonly shell?: 'dash' | 'bash';
  /** True is Debian's flag file, the others are SUSE's and what `needs-restarting -r` says. */
  readonly rebootPending?: boolean | 'reboot-needed' | 'needs-restarting';
  /** `new` knows `clean --machine-id`, `old` does not. */
  readonly cloudInit?: 'new' | 'old' | 'none';
  /** Seconds for which cloud-init is still running. */
  readonly cloudInitBusySeconds?: number;
  readonly cloudInitFails?: boolean;
  /** Seconds for which a package manager is still running. */
  readonly packageManagerBusySeconds?: number;
  /** As in reality the agent's program then logs an error and exits with 0. */
  readonly waagentFails?: boolean;
  /** Whether the agent's file with the name of its account is there; it is not on a VM of a specialized image. */
  readonly accountFile?: boolean;
  /** Lines of waagent.conf; Ubuntu's when left out. */
  readonly waagentConf?: string;
  /** What makes userdel fail, which waagent passes over in silence. */
  readonly userdelFails?: 'locked' | 'mounted' | 'full';
  /** A process holds the lock of the account files. */
  readonly accountsLocked?: boolean;
  /** Where cloud-init does not make SSH host keys. */
  readonly hostKeysKept?: boolean;
  /** The agent's program does not even start: a traceback and exit code 1. */
  readonly waagentCrashes?: boolean;
  readonly shutdownFails?: boolean;
  /** The serial console that the kernel writes to; `none` has neither a device nor a mention. */
  readonly console?: 'ttyS0' | 'ttyAMA0' | 'none';
  /** Whether to use namespaces; only tests of the other way set it. */
  readonly isolation?: 'namespace' | 'redirected';
}

/** The state folder of the emulation inside the guest's root. */
export const stateFolder = '.guest';

const standIns = join(import.meta.dirname, 'stand-ins');

/** Programs that are never the host's: their stand-in, if the guest has them at all. */
const standInPrograms: ReadonlyMap<string, string> = new Map([
  ['sh', ''],
  ['sleep', 'sleep'],
  ['sync', 'sync'],
  ['shutdown', 'shutdown'],
  ['poweroff', 'shutdown'],
  ['halt', 'shutdown'],
  ['reboot', 'shutdown'],
  ['systemctl', 'systemctl'],
  ['systemd-run', 'systemd-run'],
  ['waagent', 'waagent'],
  ['apt-get', 'apt-get'],
  ['cloud-init', 'cloud-init'],
  ['needs-restarting', 'needs-restarting'],
  ['userdel', 'userdel'],
  ['timeout', 'timeout'],
]);

/** Fills `root`, an empty folder, with the files of a build VM that has been used for a while. */
export function layOutRoot(root: string, options: GuestOptions, redirected: boolean): void {
  for (const [path, content] of Object.entries(files(options))) writeInside(root, path, content);
  // Nothing rewrites the paths in a file, so they must lie in the throw-away root from the start.
  if (redirected && !options.generalized)
    writeInside(root, 'etc/passwd', passwd(join(root, 'home/azureuser')));
  for (const path of folders) mkdirSync(join(root, path), { recursive: true });
  for (const device of ['null', 'zero', 'random', 'urandom']) {
    writeInside(root, `dev/${device}`, '');
  }
  symlinkSync('../../../etc/machine-id', join(root, 'var/lib/dbus/machine-id'));
  symlinkSync('../run', join(root, 'var/run'));
  chmodSync(join(root, 'tmp'), 0o1777);
  if (!redirected) linkToHost(root);
  if (options.systemd ?? true) mkdirSync(join(root, 'run/systemd/system'), { recursive: true });
  installStandIns(root, options, redirected);
  writeSettings(root, options);
}

const folders = [
  'dev',
  'home',
  'opt',
  'proc',
  'tmp',
  'var/tmp',
  'var/lib/dbus',
  'usr/bin',
  'usr/local/bin',
  'usr/local/sbin',
  'run/systemd',
  '.host',
];

function files(options: GuestOptions): Record<string, string> {
  const tty = options.console ?? 'ttyS0';
  const found: Record<string, string> = {
    'etc/passwd': passwd('/home/azureuser'),
    'etc/passwd-': passwd('/home/azureuser'),
    'etc/sudoers.d/90-cloud-init-users': 'azureuser ALL=(ALL) NOPASSWD:ALL\n',
    'etc/shadow': 'root:$6$secret:19000:0:99999:7:::\nazureuser:$6$secret:19000:0:99999:7:::\n',
    'etc/group': 'root:x:0:\nazureuser:x:1000:\n',
    'etc/hostname': 'vm-build\n',
    'etc/hosts': '127.0.0.1 localhost\n',
    'etc/machine-id': 'b3f1c2d4e5a60718293a4b5c6d7e8f90\n',
    'etc/os-release': 'ID=ubuntu\nVERSION_ID="24.04"\n',
    'etc/ssh/ssh_host_ed25519_key': 'private\n',
    'etc/ssh/ssh_host_ed25519_key.pub': 'public\n',
    'etc/waagent.conf': options.waagentConf ?? waagentConf(options),
    'home/azureuser/.ssh/authorized_keys': 'ssh-ed25519 AAAA\n',
    'proc/cmdline': 'console=tty1 console=ttyS0\n',
    'proc/locks': '',
    'proc/uptime': '0.00 0.00\n',
    'proc/sys/kernel/random/boot_id': bootId(0),
    [`${stateFolder}/uptime`]: '0.00 0.00\n',
    [`${stateFolder}/boot-id`]: bootId(0),
    'root/.ssh/authorized_keys': 'ssh-ed25519 AAAA\n',
    'root/.bash_history': 'apt-get install -y nginx\n',
    'sys/class/tty/console/active': tty === 'none' ? 'tty1\n' : `tty1 ${tty}\n`,
    'var/lib/dhcp/dhclient.eth0.leases': 'lease {}\n',
    'var/lib/dpkg/lock': '',
    'var/lib/dpkg/lock-frontend': '',
    'var/log/syslog': 'boot\n',
    'dev/console': '',
  };
  if (tty !== 'none') found[`dev/${tty}`] = '';
  if (options.agent ?? true) {
    if (options.accountFile ?? true)
      found['var/lib/waagent/ovf-env.xml'] = '<ns1:UserName>azureuser</ns1:UserName>\n';
    found['var/lib/waagent/provisioned'] = 'b3f1c2d4-e5a6-0718-293a-4b5c6d7e8f90\n';
    found['var/lib/waagent/SharedConfig.xml'] = '<SharedConfig/>\n';
    found['var/lib/waagent/1A2B3C.prv'] = 'private\n';
    found['var/log/waagent.log'] = 'started\n';
    found['var/log/azure/custom-script/handler.log'] = 'ran\n';
  }
  if ((options.cloudInit ?? 'new') !== 'none') {
    found['etc/cloud/cloud.cfg'] =
      `cloud_init_modules:\n  - seed_random\n${options.hostKeysKept ? '' : '  - ssh\n'}`;
    found['var/lib/cloud/instances/b3f1/user-data.txt'] = '#cloud-config\n';
    found['var/lib/cloud/seed/nocloud/meta-data'] = 'instance-id: b3f1\n';
    found['var/log/cloud-init.log'] = 'done\n';
    found['var/log/cloud-init-output.log'] = 'done\n';
  }
  if (options.generalized) generalize(found);
  if (options.rebootPending === true)
    found['run/reboot-required'] = '*** System restart required ***\n';
  if (options.rebootPending === 'reboot-needed') found['run/reboot-needed'] = '';
  return found;
}

/** What a deprovision takes away. */
function generalize(found: Record<string, string>): void {
  const gone =
    /^(home|root|var\/lib\/(waagent|cloud|dhcp)|var\/log|etc\/(sudoers\.d|passwd-|ssh\/ssh_host))/;
  for (const path of Object.keys(found)) if (gone.test(path)) delete found[path];
  found['etc/passwd'] = 'root:x:0:0:root:/root:/bin/sh\n';
  found['etc/shadow'] = 'root:*LOCK*:14600::::::\n';
  found['etc/group'] = 'root:x:0:\n';
  found['etc/hostname'] = 'localhost.localdomain\n';
  found['etc/machine-id'] = 'uninitialized\n';
}

/** Upstream's config/ubuntu/waagent.conf, as far as it matters here; without cloud-init its config/waagent.conf. */
const waagentConf = ({ cloudInit }: GuestOptions): string =>
  `Provisioning.Agent=auto\nProvisioning.DeleteRootPassword=y\nProvisioning.RegenerateSshHostKeyPair=${cloudInit === 'none' ? 'y' : 'n'}\n`;

const passwd = (home: string) =>
  `root:x:0:0:root:/root:/bin/sh\nazureuser:x:1000:1000::${home}:/bin/sh\n`;

/** The ID of the guest's n-th boot. */
export const bootId = (boot: number): string =>
  `b0070${boot.toString(16).padStart(3, '0')}-0000-4000-8000-000000000000\n`;

/** Programs and libraries are the host's, in the host's own shape: merged or separate /lib. */
function linkToHost(root: string): void {
  for (const name of ['bin', 'sbin']) symlinkSync('usr/bin', join(root, name));
  symlinkSync('bin', join(root, 'usr/sbin'));
  for (const name of ['lib', 'lib32', 'lib64', 'libx32']) {
    for (const place of [name, `usr/${name}`]) linkIfThere(root, place);
  }
  for (const place of ['usr/libexec', 'usr/share', 'etc/alternatives']) linkIfThere(root, place);
  if (existsSync('/etc/ld.so.cache')) cpSync('/etc/ld.so.cache', join(root, 'etc/ld.so.cache'));
}

function linkIfThere(root: string, place: string): void {
  const host = lstatSync(`/${place}`, { throwIfNoEntry: false });
  if (host?.isSymbolicLink()) symlinkSync(readlinkSync(`/${place}`), join(root, place));
  else if (host) symlinkSync(`/.host/${place}`, join(root, place));
}

function installStandIns(root: string, options: GuestOptions, redirected: boolean): void {
  const state = join(root, stateFolder);
  mkdirSync(join(state, 'bin'), { recursive: true });
  mkdirSync(join(state, 'units'));
  mkdirSync(join(state, 'stand-ins'));
  for (const program of standInPrograms.keys()) {
    symlinkSync(`/${stateFolder}/bin/${program}`, join(state, 'stand-ins', program));
  }
  const absent = new Set<string>();
  if (options.agent === false) absent.add('waagent');
  if (options.systemd === false) absent.add('systemctl').add('systemd-run');
  if (options.cloudInit === 'none') absent.add('cloud-init');
  if (options.rebootPending !== 'needs-restarting') absent.add('needs-restarting');
  const elsewhere = options.waagentPath;
  for (const [program, source] of standInPrograms) {
    if (absent.has(program)) continue;
    const place = join(state, 'bin', program);
    if (program === 'sh') {
      if (!redirected) symlinkSync(hostShell(options.shell ?? 'dash'), place);
      continue;
    }
    const target = program === 'waagent' && elsewhere ? join(root, elsewhere) : place;
    installScript(join(standIns, `${source}.sh`), target, root, redirected);
  }
  installScript(join(standIns, 'lib.sh'), join(state, 'lib.sh'), root, redirected);
}

function installScript(source: string, target: string, root: string, redirected: boolean): void {
  const text = readFileSync(source, 'utf8')
    .replaceAll('@GUEST@', redirected ? join(root, stateFolder) : `/${stateFolder}`)
    .replaceAll('@ROOT@', redirected ? root : '');
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text, { mode: 0o755 });
}

function hostShell(shell: 'dash' | 'bash'): string {
  const wanted = ['/usr/bin', '/bin'].find((folder) => existsSync(join(folder, shell)));
  return wanted === undefined ? '/.host/usr/bin/sh' : `/.host${join(wanted, shell)}`;
}

function writeSettings(root: string, options: GuestOptions): void {
  const settings: Record<string, string | undefined> = {
    'systemd-version': String(options.systemdVersion ?? 249),
    'system-state': 'running',
    'cloud-init': options.cloudInit ?? 'new',
    'cloud-init-busy': options.cloudInitBusySeconds?.toString(),
    'cloud-init-fails': options.cloudInitFails ? '' : undefined,
    'userdel-fails': options.userdelFails,
    'accounts-locked': options.accountsLocked ? '' : undefined,
    'waagent-fails': options.waagentFails ? '' : undefined,
    'waagent-crashes': options.waagentCrashes ? '' : undefined,
    'shutdown-fails': options.shutdownFails ? '' : undefined,
    'package-manager-busy': options.packageManagerBusySeconds?.toString(),
    'needs-restarting': options.rebootPending === 'needs-restarting' ? 'yes' : undefined,
  };
  if (options.agent ?? true) {
    settings['agent-service'] = options.agentService ?? 'walinuxagent';
    settings['waagent-path'] = options.waagentPath ?? '/usr/sbin/waagent';
    writeInside(root, `${stateFolder}/agent`, 'running\n');
  } else {
    writeInside(root, `${stateFolder}/agent`, 'stopped\n');
  }
  for (const [name, content] of Object.entries(settings)) {
    if (content !== undefined) writeInside(root, `${stateFolder}/settings/${name}`, content);
  }
  writeInside(root, `${stateFolder}/clock`, '0\n');
  writeInside(root, `${stateFolder}/calls`, '');
  writeInside(root, `${stateFolder}/context`, 'run-command\n');
}

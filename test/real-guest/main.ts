/**
 * The deprovision in real guests, by the scripts that the bundle sends: Debian with its own systemd, waagent, cloud-init and shadow, booted
 * in systemd-nspawn. Prints for each scene how it ended and what was left on the disk, and fails when
 * a guest that calls itself complete has something left. Wants root, apt and Linux; a text as argument
 * chooses the scenes that have it in their name.
 */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SCENES, type Scene } from './scenes.ts';
import { sentByBundle } from './sent.ts';

const FOLDER = join(import.meta.dirname, '../../.local/real-guest');
const BASE = join(FOLDER, 'base');
/** Guests at once: they mostly wait. */
const AT_ONCE = 4;

const PACKAGES =
  'systemd,systemd-sysv,dbus,libpam-systemd,udev,iproute2,procps,sudo,passwd,openssh-server,isc-dhcp-client,cron,waagent,cloud-init,python3';

const OVF = `<?xml version="1.0" encoding="utf-8"?>
<Environment xmlns="http://schemas.dmtf.org/ovf/environment/1" xmlns:ns1="http://schemas.microsoft.com/windowsazure"><ns1:ProvisioningSection><ns1:Version>1.0</ns1:Version><ns1:LinuxProvisioningConfigurationSet><ns1:UserName>azureuser</ns1:UserName><ns1:HostName>vm</ns1:HostName></ns1:LinuxProvisioningConfigurationSet></ns1:ProvisioningSection></Environment>
`;

/** Makes a build VM of it that has been used for a while. The agent runs as on Azure. */
const USED = `set -e
mkdir -p /etc/systemd/system/walinuxagent.service.d
printf '[Unit]\\nConditionVirtualization=\\n' >/etc/systemd/system/walinuxagent.service.d/here.conf
useradd -m -s /bin/bash azureuser
mkdir -p /home/azureuser/.ssh /root/.ssh /var/lib/waagent
echo 'ssh-ed25519 AAAA build' | tee /home/azureuser/.ssh/authorized_keys >/root/.ssh/authorized_keys
echo 'azureuser ALL=(ALL) NOPASSWD:ALL' >/etc/sudoers.d/90-cloud-init-users
echo secret >/root/.bash_history
echo private >/var/lib/waagent/1A2B.prv
ssh-keygen -A
`;

function build(): void {
  if (existsSync(join(BASE, 'var/lib/waagent/ovf-env.xml'))) return;
  mkdirSync(FOLDER, { recursive: true });
  console.log('Building the root file system, about two minutes …');
  const run = (program: string, ...words: string[]) =>
    execFileSync(program, words, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (!existsSync('/usr/bin/mmdebstrap') || !existsSync('/usr/bin/systemd-nspawn'))
    run('apt-get', 'install', '-qy', '--no-install-recommends', 'mmdebstrap', 'systemd-container');
  run('mmdebstrap', '--quiet', '--variant=minbase', `--include=${PACKAGES}`, 'bookworm', BASE);
  run('chroot', BASE, '/bin/sh', '-c', USED);
  writeFileSync(join(BASE, 'var/lib/waagent/ovf-env.xml'), OVF);
}

/** By the user's script. */
const sent = new Map<string | undefined, ReturnType<typeof sentByBundle>>();

async function play(scene: Scene, index: number): Promise<string[]> {
  const { name, arrange = '', during = '', script, end } = scene;
  const sending = sent.get(script) ?? sentByBundle(script);
  sent.set(script, sending);
  const scripts = await sending;
  const folder = join(FOLDER, `scene-${index}`);
  const order = `${folder}.order.sh`;
  const hello = `${folder}.hello.sh`;
  writeFileSync(order, scripts.order);
  writeFileSync(hello, scripts.hello);
  const words = [
    join(import.meta.dirname, 'scene.sh'),
    folder,
    BASE,
    hello,
    order,
    arrange,
    during,
  ];
  const { stdout } = await promisify(execFile)('bash', words, { timeout: 420_000 });
  const [ended = '', left = '', again = ''] = stdout.trim().split(' | ');
  const asForetold = ended.startsWith(end);
  const clean = ended !== 'complete' || (left === 'nothing' && again.startsWith('new'));
  return [name, ended, left, again, asForetold && clean ? 'as it must' : `WRONG, not ${end}`];
}

if (process.platform !== 'linux' || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
  console.error('NOT RUN: real guests want Linux, root and apt.');
  process.exit(2);
}
build();
const rows: string[][] = [];
const [, , only = ''] = process.argv;
const chosen = SCENES.filter(({ name }) => name.includes(only));
const queue = chosen.map((scene, index) => ({ scene, index }));
const worker = async () => {
  for (let next = queue.shift(); next; next = queue.shift()) {
    const { scene, index } = next;
    rows[index] = await play(scene, index).catch((error: unknown) => [
      scene.name,
      'the scene broke',
      String(error).slice(0, 200),
      '-',
      'WRONG',
    ]);
  }
};
await Promise.all(Array.from({ length: AT_ONCE }, worker));
console.log('| Scene | End | Left on the disk | Next boot | |\n| --- | --- | --- | --- | --- |');
for (const row of rows) console.log(`| ${row.join(' | ')} |`);
process.exitCode = rows.some((row) => row.at(-1) !== 'as it must') ? 1 : 0;

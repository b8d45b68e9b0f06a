/**
 * The first boot of a Linux guest in another VM. Sources: cloud-init provisions anew because the
 * instance has another ID (cloudinit/sources/DataSourceAzure.py, per-instance modules), and leaves the
 * accounts that are there; the Azure agent, where it provisions, finds its mark of another VM, reports
 * that it is ready and makes no account (azurelinuxagent/pa/provision/default.py, is_provisioned);
 * systemd makes a machine ID where there is none (machine-id(5)). Nobody reports without either.
 */
import { createHash } from 'node:crypto';

/** What the platform tells a VM at its first boot. */
export interface Setup {
  readonly vmId: string;
  readonly computerName: string;
  /** Undefined for a VM of a specialized image, which is not provisioned. */
  readonly adminUsername?: string | undefined;
  readonly publicKeys?: readonly string[];
}

/** What came of a first boot. */
export interface Provisioned {
  /** Whether the guest told the platform that it is provisioned. */
  readonly reported: boolean;
  /** Whether its agent runs, and will report. */
  readonly agentRuns: boolean;
}

/** The guest, as far as provisioning changes it. */
export interface Provisioning {
  read(path: string): string | undefined;
  write(path: string, content: string): void;
  remove(path: string): void;
  list(path: string): readonly string[];
  /** Whether the Azure agent is installed, and whether it runs. */
  readonly hasAgent: boolean;
  readonly agentRuns: boolean;
}

const MARK = '/var/lib/waagent/provisioned';

/** Provisions a guest that has just booted as another VM, and says what it prints meanwhile. */
export function provision(guest: Provisioning, setup: Setup): Provisioned & { log: string } {
  const { agentRuns, hasAgent } = guest;
  if (setup.adminUsername === undefined) return { reported: true, agentRuns, log: '' };
  const machineId = (guest.read('/etc/machine-id') ?? '').trim();
  if (!/^[0-9a-f]{32}$/.test(machineId)) {
    guest.write('/etc/machine-id', `${digest('machine', setup.vmId).slice(0, 32)}\n`);
  }
  if (guest.read('/etc/cloud/cloud.cfg') !== undefined) return byCloudInit(guest, setup);
  if (!hasAgent) return { reported: false, agentRuns, log: '' };
  return { ...byAgent(guest, setup), agentRuns };
}

function byCloudInit(guest: Provisioning, setup: Setup): Provisioned & { log: string } {
  const { vmId, computerName, adminUsername = '' } = setup;
  const isMade = makeUser(guest, setup);
  guest.write('/etc/hostname', `${computerName}\n`);
  guest.write(`/var/lib/cloud/instances/${vmId}/user-data.txt`, '#cloud-config\n');
  guest.write('/var/lib/cloud/data/instance-id', `${vmId}\n`);
  guest.write('/var/log/cloud-init.log', 'done\n');
  guest.write('/var/log/cloud-init-output.log', 'done\n');
  if (/^ *- ssh$/m.test(guest.read('/etc/cloud/cloud.cfg') ?? '')) makeHostKeys(guest, vmId);
  if (guest.hasAgent) settle(guest, setup);
  const log =
    `[   12.345678] cloud-init[612]: Cloud-init v. 24.4 running 'init' at first boot\r\n` +
    (isMade ? '' : `[   13.345678] cloud-init[612]: Failed to create user ${adminUsername}\r\n`);
  return { reported: true, agentRuns: guest.agentRuns, log };
}

function byAgent(guest: Provisioning, setup: Setup): { reported: boolean; log: string } {
  const mark = guest.read(MARK)?.trim();
  if (mark !== undefined && mark !== '' && mark !== setup.vmId) {
    guest.write(MARK, `${setup.vmId}\n`);
    return { reported: true, log: '' };
  }
  if (!guest.agentRuns) return { reported: false, log: '' };
  makeUser(guest, setup);
  guest.write('/etc/hostname', `${setup.computerName}\n`);
  const conf = guest.read('/etc/waagent.conf') ?? '';
  if (/^ *Provisioning\.RegenerateSshHostKeyPair *= *y/m.test(conf)) {
    makeHostKeys(guest, setup.vmId);
  }
  settle(guest, setup);
  return { reported: true, log: '' };
}

/** What the agent keeps of the VM it is in. */
function settle(guest: Provisioning, { vmId, adminUsername }: Setup): void {
  guest.write(MARK, `${vmId}\n`);
  guest.write('/var/lib/waagent/ovf-env.xml', `<ns1:UserName>${adminUsername}</ns1:UserName>\n`);
  guest.write('/var/lib/waagent/SharedConfig.xml', '<SharedConfig/>\n');
  guest.write('/var/log/waagent.log', 'started\n');
}

/** An account that is there stays; one whose group is there without it cannot be made (useradd, rc 9). */
function makeUser(guest: Provisioning, { adminUsername: name = '', publicKeys = [] }: Setup) {
  const passwd = guest.read('/etc/passwd') ?? '';
  const has = (text: string) => new RegExp(`^${name}:`, 'm').test(text);
  if (!has(passwd)) {
    const groups = guest.read('/etc/group') ?? '';
    if (has(groups)) return false;
    const id =
      Math.max(999, ...[...passwd.matchAll(/^[^:]*:[^:]*:(\d{4}):/gm)].map(([, n]) => Number(n))) +
      1;
    guest.write('/etc/passwd', `${passwd}${name}:x:${id}:${id}::/home/${name}:/bin/sh\n`);
    guest.write('/etc/group', `${groups}${name}:x:${id}:\n`);
    guest.write('/etc/shadow', `${guest.read('/etc/shadow') ?? ''}${name}:!:19000:0:99999:7:::\n`);
  }
  guest.write('/etc/sudoers.d/90-cloud-init-users', `${name} ALL=(ALL) NOPASSWD:ALL\n`);
  guest.write(`/home/${name}/.ssh/authorized_keys`, publicKeys.map((key) => `${key}\n`).join(''));
  return true;
}

function makeHostKeys(guest: Provisioning, vmId: string): void {
  for (const name of guest.list('/etc/ssh')) {
    if (name.startsWith('ssh_host_')) guest.remove(`/etc/ssh/${name}`);
  }
  guest.write('/etc/ssh/ssh_host_ed25519_key', `private ${digest('host key', vmId)}\n`);
  guest.write('/etc/ssh/ssh_host_ed25519_key.pub', `public ${digest('host key', vmId)}\n`);
}

const digest = (...parts: string[]): string =>
  createHash('sha256').update(parts.join('\n')).digest('hex');

/** A guest before its deprovision, and how that must end. */
export interface Scene {
  readonly name: string;
  /** Shell, run as root in the booted guest. */
  readonly arrange?: string;
  /** Shell, run as root in the guest once it tells of the phase `waagent`. */
  readonly during?: string;
  /** The user's `deprovision-script`. */
  readonly script?: string;
  /** What the end begins with. */
  readonly end: string;
}

const UBUNTU =
  's/^Provisioning.RegenerateSshHostKeyPair=y/Provisioning.RegenerateSshHostKeyPair=n/';

/** Every guest that the deprovision is tried on. */
export const SCENES: readonly Scene[] = [
  { name: 'healthy', end: 'complete' },
  {
    name: 'ovf-env.xml missing',
    arrange: 'rm /var/lib/waagent/ovf-env.xml',
    end: 'refused account',
  },
  {
    // The guest's sleep is short here: the checks wait for five minutes.
    name: '.pwd.lock held',
    arrange: `printf '#!/bin/sh\n' >/usr/local/sbin/sleep; chmod +x /usr/local/sbin/sleep
systemd-run -q python3 -c "import fcntl,time; f=open('/etc/.pwd.lock','w'); fcntl.lockf(f,fcntl.LOCK_EX); time.sleep(3600)"
/usr/bin/sleep 2`,
    end: 'refused account-lock',
  },
  {
    name: '.pwd.lock held from within the script',
    script:
      "systemd-run -q python3 -c \"import fcntl,time; f=open('/etc/.pwd.lock','w'); fcntl.lockf(f,fcntl.LOCK_EX); time.sleep(600)\"\nsleep 2",
    end: 'failed phase=inspect',
  },
  {
    name: 'mount below the home',
    arrange: 'mkdir /home/azureuser/data && mount -t tmpfs none /home/azureuser/data',
    end: 'refused home-mount',
  },
  {
    name: 'mount below the home, by the script',
    script: 'mkdir /home/azureuser/data && mount -t tmpfs none /home/azureuser/data',
    end: 'failed phase=inspect',
  },
  {
    name: 'disk full',
    arrange: 'mount -t tmpfs -o size=4m none /mnt && cp -a /etc/. /mnt/ && mount --bind /mnt /etc',
    end: 'refused disk-full',
  },
  {
    name: 'Ubuntu’s waagent.conf',
    arrange: `sed -i '${UBUNTU}' /etc/waagent.conf`,
    end: 'complete',
  },
  {
    name: 'nothing renews the host keys',
    arrange: `touch /etc/cloud/cloud-init.disabled; sed -i '${UBUNTU}' /etc/waagent.conf`,
    end: 'refused host-keys',
  },
  {
    name: 'a link to the resolver',
    // waagent leaves a link to what does not exist.
    arrange:
      'mkdir -p /run/systemd/resolve && echo nameserver 127.0.0.53 >/run/systemd/resolve/stub-resolv.conf; ln -sf ../run/systemd/resolve/stub-resolv.conf /etc/resolv.conf',
    end: 'complete',
  },
  {
    name: 'root with a password, DeleteRootPassword=y',
    arrange: "usermod -p '$6$a$b' root",
    end: 'complete',
  },
  { name: 'script: exit 3', script: 'exit 3', end: 'failed phase=deprovision-script exit=3' },
  {
    name: 'script: DOS line ends',
    script: 'if true; then\r\n  echo yes\r\nfi\r\n',
    end: 'complete',
  },
  {
    name: 'script: Python',
    script: '#!/usr/bin/env python3\nprint("yes")\n',
    end: 'complete',
  },
  { name: 'script: 60 KB', script: `true\n${'# padding\n'.repeat(6000)}`, end: 'complete' },
  {
    name: 'script: leaves a process that writes',
    script: 'while :; do echo x >>/root/.bash_history; sleep 0.2; done >/dev/null 2>&1 &\n',
    end: 'complete',
  },
  {
    // The guest's sleep is short here too.
    name: 'a package manager begins during the script',
    arrange: "printf '#!/bin/sh\n' >/usr/local/sbin/sleep; chmod +x /usr/local/sbin/sleep",
    script: 'cp /usr/bin/sleep /opt/dpkg && systemd-run -q /opt/dpkg 3600',
    end: 'failed phase=quiet',
  },
  { name: 'script: hangs', script: 'sleep 3600', end: 'nothing heard' },
  { name: 'script: never stops', script: 'while :; do :; done', end: 'nothing heard' },
  { name: 'restarted in the middle', during: 'systemctl reboot', end: 'failed phase=' },
  { name: 'script: reboots', script: 'systemctl reboot', end: 'failed phase=' },
  {
    name: 'open session',
    arrange:
      'systemd-run -q --uid=azureuser --slice=user.slice bash -c \'trap "echo secret >>~/.bash_history" EXIT; sleep 600\'; sleep 1',
    end: 'complete',
  },
  {
    name: 'a process of the account',
    arrange:
      "systemd-run -q --uid=azureuser bash -c 'while :; do date >>~/log; sleep 0.2; done'; sleep 1",
    end: 'complete',
  },
  { name: 'restart pending', arrange: 'touch /run/reboot-required', end: 'refused reboot-pending' },
];

/** The transient timer and service that deprovision the guest. */
export const UNIT = 'azure-golden-image-deprovision';

/** Where the guest keeps what the unit runs: a tmpfs, so that nothing of it reaches the image. */
export const GUEST_FOLDER = '/run/azure-golden-image';

/** The agent's state, and the file in which it keeps the name of the account that it made. */
export const AGENT_FOLDER = '/var/lib/waagent';
export const AGENT_ACCOUNT = `${AGENT_FOLDER}/ovf-env.xml`;

/**
 * Everywhere a distribution keeps its programs; the last two are Flatcar's OEM folders. A systemd
 * service has no HOME and a search path of its own.
 */
export const SEARCH_PATH =
  '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/share/oem/bin:/oem/bin';

/** Seconds to wait for cloud-init and package managers, which are often busy just after a boot. */
export const PATIENCE_SECONDS = 300;

/** Seconds for one write: a console can hang for ever (Azure/azserialconsole#114). */
const WRITE_SECONDS = 20;

/**
 * Shell: `tell` writes a mark on the serial consoles, with the nonce, the boot's ID and the boot's
 * age in hundredths of a second, which counts up. Serial consoles only: boot diagnostics record the
 * serial port, whatever the kernel's console is. `serial` says what came of the last write.
 */
export const serialConsole = `
have() { command -v "$1" >/dev/null 2>&1; }
limited() {
  limit=$1
  shift
  if have timeout; then timeout -k 5 "$limit" "$@"; else "$@"; fi
}
boot=0
{ read -r boot </proc/sys/kernel/random/boot_id; } 2>/dev/null
boot=\${boot%%-*}
moment() {
  age=0.0
  { read -r age rest </proc/uptime; } 2>/dev/null
  count=\${age%.*}\${age#*.}
}
devices=''
for name in $(cat /sys/class/tty/console/active 2>/dev/null); do
  case $name in
    ttyS* | ttyAMA*) if [ -e "/dev/$name" ]; then devices="$devices /dev/$name"; fi ;;
  esac
done
for name in ttyS0 ttyAMA0 console; do
  if [ -z "$devices" ] && [ -e "/dev/$name" ]; then devices=/dev/$name; fi
done
serial=none
to_console() {
  serial=none
  for device in $devices; do
    # The words of the inner command are meant for the inner shell.
    # shellcheck disable=SC2016
    if limited ${WRITE_SECONDS} /bin/sh -c 'printf "\\n%s\\n" "$2" >>"$1"' sh "$device" "$1" 2>/dev/null; then
      serial=written
    elif [ $serial = none ]; then
      serial=hanging
    fi
  done
}
tell() {
  moment
  to_console "azure-golden-image[$nonce] $1 boot=$boot count=$count"
}
`;

/**
 * Shell: what is known of the guest, for the checks before and the inspection after. `account` is the
 * account that the agent made for the build, `home` its home.
 *
 * Sources: waagent.conf and its defaults (no key is renewed), WALinuxAgent common/conf.py; which of the two provisions,
 * pa/provision/__init__.py; cloud-init's own switches, cloud-init's documentation "How to disable
 * cloud-init"; host keys, cloudinit/config/cc_ssh.py and the units of Fedora, openSUSE and Flatcar.
 */
export const guestFacts = `
property() { systemctl show -p "$2" "$1" 2>/dev/null | sed -n "s/^$2=//p"; }
# A value of waagent.conf, or what counts where it has none.
agent_setting() {
  value=$(sed -n "s/^[[:space:]]*$1[[:space:]]*=[[:space:]]*\\([^#[:space:]]*\\).*/\\1/p" /etc/waagent.conf 2>/dev/null | tail -n 1)
  echo "\${value:-$2}"
}
account_of_agent() {
  { tr '\\n' ' ' <${AGENT_ACCOUNT}; } 2>/dev/null |
    sed -n 's/.*<\\([A-Za-z0-9]*:\\)\\{0,1\\}UserName>[[:space:]]*\\([^<[:space:]]*\\).*/\\2/p'
}
home_of() { awk -F: -v a="$1" '$1 == a { print $6; exit }' /etc/passwd; }
least_uid() { awk '$1 == "UID_MIN" { n = $2 } END { print n ? n : 1000 }' /etc/login.defs 2>/dev/null || echo 1000; }
login_accounts() {
  awk -F: -v least="$(least_uid)" '$3 >= least && $3 < 60001 && $7 !~ /\\/(nologin|false|sync|halt|shutdown)$/ { print $1 }' /etc/passwd
}
cloud_init_provisions() {
  have cloud-init || return 1
  if [ -e /etc/cloud/cloud-init.disabled ]; then return 1; fi
  if grep -qs 'cloud-init=disabled' /proc/cmdline; then return 1; fi
  for name in cloud-init-local cloud-init cloud-init-network cloud-init-main; do
    case $(property $name.service UnitFileState) in enabled* | static) return 0 ;; esac
  done
  return 1
}
host_keys() {
  for key in /etc/ssh/ssh_host_*_key; do if [ -e "$key" ]; then return 0; fi; done
  return 1
}
# Whether something makes new host keys at the first boot of a VM of the image. With an empty machine ID
# that is no first boot to systemd, so units for those alone do not run, such as that of Debian 13.
host_keys_renewed() {
  if cloud_init_provisions; then
    grep -Eqs '^[[:space:]]*-[[:space:]]*\\[?"?ssh"?[],[:space:]]*$|[[,][[:space:]]*ssh[[:space:]]*[],]' /etc/cloud/cloud.cfg /etc/cloud/cloud.cfg.d/*.cfg && return 0
  else
    case $(agent_setting Provisioning.Agent auto) in
      auto | waagent) if [ "$(agent_setting Provisioning.RegenerateSshHostKeyPair n)" = y ]; then return 0; fi ;;
    esac
  fi
  for name in sshd-keygen.target sshd-keygen.service sshdgenkeys.service ssh-keygen.service; do
    if [ "$(property $name LoadState)" = loaded ] && ! systemctl cat $name 2>/dev/null | grep -q '^ConditionFirstBoot=y'; then return 0; fi
  done
  return 1
}
# The process that holds a lock on a file. The kernel names the file by the device of its file system,
# which on btrfs is not the one that stat tells.
lock_holder() {
  if [ ! -e "$1" ]; then return 1; fi
  mounted=$(stat -c %m "$1" 2>/dev/null)
  device=$(awk -v m="$mounted" '$5 == m { d = $3 } END { print d }' /proc/self/mountinfo 2>/dev/null)
  if [ -n "$device" ]; then device=$(printf '%02x:%02x' "\${device%:*}" "\${device#*:}"); fi
  awk -v d="$device" -v i="$(stat -c %i "$1")" '
    $2 != "->" && $4 == "WRITE" && split($6, part, ":") == 3 && part[3] == i && (d == "" || d == part[1] ":" part[2]) {
      print $5
      found = 1
      exit
    }
    END { exit !found }' /proc/locks 2>/dev/null
}
# A dpkg lock is looked up among the kernel's locks, because unattended-upgrades keeps a process of
# the same name waiting all the time.
package_manager() {
  for file in /proc/[0-9]*/comm; do
    name=''
    { read -r name <"$file"; } 2>/dev/null
    case $name in
      apt | apt-get | aptitude | dpkg | rpm | yum | dnf | dnf-3 | dnf5 | tdnf | microdnf | zypper | rpm-ostree | transactional-u*)
        echo "$name"
        return 0
        ;;
    esac
  done
  for lock in /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/lib/rpm/.rpm.lock; do
    if holder=$(lock_holder $lock); then
      echo "process $holder, which holds $lock"
      return 0
    fi
  done
  return 1
}
stopping() { [ "$(systemctl is-system-running 2>/dev/null)" = stopping ]; }
`;

import { AGENT_FOLDER, PATIENCE_SECONDS } from './linux-shared.ts';
import { interpreterOf } from './run-command.ts';

/* Shell: what the phases of the unit that deprovisions a Linux guest do, in their order. */

/** Services that let people in, and services that start work by the clock or keep leases. */
const DOORS = 'ssh.socket sshd.socket ssh.service sshd.service';
const WRITERS =
  'cron.service crond.service anacron.service atd.service packagekit.service unattended-upgrades.service NetworkManager.service';

/**
 * Shell: `end_sessions` ends every login session and every process of the build's account, and lets
 * nobody in; `end_writers` ends what writes by the clock, the DHCP clients, and what the user's script
 * left running, and waits for a package manager that a timer has started since the checks.
 * `begin_again` starts after a failure what was stopped, for whoever looks into it.
 *
 * A session without pam_systemd is in the SSH service's own cgroup and outlives that service
 * (`KillMode=process`), so processes are also looked for by their user.
 */
const quiet = `
# Stops those of the units that are active, and notes them.
stop_units() {
  systemctl is-active "$@" 2>/dev/null >$folder/states
  active=''
  while read -r now; do
    case $now in active | activating | reloading) active="$active $1" ;; esac
    shift
  done <$folder/states
  if [ -n "$active" ]; then
    printf '%s\\n' $active >>$folder/stopped
    limited 60 systemctl stop $active
  fi
}
# Sends a signal to every process of the account.
signal_account() {
  if [ -z "$account" ]; then return 1; fi
  user=$(awk -F: -v a="$account" '$1 == a { print $3; exit }' /etc/passwd)
  if [ -z "$user" ]; then return 1; fi
  found=1
  for status in /proc/[0-9]*/status; do
    owner=''
    { while read -r name owner rest; do if [ "$name" = Uid: ]; then break; fi; done <"$status"; } 2>/dev/null
    if [ "$name" = Uid: ] && [ "$owner" = "$user" ]; then
      process=\${status%/status}
      kill "-$1" "\${process##*/}" 2>/dev/null && found=0
    fi
  done
  return $found
}
end_account() {
  signal_account TERM || return 0
  tries=0
  while signal_account 0 && [ $tries -lt 5 ]; do
    sleep 1
    tries=$((tries + 1))
  done
  signal_account KILL
  return 0
}
end_sessions() {
  echo 'This machine is being made into an image.' >/run/nologin
  stop_units ${DOORS}
  if ! limited 60 systemctl stop user.slice; then systemctl kill -s KILL user.slice; fi
  end_account
  return 0
}
# What the user's script has left in this unit.
end_leftovers() {
  below=$(sed -n 's/^0:://p; s/^1:name=systemd://p' /proc/self/cgroup 2>/dev/null | tail -n 1)
  for tree in /sys/fs/cgroup /sys/fs/cgroup/systemd /sys/fs/cgroup/unified; do
    if [ -n "\${below#/}" ] && [ -r "$tree$below/cgroup.procs" ]; then
      while read -r process; do
        if [ "$process" != $$ ]; then kill -KILL "$process" 2>/dev/null; fi
      done <"$tree$below/cgroup.procs"
    fi
  done
}
end_writers() {
  end_leftovers
  systemctl list-units --type=timer --state=active --no-legend --no-pager 2>/dev/null |
    awk '{ for (i = 1; i <= NF; i++) if ($i ~ /\\.timer$/ && $i !~ /^azure-golden-image/) print $i }' >$folder/timers
  stop_units $(cat $folder/timers) ${WRITERS}
  for file in /proc/[0-9]*/comm; do
    name=''
    { read -r name <"$file"; } 2>/dev/null
    case $name in
      dhclient | dhcpcd | udhcpc)
        process=\${file%/comm}
        kill "\${process##*/}" 2>/dev/null
        ;;
    esac
  done
  end_account
  waited=0
  while manager=$(package_manager) && [ $waited -lt ${PATIENCE_SECONDS} ]; do
    sleep 5
    waited=$((waited + 5))
  done
  if manager=$(package_manager); then
    echo "A package manager is at work ($manager) after $waited seconds of waiting."
    return 1
  fi
  return 0
}
begin_again() {
  rm -f /run/nologin
  if [ -e $folder/stopped ]; then
    # One unit in each line, meant to be split.
    # shellcheck disable=SC2046
    systemctl --no-block start $(cat $folder/stopped)
  fi
}
`;

/**
 * /run may be mounted noexec, so the user's script is given to its interpreter.
 *
 * waagent deletes /etc/resolv.conf. Where that is a link to what the system writes at each boot, it holds
 * nothing of the build, and not every distribution makes it anew: VMs of the image would have no DNS
 * (flatcar/Flatcar#1265, kubernetes-sigs/image-builder#1346).
 *
 * The machine id is emptied, not left to `cloud-init clean --machine-id`, which removes the file
 * (22.3) or writes "uninitialized" (23.1): both make the next boot a first boot, in which systemd
 * presets every unit and so undoes what the build has disabled. An empty file is what machine-id(5)
 * asks of images. A separate copy of D-Bus would be taken for the new id.
 */
const work = `
user_script() {
${interpreterOf('$folder/user-script')}
  if [ -n "$argument" ]; then
    "$interpreter" "$argument" $folder/user-script
  else
    "$interpreter" $folder/user-script
  fi
}
deprovision() {
  resolver=$(readlink /etc/resolv.conf)
  # The words of the agent's command are meant to be split.
  # shellcheck disable=SC2086
  $agent -force -deprovision+user
  code=$?
  case $resolver in
    /run/* | ../run/*) if [ ! -L /etc/resolv.conf ]; then ln -sf "$resolver" /etc/resolv.conf || return; fi ;;
  esac
  return $code
}
forget_machine_id() {
  if [ -e /etc/machine-id ]; then printf '' >/etc/machine-id || return; fi
  if [ -e /var/lib/dbus/machine-id ] && [ ! -L /var/lib/dbus/machine-id ]; then
    rm -f /var/lib/dbus/machine-id
  fi
}
`;

/** Files in which shells, editors and clients keep what was typed. */
const HISTORIES =
  '.bash_history .zsh_history .ash_history .sh_history .history .python_history .lesshst .viminfo .mysql_history .psql_history .sqlite_history .node_repl_history .wget-hsts';

/** Copies that the tools for accounts, and Debian's dpkg, keep of the files that they change. */
const COPIES =
  '/etc/passwd- /etc/shadow- /etc/group- /etc/gshadow- /etc/subuid- /etc/subgid- /var/backups/passwd.bak* /var/backups/shadow.bak* /var/backups/group.bak* /var/backups/gshadow.bak*';

/**
 * Shell: the last phase. It removes what waagent has left, or failed to remove without saying so, then
 * looks at the result; fails with the list of what is still there. docs/deprovision.md says what
 * stays by design.
 *
 * `userdel` runs once more because waagent ignores that it failed. Rules and entries are matched by
 * field, since a name may hold what a pattern would take for more. opasswd holds hashes of former
 * passwords (Linux-PAM modules/pam_pwhistory/opasswd.c). SLES keeps crontabs in a folder of its own, and
 * wicked its leases and DUID (openSUSE/wicked src/leasefile.c, src/duid.c).
 */
const inspection = `
left() {
  echo "left: $1"
  echo "$1" >>$folder/left
}
# Removes files and folders, then looks.
gone() {
  rm -rf "$@"
  for path in "$@"; do if [ -e "$path" ] || [ -L "$path" ]; then left "$path"; fi; done
}
remove_account() {
  if [ -z "$account" ]; then return; fi
  end_account
  if grep -q "^$account:" /etc/passwd; then userdel -f -r "$account"; fi
  case $home in '' | / | /root | /home | /etc | /usr | /var) ;; *) gone "$home" ;; esac
  gone "/var/mail/$account" "/var/spool/mail/$account" "/var/spool/cron/$account" "/var/spool/cron/crontabs/$account" "/var/spool/cron/tabs/$account" "/var/lib/systemd/linger/$account"
  remove_rules
  for file in /etc/subuid /etc/subgid /etc/security/opasswd; do drop_account $file :; done
  for file in /etc/passwd /etc/shadow /etc/group /etc/gshadow; do
    if names_account $file :; then left "$account in $file"; fi
  done
  for file in /etc/group /etc/gshadow; do
    if awk -F: -v a="$account" '("," $4 ",") ~ ("," a ",") { found = 1 } END { exit !found }' $file 2>/dev/null; then
      left "$account as a member in $file"
    fi
  done
}
# Whether a line of a file begins with the account; the second argument separates its fields.
names_account() {
  awk -F"$2" -v a="$account" '$1 == a { found = 1 } END { exit !found }' "$1" 2>/dev/null
}
# Drops those lines; the file keeps its mode.
drop_account() {
  if ! names_account "$1" "$2"; then return; fi
  awk -F"$2" -v a="$account" '$1 != a' "$1" >$folder/kept && cat $folder/kept >"$1"
  if names_account "$1" "$2"; then left "$account in $1"; fi
}
remove_rules() {
  drop_account /etc/sudoers ' '
  for file in /etc/sudoers.d/*; do
    if names_account "$file" ' '; then
      drop_account "$file" ' '
      if ! grep -q '^[[:space:]]*[^#[:space:]]' "$file"; then gone "$file"; fi
    fi
  done
}
remove_traces() {
  for place in /root $(awk -F: '$6 ~ /^\\/home\\// { print $6 }' /etc/passwd); do
    for name in ${HISTORIES}; do
      if [ -e "$place/$name" ] || [ -L "$place/$name" ]; then gone "$place/$name"; fi
    done
  done
  gone /root/.ssh/authorized_keys /root/.ssh/authorized_keys2
  if host_keys; then gone /etc/ssh/ssh_host_*; fi
  gone ${COPIES}
  gone /var/lib/dhclient/* /var/lib/dhcp/* /var/lib/dhcpcd/* /var/lib/NetworkManager/*.lease /var/lib/wicked/*
}
inspect_identity() {
  if [ "$(agent_setting Provisioning.DeleteRootPassword y)" = y ] &&
    awk -F: '$1 == "root" && $2 !~ /^[!*]/ { found = 1 } END { exit !found }' /etc/shadow; then
    left "root's password"
  fi
  if [ -s /etc/machine-id ]; then left /etc/machine-id; fi
  if [ -e /var/lib/dbus/machine-id ] && [ ! -L /var/lib/dbus/machine-id ]; then left /var/lib/dbus/machine-id; fi
  if [ -d /var/lib/cloud ]; then gone /var/lib/cloud/instance /var/lib/cloud/instances /var/lib/cloud/data /var/lib/cloud/sem /var/lib/cloud/seed; fi
  if [ -d ${AGENT_FOLDER} ]; then gone ${AGENT_FOLDER}/*; fi
  gone /var/log/azure/* /var/log/waagent.log*
}
inspect() {
  : >$folder/left
  remove_account
  remove_traces
  inspect_identity
  for name in $(login_accounts); do echo "The account $name stays in the image."; done
  if [ -s $folder/left ]; then
    echo "Still there: $(tr '\\n' ',' <$folder/left | sed 's/,$//; s/,/, /g')"
    return 1
  fi
}
`;

/** What the phases do. */
export const phases = `${quiet}${work}${inspection}`;

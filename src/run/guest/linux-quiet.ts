/** Services that let people in, and services that start work by the clock or keep leases. */
const DOORS = 'ssh.socket sshd.socket ssh.service sshd.service';
const WRITERS =
  'cron.service crond.service anacron.service atd.service packagekit.service unattended-upgrades.service NetworkManager.service';

/**
 * Shell: `end_sessions` ends every login session and every process of the build's account, and lets
 * nobody in; `end_writers` ends what writes by the clock, the DHCP clients, and what the user's script
 * left running. `begin_again` starts after a failure what was stopped, for whoever looks into it.
 *
 * A session without pam_systemd is in the SSH service's own cgroup and outlives that service
 * (`KillMode=process`), so processes are also looked for by their user.
 */
export const quiet = `
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

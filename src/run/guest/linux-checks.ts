import {
  AGENT_ACCOUNT,
  GUEST_FOLDER,
  guestFacts,
  PATIENCE_SECONDS,
  SEARCH_PATH,
  serialConsole,
  UNIT,
} from './linux-shared.ts';

/**
 * The first part of what is sent to the guest: every check, all findings at once, exit 1 if there is
 * one. Sets `state` to `scheduled` and checks nothing more if this nonce is pending already. Leaves
 * `service`, the agent's systemd service, `agent`, the command that runs the agent's program, and
 * `account` with its `home` to what follows.
 *
 * Sources: the agent's service and program by distribution, WALinuxAgent setup.py and
 * common/osutil/*.py; a running systemd, sd_booted(3); pending reboots, Debian policy's
 * /run/reboot-required, libzypp's /run/reboot-needed (SUSE/skuba#468), needs-restarting(1).
 *
 * @param purpose completes "checks this guest, "
 * @param refusalsHeard whether a refusal is also told on the serial console, for a later attempt
 * @param first what is checked before all else
 */
export const checks = (
  nonce: string,
  purpose: string,
  refusalsHeard: boolean,
  first = '',
) => `#!/bin/sh
# azure-golden-image: checks this guest, ${purpose}.
set -u
umask 077
PATH=${SEARCH_PATH}
LC_ALL=C
export PATH LC_ALL
nonce='${nonce}'
refused=''
state=idle
# What the deprovision itself needs as well.
shared() {
  cat <<'END_OF_SHARED'
${serialConsole}${guestFacts}END_OF_SHARED
}
eval "$(shared)"
answer() { printf 'azure-golden-image: %s\\n' "$1"; }
one_line() { printf '%s' "$1" | tr '\\n|' ' /' | cut -c 1-300; }
# Name of the check, what is the matter and why, what to do.
refuse() {
  answer "refused $1 | $2 | $3"${refusalsHeard ? '\n  to_console "azure-golden-image[$nonce] refused $1 | $2 | $3"' : ''}
  refused=yes
}
bounded() { limited 60 "$@"; }
${first}
${pending}
check() {
${services}
${reboots}
${accountChecks}
${busy}
}
if [ $state = idle ]; then check; fi
`;

/** A timer that has elapsed and a service that has ended may still be loaded; they are not pending. */
const pending = `
is_pending() {
  case $(property ${UNIT}.timer SubState) in waiting | running) return 0 ;; esac
  case $(property ${UNIT}.service ActiveState) in active | activating | deactivating) return 0 ;; esac
  return 1
}
if have systemctl && is_pending; then
  if [ "$(cat ${GUEST_FOLDER}/nonce 2>/dev/null)" = "$nonce" ]; then
    state=scheduled
  else
    refuse other-deprovision 'Another deprovision is scheduled or at work in this guest: another run is capturing the same VM.' \\
      'Wait for the other run, or cancel it and restart the VM; then run again.'
    exit 1
  fi
fi
`;

const services = `
service='' agent=''
if ! [ -d /run/systemd/system ] || ! have systemctl || ! have systemd-run; then
  refuse systemd 'systemd does not run this guest: there is no /run/systemd/system or no systemd-run, so nothing can continue after the agent that runs this command stops.' \\
    'Deprovision and stop the VM by other means, then run again with deprovision set to never.'
elif ! said=$(bounded systemctl show -p Version 2>&1); then
  refuse systemd-bus "systemd runs this guest, but does not answer on its bus: $(one_line "$said")." \\
    'Look at dbus.service and at "systemctl status" in the guest, restart the VM, then run again.'
else
  for name in walinuxagent waagent; do
    if [ "$(property $name.service LoadState)" = loaded ]; then service=$name; break; fi
  done
  if have waagent; then
    agent=$(command -v waagent)
  elif [ -n "$service" ]; then
    agent=$(property "$service.service" ExecStart | sed -n 's/.*argv\\[\\]=\\(.*\\) -daemon.*/\\1/p')
  fi
  # The words of the agent's command are meant to be split.
  # shellcheck disable=SC2086
  if [ -z "$agent" ] || ! bounded $agent -version >/dev/null 2>&1; then
    refuse agent 'The Azure Linux agent (waagent) is not installed or does not start: no waagent on the search path answers -version.' \\
      'Install the WALinuxAgent package of the distribution, or set deprovision to never and capture into a specialized definition.'
  elif [ -z "$service" ]; then
    refuse agent-service 'The Azure Linux agent has no systemd service named walinuxagent or waagent, so it cannot be stopped before its files are removed.' \\
      'Install the WALinuxAgent package of the distribution instead of a copy of the program.'
  fi
fi
`;

const reboots = `
reboot=''
for flag in /run/reboot-required /var/run/reboot-required /run/reboot-needed; do
  if [ -e $flag ]; then reboot=$flag; fi
done
if [ -z "$reboot" ] && have needs-restarting; then
  case $(bounded needs-restarting -r 2>/dev/null) in
    *[Rr]'eboot is required'*) reboot='needs-restarting -r' ;;
  esac
fi
if [ -n "$reboot" ]; then
  refuse reboot-pending "A restart is pending ($reboot): updates of the kernel or of core libraries are half applied, and the image would be too." \\
    'Restart the VM at the end of its build, before this action.'
fi
`;

/** Kilobytes that must be free where /etc lies: shadow writes its files anew before it deletes. */
const FREE_KILOBYTES = 16_384;

/**
 * Shell: refuses, before anything is destroyed, a guest in which the build's account could not be
 * removed. waagent would succeed all the same: without its own file it skips the account, and it
 * ignores that userdel failed (WALinuxAgent pa/deprovision/default.py, common/osutil/default.py).
 */
const accountChecks = `
account=$(account_of_agent)
home=''
if [ -z "$account" ]; then
  others=$(login_accounts | tr '\\n' ' ')
  if [ -n "$others" ]; then
    refuse account "The account that was created for the build is not known: ${AGENT_ACCOUNT} is missing or names none, and people can log in as: \${others% }." \\
      'Remove the account of the build in the guest, or set its shell to nologin if it is to stay in the image. Then run again.'
  fi
else
  home=$(home_of "$account")
fi
case $account in
  '') ;;
  root | *[!A-Za-z0-9._-]* | -*)
    refuse account "${AGENT_ACCOUNT} names the account \\"$(one_line "$account")\\", which cannot be removed." \\
      'Create the VM with another administrator.'
    ;;
esac
case $home in
  '' | /) ;;
  *)
    mounts=$(awk -v h="$home" '$5 == h || index($5, h "/") == 1 { print $5 }' /proc/self/mountinfo 2>/dev/null | tr '\\n' ' ')
    if [ -n "$mounts" ]; then
      refuse home-mount "The home of $account cannot be removed: something is mounted there (\${mounts% })." \\
        'Unmount it at the end of the build of the VM.'
    fi
    ;;
esac
free=$(df -Pk /etc 2>/dev/null | awk 'NR == 2 { print $4 }')
if [ -n "$free" ] && [ "$free" -lt ${FREE_KILOBYTES} ]; then
  refuse disk-full "The disk of /etc has only $free kB left: no account can be removed from a full disk." \\
    'Free at least ${FREE_KILOBYTES / 1024} MB at the end of the build of the VM.'
fi
if have systemctl && host_keys && ! host_keys_renewed; then
  refuse host-keys 'Nothing creates new SSH host keys at the first boot: all VMs of the image would share these, or have none.' \\
    'Enable cloud-init with its module ssh, or set Provisioning.RegenerateSshHostKeyPair=y in /etc/waagent.conf where the agent provisions.'
fi
`;

/**
 * Only `running` counts: cloud-init that a build has already cleaned says `not started`, and one that
 * failed says `error`. While the lock of /etc/passwd is held, no account can be removed (lckpwdf(3)).
 */
const busy = `
cloud_init_runs() { have cloud-init && bounded cloud-init status 2>/dev/null | grep -q '^status: *running'; }
waited=0
while [ -z "$refused" ] && [ $waited -lt ${PATIENCE_SECONDS} ]; do
  if ! cloud_init_runs && ! package_manager >/dev/null && ! lock_holder /etc/.pwd.lock >/dev/null; then break; fi
  sleep 5
  waited=$((waited + 5))
done
if cloud_init_runs; then
  refuse cloud-init "cloud-init is still running after $waited seconds of waiting: the guest is not set up yet, and cleaning it now would be undone." \\
    'Wait for "cloud-init status --wait" at the end of the build of the VM.'
fi
if manager=$(package_manager); then
  refuse package-manager "A package manager is at work ($manager) after $waited seconds of waiting: the image would hold half-installed packages." \\
    'Wait at the end of the build of the VM until updates have finished, or stop apt-daily, dnf-automatic and the like.'
fi
if holder=$(lock_holder /etc/.pwd.lock); then
  refuse account-lock "Process $holder holds the lock /etc/.pwd.lock after $waited seconds of waiting: no account can be removed while it does." \\
    'End that process at the end of the build of the VM.'
fi
if have cloud-init && ! bounded cloud-init clean --help >/dev/null 2>&1; then
  refuse cloud-init-clean 'This cloud-init has no clean command (older than 17.2) or does not start.' \\
    'Update cloud-init in the image.'
fi
if [ -n "$refused" ]; then exit 1; fi
`;

#!/bin/sh
# Stand-in of waagent, which treats its arguments unlike most programs (Azure/WALinuxAgent
# azurelinuxagent/agent.py and pa/deprovision/default.py at a976115): any prefix matches, an unknown
# argument turns the call into -help, and whatever goes wrong, the exit code is 0. It obeys waagent.conf, and passes over a userdel that fails.
. '@GUEST@/lib.sh'
note waagent "$@"
if setting waagent-crashes; then
  echo "Traceback (most recent call last):" >&2
  echo "ModuleNotFoundError: No module named 'azurelinuxagent'" >&2
  exit 1
fi
usage() {
  printf '\nusage: %s [-verbose] [-force] [-help] -configuration-path:<path to configuration file>-deprovision[+user]|-register-service|-version|-daemon|-start|-run-exthandlers|-show-configuration|-collect-logs [-full]|-setup-firewall=<IP>]\n\n' "$0"
}
command=help force='' deluser=''
for argument in "$@"; do
  bare=$(printf '%s' "$argument" | sed 's,^[-/]*,,')
  case $bare in
    '') ;;
    configuration-path:*) ;;
    deprovision+user*) command=deprovision deluser=yes ;;
    deprovision*) command=deprovision deluser='' ;;
    version*) command=version ;;
    verbose* | debug* | full*) ;;
    force*) force=yes ;;
    help* | usage* | \?*) command=help ;;
    show-configuration*) command=show ;;
    *) command=help; break ;;
  esac
done
failed() { echo "2026-01-01T00:00:00.000000Z ERROR MainThread Failed to run '$1': $2"; exit 0; }
case $command in
  help) usage; exit 0 ;;
  version) echo 'WALinuxAgent-2.11.1.4 running on ubuntu 24.04'; exit 0 ;;
  show) echo 'Lib.Dir = /var/lib/waagent'; exit 0 ;;
esac
lib=$root/var/lib/waagent
# Whether a switch of waagent.conf is on; both are off by default (common/conf.py).
on() { grep -q "^ *$1 *= *y" "$root/etc/waagent.conf" 2>/dev/null; }
user=''
[ ! -e "$lib/ovf-env.xml" ] || user=$(sed -n 's,.*<[a-z0-9:]*UserName>\([^<]*\)<.*,\1,p' "$lib/ovf-env.xml")
echo 'WARNING! The waagent service will be stopped.'
! on Provisioning.RegenerateSshHostKeyPair || echo 'WARNING! All SSH host key pairs will be deleted.'
echo 'WARNING! Cached DHCP leases will be deleted.'
! on Provisioning.DeleteRootPassword || echo 'WARNING! root password will be disabled. You will not be able to login as root.'
if [ -n "$deluser" ]; then
  if [ -n "$user" ]; then
    echo "WARNING! $user account and entire home directory will be deleted."
  else
    echo 'WARNING! ovf-env.xml is not found.'
    echo 'WARNING! Skip delete user.'
  fi
fi
if [ -z "$force" ]; then
  printf 'Do you want to proceed (y/n)'
  IFS= read -r answer || failed "deprovision+user" 'EOF when reading a line'
  case $answer in [yY]*) ;; *) exit 0 ;; esac
fi
stop_agent
! setting waagent-fails || rm -rf "${lib:?}"/*
! setting waagent-fails || failed 'deprovision+user' "[Errno 16] Device or resource busy: '/var/lib/waagent/events'"
! on Provisioning.RegenerateSshHostKeyPair || rm -f "$root"/etc/ssh/ssh_host_*
rm -rf "$root"/var/lib/dhcp/* "$root"/var/lib/dhclient/*
echo localhost.localdomain >"$root/etc/hostname"
! on Provisioning.DeleteRootPassword || sed -i 's/^root:.*/root:*LOCK*:14600::::::/' "$root/etc/shadow"
rm -rf "${lib:?}"/* "$root"/var/log/azure/*
rm -f "$root/root/.bash_history" "$root/var/log/waagent.log"
# Ubuntu since 18.04 keeps it (pa/deprovision/ubuntu.py).
grep -q '^ID=ubuntu' "$root/etc/os-release" || rm -f "$root/etc/resolv.conf"
if [ -n "$deluser" ] && [ -n "$user" ]; then
  "$guest/bin/userdel" -f -r "$user" ||
    echo "2026-01-01T00:00:00.000000Z ERROR MainThread Failed to delete user $user"
fi
exit 0

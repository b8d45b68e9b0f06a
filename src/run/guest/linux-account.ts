import { AGENT_ACCOUNT } from './linux-names.ts';

/** Kilobytes that must be free where /etc lies: shadow writes its files anew before it deletes. */
const FREE_KILOBYTES = 16_384;

/**
 * Shell: refuses, before anything is destroyed, a guest in which the build's account could not be
 * removed. waagent would succeed all the same: without its own file it skips the account, and it
 * ignores that userdel failed (WALinuxAgent pa/deprovision/default.py, common/osutil/default.py).
 */
export const accountChecks = `
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

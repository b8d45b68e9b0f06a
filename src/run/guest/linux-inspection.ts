import { AGENT_FOLDER } from './linux-names.ts';

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
 * field, since a name may hold what a pattern would take for more.
 */
export const inspection = `
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
  gone "/var/mail/$account" "/var/spool/mail/$account" "/var/spool/cron/$account" "/var/spool/cron/crontabs/$account" "/var/lib/systemd/linger/$account"
  remove_rules
  for file in /etc/subuid /etc/subgid; do drop_account $file :; done
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
  gone /var/lib/dhclient/* /var/lib/dhcp/* /var/lib/dhcpcd/* /var/lib/NetworkManager/*.lease
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

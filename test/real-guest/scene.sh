#!/usr/bin/env bash
# One scene: scene.sh FOLDER BASE HELLO ORDER ARRANGE DURING. Boots a copy on write of the base file system
# with its own systemd, prepares it, runs the scripts as Run Command does, waits for the guest's end,
# stops it as Azure does, and looks at the disk; a guest that is complete is booted once more.
# Prints one line: end | what was left | what the next boot made.
set -u
folder=$1 base=$2 hello=$3 order=$4 arrange=$5 during=$6
name=guest-$(basename "$folder")
rm -rf "$folder"
mkdir -p "$folder/upper" "$folder/work" "$folder/root"
mount -t overlay overlay -o "lowerdir=$base,upperdir=$folder/upper,workdir=$folder/work" "$folder/root"
tty=$folder/tty
: >"$tty"
cgroup=/sys/fs/cgroup
[ -d $cgroup/unified ] && cgroup=$cgroup/unified
mkdir -p "$cgroup/$name"
boot() {
  (
    echo "$BASHPID" >"$cgroup/$name/cgroup.procs"
    SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 exec systemd-nspawn --quiet --register=no --keep-unit \
      --private-network -M "$name" -D "$folder/root" -b "--bind=$tty:/dev/ttyS0" --console=pipe
  ) </dev/null >>"$folder/boot.log" 2>&1 &
  machine=$!
  for _ in $(seq 120); do
    leader=$(pgrep -P $machine -x systemd | head -n 1)
    [ -n "$leader" ] && inside systemctl is-system-running 2>/dev/null | grep -qE 'running|degraded' && return
    sleep 0.5
  done
}
inside() { nsenter -t "$leader" -m -u -i -n -p -C env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"; }
on() { kill -0 $machine 2>/dev/null; }
stop() {
  timeout 20 nsenter -t "$leader" -m -p -C systemctl poweroff >/dev/null 2>&1
  for _ in $(seq 80); do on || break; sleep 0.5; done
  kill -9 $machine 2>/dev/null
  wait $machine 2>/dev/null
}
clean_up() {
  on && kill -9 $machine 2>/dev/null
  umount -l "$folder/root" 2>/dev/null
  rmdir "$cgroup/$name" 2>/dev/null
}
trap clean_up EXIT
boot
old=$(cat "$folder/root/etc/machine-id")
if [ -n "$arrange" ]; then inside sh -c "$arrange" </dev/null >"$folder/arrange.log" 2>&1; fi
link=$(readlink "$folder/root/etc/resolv.conf")
inside sh -s <"$hello" >"$folder/said" 2>&1
# As the run does: who refuses the hello is sent no order.
grep -q 'azure-golden-image: refused' "$folder/said" || inside sh -s <"$order" >"$folder/said" 2>&1
if grep -q 'azure-golden-image: refused' "$folder/said"; then
  end="refused $(sed -n 's/^azure-golden-image: refused \([a-z-]*\).*/\1/p' "$folder/said" | paste -sd,)"
else
  for _ in $(seq 160); do
    grep -aqE '\] (failed|complete)' "$tty" && break
    if [ -n "$during" ] && grep -aq '\] phase: waagent' "$tty"; then
      inside sh -c "$during" </dev/null >>"$folder/said" 2>&1
      during=''
    fi
    on || break
    sleep 0.5
  done
  sleep 6
  end=$(grep -aoE '\] (failed phase=[a-z-]* exit=[0-9]*( cause=shutdown)?|complete)' "$tty" | tail -n 1 | cut -c 3-)
fi
stop
cd "$folder/root" || exit 1
left=''
note() { left="${left:+$left, }$1"; }
grep -q '^azureuser:' etc/passwd etc/shadow && note account
[ -e home/azureuser ] && note home
grep -rqs azureuser etc/sudoers etc/sudoers.d && note 'sudo rule'
grep -qs azureuser etc/group etc/gshadow etc/subuid etc/subgid && note group
for path in root/.bash_history root/.ssh/authorized_keys etc/passwd- etc/shadow- etc/group- etc/gshadow- \
  var/lib/waagent/ovf-env.xml var/lib/waagent/1A2B.prv var/lib/cloud/instance; do
  [ -e "$path" ] && note "$path"
done
compgen -G 'etc/ssh/ssh_host_*' >/dev/null && note 'host keys'
[ -s etc/machine-id ] && note 'machine ID'
grep -q '^root:[!*]' etc/shadow || note "root's password"
[ "$end" = complete ] && [ "$(readlink etc/resolv.conf)" != "$link" ] && note 'no link to the resolver'
again=-
if [ "$end" = complete ]; then
  seed=var/lib/cloud/seed/nocloud
  mkdir -p $seed
  echo 'instance-id: another' >$seed/meta-data
  printf '#cloud-config\nusers: []\n' >$seed/user-data
  boot
  for _ in $(seq 40); do compgen -G 'etc/ssh/ssh_host_*' >/dev/null && break; sleep 0.5; done
  new=$(cat etc/machine-id)
  again='no new identity'
  [ -n "$new" ] && [ "$new" != "$old" ] && compgen -G 'etc/ssh/ssh_host_*' >/dev/null && again='new machine ID and host keys'
  stop
fi
cd /
echo "${end:-nothing heard} | ${left:-nothing} | $again"

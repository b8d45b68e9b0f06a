# Run by /bin/sh -c as: enter ROOT COMMAND [ARGUMENT...], inside fresh user, mount, pid, network,
# ipc and uts namespaces. Makes ROOT the root file system, with the host's programs and libraries
# read-only below /.host and nothing else of the host in reach, and runs COMMAND. Notes in
# /.guest/endless when that was ended, since all of it together took MOST_TICKS of the processor.
set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin
root=$1
shift
# Flags that the host's mount is locked to must be repeated, or a remount in a user namespace is
# refused.
read_only() {
  mkdir -p "$root/.host$1"
  mount --rbind "$1" "$root/.host$1"
  for flags in '' ,nosuid ,nodev ,nosuid,nodev; do
    if mount -o "remount,bind,ro$flags" "$root/.host$1" 2>/dev/null; then return 0; fi
  done
  return 1
}
mount --rbind "$root" "$root"
for directory in /usr /etc/alternatives /bin /sbin /lib /lib32 /lib64 /libx32; do
  if [ -d "$directory" ] && [ ! -L "$directory" ]; then read_only "$directory"; fi
done
# Every program of the host is a link, so that those with a stand-in can be left out. On a host
# without a merged /usr the second folder of each pair is another one.
mount -t tmpfs -o mode=755 programs "$root/usr/bin"
cd "$root/usr/bin"
for directory in usr/bin usr/sbin bin sbin; do
  if [ ! -L "/$directory" ]; then ln -s "../../.host/$directory/"* . 2>/dev/null || :; fi
done
(cd ../../.guest/stand-ins && echo *) | xargs rm -f
cp -P ../../.guest/stand-ins/* .
for device in null zero random urandom; do mount --bind "/dev/$device" "$root/dev/$device"; done
ln -s /proc/self/fd "$root/dev/fd" 2>/dev/null || :
# Some containers forbid a fresh /proc; the guest's folder of that name then serves.
mount -t proc proc "$root/proc" 2>/dev/null || :
# The guest has a boot of its own, and its age goes by the emulated clock.
mount --bind "$root/.guest/uptime" "$root/proc/uptime" 2>/dev/null || :
mount --bind "$root/.guest/boot-id" "$root/proc/sys/kernel/random/boot_id" 2>/dev/null || :
mkdir -p "$root/.host/root"
cd "$root"
pivot_root . .host/root
umount -l /.host/root
cd /
hostname "$(cat /etc/hostname 2>/dev/null)" 2>/dev/null || :
busy() {
  used=0
  for file in /proc/[0-9]*/stat; do
    { IFS= read -r line <"$file"; } 2>/dev/null || continue
    IFS=' '
    # Behind the name: state and others, then the time of the process and of its children that ended.
    # shellcheck disable=SC2086
    set -- ${line##*) }
    used=$((used + ${12} + ${13} + ${14} + ${15}))
  done
  [ $used -gt "$MOST_TICKS" ]
}
watch() {
  real=/.host/usr/bin/sleep
  [ -x "$real" ] || real=/.host/bin/sleep
  while "$real" 0.5; do
    if busy; then
      : >/.guest/endless
      kill -KILL -1
    fi
  done
}
if [ -e /proc/self/stat ]; then watch </dev/null >/dev/null 2>&1 & fi
code=0
"$@" || code=$?
exit $code

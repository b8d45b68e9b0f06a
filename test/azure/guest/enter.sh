# Run by /bin/sh -c as: enter ROOT TOOLS COMMAND [ARGUMENT...], inside fresh user, mount, pid, network,
# ipc and uts namespaces. Makes ROOT the root file system, with the host's programs and libraries
# read-only in it and nothing else of the host in reach, and becomes COMMAND.
set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin
root=$1 tools=$2
shift 2
# Flags that the host's mount is locked to must be repeated, or a remount in a user namespace is
# refused.
read_only() {
  mount --rbind "$1" "$root$2"
  for flags in '' ,nosuid ,nodev ,nosuid,nodev; do
    if mount -o "remount,bind,ro$flags" "$root$2" 2>/dev/null; then return 0; fi
  done
  return 1
}
mount --rbind "$root" "$root"
cd "$root"
read_only "$tools/bin" /usr/bin
read_only "$tools/sbin" /usr/sbin
for directory in /usr/lib /usr/lib32 /usr/lib64 /usr/libx32 /usr/libexec /usr/share /lib /lib32 /lib64 /libx32 /etc/alternatives; do
  if [ -d "$directory" ] && [ ! -L "$directory" ]; then
    mkdir -p "$root$directory"
    read_only "$directory" "$directory"
  fi
done
read_only /usr/bin /.host/usr/bin
read_only /usr/sbin /.host/usr/sbin
if [ ! -L /bin ]; then read_only /bin /.host/bin; fi
if [ ! -L /sbin ]; then read_only /sbin /.host/sbin; fi
for device in null zero full random urandom tty; do mount --bind "/dev/$device" "$root/dev/$device"; done
ln -s /proc/self/fd "$root/dev/fd" 2>/dev/null || :
# Some containers forbid a fresh /proc; the guest's folder of that name then serves.
mount -t proc proc "$root/proc" 2>/dev/null || :
pivot_root . .host/root
umount -l /.host/root
cd /
exec "$@"

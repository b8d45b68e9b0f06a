#!/bin/sh
# Stand-in of shadow's userdel: exit codes and messages of userdel(8), 1 for a lock that is held, 10 for
# a group file that cannot be written, 12 for a home that cannot be removed.
. '@GUEST@/lib.sh'
note userdel "$@"
remove='' name=''
for argument in "$@"; do
  case $argument in
    -r | --remove) remove=yes ;;
    -f | --force | -Z | --selinux-user) ;;
    -fr | -rf) remove=yes ;;
    -*) echo "userdel: unrecognized option '$argument'" >&2; exit 2 ;;
    *) name=$argument ;;
  esac
done
grep -q "^$name:" "$root/etc/passwd" || { echo "userdel: user '$name' does not exist" >&2; exit 6; }
case $(value userdel-fails) in
  locked) echo 'userdel: cannot lock /etc/passwd; try again later.' >&2; exit 1 ;;
  full) echo 'userdel: failure while writing changes to /etc/group' >&2; exit 10 ;;
esac
home=$(sed -n "s/^$name:\\([^:]*:\\)\\{4\\}\\([^:]*\\):.*/\\2/p" "$root/etc/passwd")
for file in passwd shadow group; do
  if [ -e "$root/etc/$file" ]; then
    cp "$root/etc/$file" "$root/etc/$file-"
    sed -i "/^$name:/d" "$root/etc/$file"
  fi
done
if [ -n "$remove" ]; then
  if [ "$(value userdel-fails)" = mounted ]; then
    echo "userdel: error removing directory $home" >&2
    exit 12
  fi
  rm -rf "${home:?}"
fi
exit 0

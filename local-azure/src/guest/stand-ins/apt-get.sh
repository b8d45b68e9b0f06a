#!/bin/sh
# Stand-in of apt-get: there is no network in the guest. Every package can be had and does nothing; it
# is noted as installed where dpkg would.
. '@GUEST@/lib.sh'
note apt-get "$@"
verb=''
packages=''
for argument in "$@"; do
  case $argument in
    -*) ;;
    *) if [ -z "$verb" ]; then verb=$argument; else packages="$packages $argument"; fi ;;
  esac
done
case $verb in
  update) echo 'Reading package lists...' ;;
  install)
    mkdir -p "$root/var/lib/dpkg"
    for package in $packages; do
      printf 'Package: %s\nStatus: install ok installed\n\n' "$package" >>"$root/var/lib/dpkg/status"
      echo "Setting up $package ..."
    done
    ;;
  *) echo "E: Invalid operation $verb" >&2; exit 100 ;;
esac
exit 0

# Common to the stand-ins; the emulation writes @GUEST@ when it installs them.
# shellcheck shell=sh
guest='@GUEST@'
root='@ROOT@'

# What was called, for the tests to look at.
note() { printf '%s\n' "$*" >>"$guest/calls"; }

# Emulated seconds since the guest was opened: only the stand-in of sleep moves it.
clock() { first_line "$guest/clock"; }

# A switch of the emulation: present or not, or holding a value.
setting() { [ -e "$guest/settings/$1" ]; }
value() { first_line "$guest/settings/$1"; }

context() { first_line "$guest/context"; }

# Without starting a program: the stand-ins are called often.
first_line() {
  [ -e "$1" ] || return 1
  IFS= read -r line <"$1" || :
  printf '%s\n' "$line"
}

# The agent's service has gone. Whatever Run Command has running is its child and never returns:
# WALinuxAgent issue 3547.
stop_agent() {
  printf 'stopped\n' >"$guest/agent"
  if [ "$(context)" = run-command ]; then : >"$guest/agent-killed"; fi
}

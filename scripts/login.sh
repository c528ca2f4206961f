#!/bin/sh
# A login from this machine to itself: starts a mosh-server and, with what it announces, the stock client.
# Usage: login.sh SERVER ADDRESS [COMMAND…]   SERVER: a command line in one word; COMMAND: instead of the login shell
# Without a terminal the client gets one of its own, of some size.
set -eu
server=$1 address=$2
shift 2

colors=$(mosh-client -c 2>/dev/null) || colors=0
# shellcheck disable=SC2086  # a command line
announced=$($server new -i "$address" -c "$colors" ${1:+--} "$@" 2>&1) || { echo "$announced" >&2 && exit 1; }
echo "$announced" | grep 'may not be open' >&2 || :
connect=$(echo "$announced" | tr -d '\r' | sed -n 's/^MOSH CONNECT //p')
MOSH_KEY=${connect#* }
export MOSH_KEY
set -- mosh-client "$address" "${connect% *}"
if [ -t 0 ] && [ -t 1 ]; then exec "$@"; fi
exec script -qec "stty rows 24 cols 100; TERM=xterm $*" /dev/null </dev/null

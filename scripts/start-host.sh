#!/bin/sh
# The port guard with this host's own firewall, and a login here that has it open a port. A guard that runs already is used
# as it is. Else one runs until this script ends, and then nothing of it is left in the firewall.
# Usage: start-host.sh [SCRIPT]   SCRIPT, not empty: ends after the login; else after Ctrl-C
set -eu
script=${1-}
portguard=$PWD/bin/mosh-portguard server=$PWD/bin/mosh-server
guard='' follower='' log=''
work=$(mktemp -d)

say() { printf '\033[1m%s\033[0m\n' "$*"; }

finish() {
	trap - EXIT INT TERM HUP
	[ -z "$follower" ] || kill "$follower" 2>/dev/null || :
	if [ -n "$guard" ]; then
		kill "$guard" 2>/dev/null || :
		wait "$guard" || :
		# For a guard that was killed.
		"$portguard" clear && say "The guard has stopped and its rules have been removed."
	fi
	rm -rf "$work"
}
trap finish EXIT
# Ctrl-C is the way to end this.
trap 'exit 0' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

code=0
"$portguard" status >"$work/status" || code=$?
case $code in
3)
	log=$work/log
	: >"$log"
	"$portguard" daemon >>"$log" &
	guard=$!
	until grep -q guard.started "$log"; do
		if ! kill -0 "$guard" 2>/dev/null; then
			# It has said itself why.
			wait "$guard" || code=$?
			guard=''
			exit "$code"
		fi
		sleep 0.1
	done
	say "The port guard, with this host's firewall:"
	"$portguard" status | tee "$work/status"
	;;
0 | 8)
	say "A guard is already running on this host:"
	cat "$work/status"
	# It believes what it was installed with, and the stock server.
	server=$(command -v mosh-portguard-server) || server="$portguard run -- mosh-server"
	if systemctl is-active --quiet mosh-portguard 2>/dev/null; then
		log=$work/log
		: >"$log"
		journalctl --unit mosh-portguard --output cat --since "@$(date +%s)" --no-tail --follow >>"$log" &
		follower=$!
	fi
	;;
*) exit "$code" ;;
esac

if grep -q '^firewall  none' "$work/status"; then
	say "No firewall is in force here: nothing is blocked, so the guard only reports what it would open and close."
	say "npm start -- --demo shows it with a firewall."
fi

# The address that others see, or any that is not loopback's.
address=$({
	ip -o -4 route get 192.0.2.1 2>/dev/null || :
	ip -o -6 route get 2001:db8::1 2>/dev/null || :
	ip -o address show up scope global
} | sed -n 's/.* src \([^ ]*\).*/\1/p; s|.* inet6* \([^ /]*\).*|\1|p' | head -n 1)
if [ -z "$address" ]; then
	say "This host has only loopback addresses, for which no port is opened."
	address=127.0.0.1
fi

say "Logging in to $address (exit ends the session)"
if [ -n "$script" ]; then
	sh scripts/login.sh "$server" "$address" "$portguard" list
else
	# shellcheck disable=SC2016  # the session's shell expands it
	sh scripts/login.sh "$server" "$address" sh -c '"$1" list; exec "${SHELL:-/bin/sh}" -l' sh "$portguard" ||
		say "The login failed."
fi

user=${SUDO_USER:-$(id -un)}
cat <<END
A host's traffic to itself passes no firewall. From another machine, log in with one of
  mosh $user@$address
  mosh --server='$server' $user@$address
END
if [ -z "$log" ]; then
	echo "The log of a guard that is not a systemd service cannot be shown here."
	exit 0
fi
if [ -z "$script" ]; then
	say "What the guard opens and closes, until Ctrl-C:"
	tail --lines +1 --follow --pid "${guard:-$$}" "$log" | sh scripts/narrate.sh
	exit 0
fi
for _ in $(seq 100); do
	if ! grep -q port.opened "$log" || grep -q port.closed "$log"; then break; fi
	sleep 0.1
done
say "What the guard opened and closed:"
sh scripts/narrate.sh <"$log"

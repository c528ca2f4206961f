#!/bin/sh
# One command to a login with the stock mosh client. As root: through a firewall that drops everything but ssh, on a host
# made of throw-away namespaces (demo-host.sh), with the port guard at work. Else, or with --loopback: our server alone, on
# this machine's loopback. Installs what is missing on a fresh Debian with nodejs and npm when run as root.
# Usage: demo.sh [--loopback] [--script] [--built]
#   --script  a short session that ends by itself (so it is without a terminal)
#   --built   take the packages and dist/ as they are
set -eu
cd "$(dirname "$0")/.."

loopback= script= built=
[ -t 0 ] && [ -t 1 ] || script=1
for option; do
	case $option in
	--loopback) loopback=1 ;;
	--script) script=1 ;;
	--built) built=1 ;;
	*)
		echo "Usage: demo.sh [--loopback] [--script] [--built]" >&2
		exit 2
		;;
	esac
done

if [ -z "$built" ]; then
	sh scripts/setup.sh run
	[ -e node_modules/.package-lock.json ] || npm ci --no-audit --no-fund
	npm run --silent build
fi

# The client refuses to run without a UTF-8 locale; C.UTF-8 is always there.
case $(locale charmap 2>/dev/null) in
UTF-8) ;;
*) unset LC_ALL LC_CTYPE && export LANG=C.UTF-8 ;;
esac

# Why the demonstration cannot have a firewall, or nothing.
obstacle() {
	[ "$(id -u)" = 0 ] || { echo "not root" && return; }
	for tool in nft sshd ssh ip unshare mosh; do
		PATH=$PATH:/usr/sbin:/sbin command -v "$tool" >/dev/null || { echo "no $tool here" && return; }
	done
	unshare --net --mount --pid --fork true 2>/dev/null || echo "this machine lets nobody make namespaces"
}

if [ -z "$loopback" ]; then
	obstacle=$(obstacle)
	if [ -z "$obstacle" ]; then
		exec unshare --net --mount --pid --fork --kill-child --propagation private --mount-proc \
			sh scripts/demo-host.sh "$PWD" "$(node -p process.execPath)" $script
	fi
	echo "Without a firewall and a guard ($obstacle): our server on loopback."
fi

colors=$(mosh-client -c) || colors=0
if [ -n "$script" ]; then
	set -- echo "Hello through our mosh-server."
else
	set --
fi
announced=$(bin/mosh-server new -i 127.0.0.1 -c "$colors" ${1:+--} "$@" 2>/dev/null)
port=$(echo "$announced" | sed -n 's/.*MOSH CONNECT \([0-9]*\) .*/\1/p')
MOSH_KEY=$(echo "$announced" | sed -n 's/.*MOSH CONNECT [0-9]* \([^[:space:]]*\).*/\1/p')
export MOSH_KEY
if [ -n "$script" ]; then
	# The client wants a terminal of some size.
	exec script -qec "stty rows 24 cols 80; TERM=xterm mosh-client 127.0.0.1 $port" /dev/null </dev/null
fi
exec mosh-client 127.0.0.1 "$port"

#!/bin/sh
# One command to a login with the stock mosh client. Installs what is missing on a fresh Debian with nodejs and npm when run
# as root, and builds. Then, as root: the port guard with this host's own firewall, and a login that has it open a port
# (start-host.sh). With --demo: between two hosts made of throw-away namespaces, whose firewall drops everything but ssh
# (demo-host.sh). Without root, or with --loopback: our server alone, on this machine's loopback.
# Usage: start.sh [--demo | --loopback] [--script] [--built]
#   --script  a short session that ends by itself (so it is without a terminal)
#   --built   take the packages and dist/ as they are
set -eu
cd "$(dirname "$0")/.."
PATH=$PATH:/usr/sbin:/sbin
# The guard believes no program that others than root could write to.
umask 022

mode=host script='' built=''
[ -t 0 ] && [ -t 1 ] || script=1
for option; do
	case $option in
	--demo) mode=demo ;;
	--loopback) mode=loopback ;;
	--script) script=1 ;;
	--built) built=1 ;;
	*)
		echo "Usage: npm start -- [--demo | --loopback] [--script] [--built]" >&2
		exit 2
		;;
	esac
done

if [ -z "$built" ]; then
	case $mode in
	demo) sh scripts/setup.sh demo ;;
	*) sh scripts/setup.sh run ;;
	esac
	[ -e node_modules/.package-lock.json ] || npm ci --no-audit --no-fund
	npm run --silent build
fi

# The client refuses to run without a UTF-8 locale; C.UTF-8 is always there.
case $(locale charmap 2>/dev/null) in
UTF-8) ;;
*) unset LC_ALL LC_CTYPE && export LANG=C.UTF-8 ;;
esac

# Why there can be no guard here, or nothing.
obstacle() {
	[ "$(id -u)" = 0 ] || { echo "not root" && return; }
	tools='ip mosh'
	[ "$mode" = host ] || tools="$tools nft sshd ssh unshare"
	for tool in $tools; do
		command -v "$tool" >/dev/null || { echo "no $tool here" && return; }
	done
	[ "$mode" = host ] || unshare --net --mount --pid --fork true 2>/dev/null ||
		echo "namespaces cannot be created on this machine"
}

if [ "$mode" != loopback ]; then
	obstacle=$(obstacle)
	case $mode:$obstacle in
	host:) exec sh scripts/start-host.sh $script ;;
	demo:)
		exec unshare --net --mount --pid --fork --kill-child --propagation private --mount-proc \
			sh scripts/demo-host.sh "$PWD" "$(node -p process.execPath)" $script
		;;
	esac
	echo "Without a guard ($obstacle): our server alone on loopback, which no firewall filters."
fi
exec sh scripts/login.sh bin/mosh-server 127.0.0.1 ${script:+echo 'Hello through our mosh-server.'}

#!/bin/sh
# Runs tests as on a host that has the product installed and a guard running: /usr/lib/mosh-portguard, the command, the
# configuration and, in /run/mosh-portguard, the sockets of a live guard are there, in mount and network namespaces of their
# own. The machine itself stays as it is. Needs root, nft and a kernel that stacks overlays twice: on a machine whose root is
# an overlay itself, as in most containers, the lab hosts do not start.
# Usage: test-installed.sh [FILE…]   (default: every test there is)
set -eu
cd "$(dirname "$0")/.."

if [ "${TEST_INSTALLED_LAYERS-}" = "" ]; then
	[ -e dist/node-path ] || npm run --silent build
	TEST_INSTALLED_LAYERS=$(mktemp -d)
	export TEST_INSTALLED_LAYERS
	code=0
	unshare --net --mount --propagation private sh scripts/test-installed.sh "$@" || code=$?
	rmdir "$TEST_INSTALLED_LAYERS"
	exit "$code"
fi

layers=$TEST_INSTALLED_LAYERS
unset TEST_INSTALLED_LAYERS
mount -t tmpfs -o mode=755 tmpfs "$layers"
# A copy, since each lab host has an overlay over it.
cp -a /etc "$layers/etc"
mount --bind "$layers/etc" /etc
for tree in usr/lib usr/bin run; do
	mkdir -p "$layers/up/$tree" "$layers/scratch/$tree"
	mount -t overlay overlay -o "lowerdir=/$tree,upperdir=$layers/up/$tree,workdir=$layers/scratch/$tree" "/$tree"
done

library=/usr/lib/mosh-portguard
rm -rf "$library" /run/mosh-portguard*
mkdir -p "$library" /etc/mosh-portguard
cp -r bin dist hooks shim "$library/"
for hook in login-hook supervise watchdog; do ln -s "hooks/$hook" "$library/$hook"; done
ln -sf "$library/bin/mosh-portguard" /usr/bin/mosh-portguard
cp config/mosh-portguard.toml /etc/mosh-portguard/config.toml
cp sudoers.d/mosh-portguard-hook /etc/sudoers.d/ 2>/dev/null || :
chown -R root:root "$library" /etc/mosh-portguard
chmod -R go+rX,go-w "$library" /etc/mosh-portguard

# Addresses beside loopback's, without which names are not looked up as on a host that is connected.
ip link set lo up
ip link add eth0 type veth peer name eth1
ip addr add 192.0.2.1/24 dev eth0
ip addr add 2001:db8::1/64 dev eth0 nodad
ip link set eth0 up
ip link set eth1 up
nft -f scripts/demo.nft
"$library/bin/guard" daemon >"$layers/guard.log" &
guard=$!
session=''
trap 'kill "$guard" $session; wait "$guard" || :' EXIT
until grep -q guard.started "$layers/guard.log"; do
	kill -0 "$guard" 2>/dev/null || { cat "$layers/guard.log" >&2 && exit 1; }
	sleep 0.1
done
announced=$(mosh-server new -i 192.0.2.1 -- sleep 86400 2>&1)
session=$(echo "$announced" | sed -n 's/.*pid = \([0-9]*\).*/\1/p')
mosh-portguard status

code=0
sh scripts/test.sh "$@" || code=$?
# No test may end the guard of the host, nor change what it has.
mosh-portguard status >"$layers/status" || { echo "the host's guard does not answer any more" >&2 && code=1; }
kill -0 "$guard" 2>/dev/null || { echo "the host's guard has ended" >&2 && code=1; }
exit "$code"

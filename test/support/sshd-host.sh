#!/bin/sh
# A host with users of its own, as far as sshd can tell: run as root by `unshare --mount`, so that nothing here
# is seen outside. /etc and /run are private, homes live in memory, and the checkout under test is readable by all.
# Usage: sshd-host.sh FOLDER CHECKOUT NODE   (FOLDER holds sshd_config, host_key, authorized_keys)
set -eu
folder=$1 checkout=$2 node=$3
inside=$folder/inside

mount -t tmpfs -o mode=755 tmpfs "$inside"
cp -a /etc "$inside/etc"
# Tests do not depend on whether this product is installed here.
rm -rf "$inside/etc/mosh-portguard"
mkdir "$inside/home" "$inside/checkout" "$inside/bin"
mount --rbind "$checkout" "$inside/checkout"
touch "$inside/bin/node"
mount --bind "$node" "$inside/bin/node"
mount --bind "$inside/etc" /etc
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -m 755 /run/sshd
install -m 664 -g utmp /dev/null /run/utmp

echo 'Welcome to the test host' >/etc/motd
# Not "!": sshd takes that for a locked account.
useradd --password '*' --create-home --home-dir "$inside/home/walker" --shell /bin/bash walker
useradd --password '*' --no-create-home --home-dir "$inside/home/none" --shell /bin/bash homeless
# The prompt for everybody, since homeless has nowhere to keep one.
echo "PS1='e2e\$ '" >>/etc/profile
echo "PS1='e2e\$ '" >"$inside/home/walker/.bash_profile"

exec /usr/sbin/sshd -D -e -f "$folder/sshd_config"

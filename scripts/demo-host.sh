#!/bin/sh
# The demonstration's host. Runs as process 1 of new network, mount and process namespaces: nothing here touches the
# machine's network, firewall or files, and everything ends with this script.
# Usage: demo-host.sh CHECKOUT NODE [SCRIPT]   SCRIPT, not empty: a short session that ends by itself
set -eu
checkout=$1 node=$2 script=${3-}
PATH=$PATH:/usr/sbin:/sbin
server=10.77.0.1 client=10.77.0.2
demo=/run/demo
installed=$demo/mosh-portguard

say() { printf '\033[1m%s\033[0m\n' "$*"; }

# Copies of its own of what the demonstration writes to.
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p "$demo/home" "$installed/dist" /run/sshd /run/lock
cp -a /etc "$demo/etc"
mount --bind "$demo/etc" /etc
mount -t tmpfs tmpfs /var/log
install -m 664 -g utmp /dev/null /run/utmp

# Installed as a package would: root's, so that the guard believes it, and readable by all.
cp -r "$checkout/bin" "$installed/"
cp "$checkout"/dist/* "$installed/dist/"
cp "$node" "$installed/node"
chown -R root:root "$installed"
chmod -R go+rX,go-w "$installed"
echo "$installed/node" >"$installed/dist/node-path"

useradd --password '*' --create-home --home-dir "$demo/home/you" --shell /bin/bash you
touch "$demo/home/you/.hushlogin"
cat >"$demo/home/you/.bash_profile" <<END
PATH=$demo/bin:\$PATH PS1='you@demo\\\$ '
echo 'You are logged in through our mosh-server. Try: mosh-portguard status. To end: exit.'
END
mkdir "$demo/bin"
printf '#!/bin/sh\nexec %s %s "$@"\n' "$installed/node" "$installed/dist/mosh-portguard.mjs" >"$demo/bin/mosh-portguard"
chmod 755 "$demo/bin/mosh-portguard"

# Another host to log in from.
ip link set lo up
ip netns add client
ip link add eth0 type veth peer name eth0 netns client
ip addr add "$server/24" dev eth0
ip link set eth0 up
ip -n client addr add "$client/24" dev eth0
ip -n client link set eth0 up
ip -n client link set lo up

nft -f - <<END
table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		iif lo accept
		ct state established,related accept
		tcp dport 22 accept
	}
}
END

for key in host_key user_key; do ssh-keygen -q -t ed25519 -N '' -C '' -f "$demo/$key"; done
cp "$demo/user_key.pub" "$demo/authorized_keys"
cat >"$demo/sshd_config" <<END
ListenAddress $server
HostKey $demo/host_key
AuthorizedKeysFile $demo/authorized_keys
PidFile none
UsePAM no
UseDNS no
END
cat >"$demo/ssh_config" <<END
Host *
HostKeyAlias demo
UserKnownHostsFile $demo/known_hosts
IdentityFile $demo/user_key
IdentitiesOnly yes
LogLevel ERROR
END
echo "demo $(cat "$demo/host_key.pub")" >"$demo/known_hosts"
/usr/sbin/sshd -f "$demo/sshd_config" -E "$demo/sshd.log"

"$demo/bin/mosh-portguard" daemon >"$demo/guard.log" 2>&1 &
guard=$!
until grep -q guard.started "$demo/guard.log"; do
	kill -0 "$guard" 2>/dev/null || { cat "$demo/guard.log" >&2 && exit 1; }
	sleep 0.1
done

say "A host with nftables that drops everything but ssh, and the port guard:"
nft list chain inet filter input
"$demo/bin/mosh-portguard" status
say "Logging in from another host: mosh you@$server"

login="ip netns exec client mosh --ssh='ssh -F $demo/ssh_config' --server=$installed/bin/mosh-server you@$server"
if [ -n "$script" ]; then
	# The client wants a terminal of some size.
	TERM=xterm script -qec "stty rows 24 cols 100; $login -- $demo/bin/mosh-portguard status" /dev/null </dev/null || status=$?
else
	eval "$login" || status=$?
fi

# A session that was left without logging out goes on, and its port stays open.
for _ in $(seq 50); do
	"$demo/bin/mosh-portguard" list | grep -q ' open ' || break
	sleep 0.1
done
say "What the guard opened and closed:"
sed -n 's/.*"time":"\([^"]*\)","event":"port\.\(opened\|closed\)","family":"[^"]*","address":"\([^"]*\)","port":\([0-9]*\).*/\1  \2  \3 UDP port \4/p' \
	"$demo/guard.log"
exit "${status:-0}"

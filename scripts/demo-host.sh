#!/bin/sh
# The demonstration's host: a login through its firewall, and probes that its port was open for as long and no longer. Runs
# as process 1 of new network, mount and process namespaces: nothing here touches the machine's network, firewall or files,
# and everything ends with this script.
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
cp -r "$checkout/bin" "$checkout/hooks" "$installed/"
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
printf '#!/bin/sh\nexec %s "--inspect-port=[ff02::1]:9229" %s "$@"\n' "$installed/node" "$installed/dist/mosh-portguard.mjs" >"$demo/bin/mosh-portguard"
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

nft -f "$checkout/scripts/demo.nft"

# Counts what comes for mosh, before and after every rule: what did not pass was dropped. The probe is known by its length.
nft -f - <<END
table inet census {
	counter arrived { }
	counter passed { }
	chain before { type filter hook prerouting priority -500; udp dport 60001 udp length 13 counter name arrived; }
	chain behind { type filter hook input priority 500; udp dport 60001 udp length 13 counter name passed; }
}
END
packets() { nft list counter inet census "$1" | sed -n 's/.*packets \([0-9]*\).*/\1/p'; }
# Sends a datagram from the other host, by a flow of its own, and says what became of it.
probe() {
	arrived=$(packets arrived) passed=$(packets passed)
	ip netns exec client bash -c "printf probe >/dev/udp/$server/60001"
	until [ "$(packets arrived)" -gt "$arrived" ]; do sleep 0.1; done
	if [ "$(packets passed)" -gt "$passed" ]; then echo passed; else echo dropped; fi
}

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
before=$(probe)
{
	until grep -q port.opened "$demo/guard.log"; do sleep 0.1; done
	probe >"$demo/during"
} &

say "Logging in from another host: mosh you@$server"
login="ip netns exec client mosh --ssh='ssh -F $demo/ssh_config' --server=$installed/bin/mosh-server you@$server"
if [ -n "$script" ]; then
	cat >"$demo/bin/session" <<END
#!/bin/sh
$demo/bin/mosh-portguard status
until [ -s $demo/during ]; do sleep 0.1; done
END
	chmod 755 "$demo/bin/session"
	# The client wants a terminal of some size.
	TERM=xterm script -qec "stty rows 24 cols 100; $login -- $demo/bin/session" /dev/null </dev/null || status=$?
else
	eval "$login" || status=$?
fi

# A session that was left without logging out goes on, and its port stays open.
for _ in $(seq 100); do
	"$demo/bin/mosh-portguard" list | grep -q ' open ' || break
	sleep 0.1
done
say "What the guard opened and closed:"
sh "$checkout/scripts/narrate.sh" <"$demo/guard.log"
say "A datagram from the other host to UDP port 60001:"
echo "before the login: $before, during: $(cat "$demo/during" 2>/dev/null || echo unknown), after: $(probe)"
exit "${status:-0}"

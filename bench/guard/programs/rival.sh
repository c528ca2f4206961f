#!/bin/sh
# What people write instead: open the ports that mosh-server has, close those that it no longer has.
# From its description: lsof, `ufw allow` for each port missing, `ufw delete` for each left over.
PATH=/usr/sbin:/usr/bin:/sbin:/bin
wanted=$(lsof -nP -a -c mosh-server -iUDP -Fn 2>/dev/null | sed -n 's/^n.*:\([0-9]*\)$/\1/p' | sort -u)
opened=$(ufw status | sed -n 's/^\(6[0-9]*\)\/udp  *ALLOW .*# mosh$/\1/p' | sort -u)
for port in $wanted; do
	echo "$opened" | grep -qx "$port" || ufw allow "$port/udp" comment mosh >/dev/null
done
for port in $opened; do
	echo "$wanted" | grep -qx "$port" || ufw delete allow "$port/udp" >/dev/null
done

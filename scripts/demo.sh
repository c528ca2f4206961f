#!/bin/sh
# A login with the stock mosh client on this machine: builds, starts our server on loopback, attaches the client.
# Installs what is missing on a fresh Debian with nodejs and npm when run as root. Leave with `exit`.
set -eu
cd "$(dirname "$0")/.."

missing=
for pair in mosh-client:mosh make:make g++:g++ python3:python3 locale:libc-bin; do
	command -v "${pair%%:*}" >/dev/null || missing="$missing ${pair#*:}"
done
if [ -n "$missing" ]; then
	if [ "$(id -u)" != 0 ]; then
		echo "Missing Debian packages:$missing. Install them, or run this as root." >&2
		exit 1
	fi
	apt-get update -qq
	# shellcheck disable=SC2086 # a list of names
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi
[ -e node_modules/.package-lock.json ] || npm ci --no-audit --no-fund
npm run --silent build

# The client refuses to run without a UTF-8 locale; C.UTF-8 is always there.
case $(locale charmap 2>/dev/null) in
UTF-8) ;;
*) unset LC_ALL LC_CTYPE && export LANG=C.UTF-8 ;;
esac
colors=$(mosh-client -c) || colors=0
announced=$(bin/mosh-server new -i 127.0.0.1 -c "$colors" 2>/dev/null)
port=$(echo "$announced" | sed -n 's/.*MOSH CONNECT \([0-9]*\) .*/\1/p')
key=$(echo "$announced" | sed -n 's/.*MOSH CONNECT [0-9]* \([^[:space:]]*\).*/\1/p')
MOSH_KEY=$key exec mosh-client 127.0.0.1 "$port"

#!/bin/sh
# Makes sure of the Debian packages that building and testing use: installs those missing when root, names them
# otherwise. Nothing it installs is left running or enabled: a firewall or sshd this machine did not have before
# must not start because of a test run.
# Usage: setup.sh [run|demo|test|record]   run: what a login needs; demo: and one between two hosts; test (default): everything
# that tests use; record: and what scripts/record-programs.ts records
set -eu

run_packages='mosh make g++ python3 procps iproute2 util-linux'
demo_packages='openssh-server openssh-client nftables'
test_packages='tmux vim nano less htop locales
	iptables ufw firewalld dbus conntrack sudo lintian rpm mandoc zsh fish runit libutempter0'
# Packages for the other architecture are compiled by these.
case $(dpkg --print-architecture 2>/dev/null) in
amd64) test_packages="$test_packages gcc-aarch64-linux-gnu g++-aarch64-linux-gnu" ;;
arm64) test_packages="$test_packages gcc-x86-64-linux-gnu g++-x86-64-linux-gnu" ;;
esac
record_packages='neovim kakoune emacs-nox mc'
case ${1:-test} in
run) packages=$run_packages ;;
demo) packages="$run_packages $demo_packages" ;;
record) packages="$run_packages $demo_packages $test_packages $record_packages" ;;
*) packages="$run_packages $demo_packages $test_packages" ;;
esac

if ! command -v dpkg-query >/dev/null; then
	echo "setup: not a Debian system; steps and tests whose programs are missing are skipped" >&2
	exit 0
fi

missing=
for package in $packages; do
	case $(dpkg-query --show --showformat '${db:Status-Abbrev}' "$package" 2>/dev/null) in
	ii*) ;;
	*) missing="$missing $package" ;;
	esac
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
	echo "setup: missing packages (root could install them):$missing" >&2
	echo "setup: steps and tests that need them are skipped" >&2
	exit 0
fi

echo "setup: installing$missing"
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
	# Debian's own way to say: install daemons, but do not start them.
	trap 'rm -f "$policy"' EXIT
	trap 'exit 130' INT TERM
	printf '#!/bin/sh\nexit 101\n' >"$policy"
	chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086  # a list of words
apt-get install -y -qq --no-install-recommends $missing

command -v systemctl >/dev/null || exit 0
for service in openssh-server:ssh firewalld:firewalld ufw:ufw nftables:nftables; do
	case " $missing " in
	*" ${service%%:*} "*) systemctl disable --quiet "${service#*:}" 2>/dev/null || true ;;
	esac
done

#!/bin/sh
# Everything that shows the project works: packages, lint, types, build, and every test. Ends with node's counts.
# Usage: test.sh [FILE…]   (default: every test there is)
set -eu
cd "$(dirname "$0")/.."

sh scripts/setup.sh

# True when everything the lockfile asks for is there in its version. npm keeps its own record of what it installed.
installed() {
	node --input-type=commonjs --eval '
		const wanted = require("./package-lock.json").packages;
		const present = require("./node_modules/.package-lock.json").packages;
		const fits = ([path, { version, optional }]) =>
			path === "" || optional === true || present[path]?.version === version;
		process.exitCode = Object.entries(wanted).every(fits) ? 0 : 1;
	' 2>/dev/null
}
installed || npm ci --no-audit --no-fund

npm run --silent lint
npm run --silent typecheck
npm run --silent build

# What is counted comes from node, in its machine-readable form.
counts=$(mktemp -d)
trap 'rm -rf "$counts"' EXIT
failed=0

# $1: a name; $2: how many files at once; the rest: the files. No file name has blanks in it.
run() {
	name=$1 at_once=$2
	shift 2
	[ $# -gt 0 ] || return 0
	node_modules/.bin/tsx --test --test-concurrency="$at_once" \
		--test-reporter=spec --test-reporter-destination=stdout \
		--test-reporter=tap --test-reporter-destination="$counts/$name" "$@" || failed=1
}

# $1: a folder of test/, or a file there
files() { find "test/$1" -name '*.test.ts' | LC_ALL=C sort; }

if [ $# -gt 0 ]; then
	run chosen 1 "$@"
else
	# Most files wait more than they work, so a few more run at once than there are processors. What takes longest comes
	# first, so that no long file is left for the end.
	long='packaging cli e2e firewall'
	short=$(find test -mindepth 1 -maxdepth 1 | sed 's,^test/,,' | grep -vxE "$(echo "$long" | tr ' ' '|')|acceptance|attacks|latency" | LC_ALL=C sort)
	# shellcheck disable=SC2046
	run small $(($(nproc) + 2)) $(for folder in $long $short; do files "$folder"; done)
	# The whole product on hosts of its own, each of which runs dozens of programs: fewer at once.
	# shellcheck disable=SC2046
	run whole "$(nproc)" $(for folder in attacks acceptance latency; do files "$folder"; done)
fi

# What failed, once more at the end, where it is looked for; a suite that only holds a failure says nothing new.
awk '/^ *not ok / { inside = 1; block = "" }
	inside { block = block $0 "\n" }
	inside && /^ *\.\.\.$/ { inside = 0; if (block !~ /subtestsFailed/) printf "\n%s", block }' "$counts"/*

awk '/^# pass / { pass += $3 } /^# fail / { fail += $3 } /^# skipped / { skip += $3 }
	END { printf "\ntotal: %d passed, %d failed, %d skipped\n", pass, fail, skip }' "$counts"/*
exit "$failed"

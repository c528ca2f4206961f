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

# $1: how many files at once; the rest: the files. No file name has blanks in it.
run() {
	at_once=$1
	shift
	[ $# -gt 0 ] || return 0
	node_modules/.bin/tsx --test --test-concurrency="$at_once" \
		--test-reporter=spec --test-reporter-destination=stdout \
		--test-reporter=tap --test-reporter-destination="$counts/$at_once" "$@" || failed=1
}

if [ $# -gt 0 ]; then
	run 1 "$@"
else
	# Most files wait more than they work, so a few more run at once than there are processors.
	# shellcheck disable=SC2046
	run $(($(nproc) + 2)) $(find test -name '*.test.ts' ! -path 'test/latency/*' ! -path 'test/acceptance/*' ! -path 'test/attacks/*' | LC_ALL=C sort)
	# These ask how soon something happens on a host of their own, and must not wait for other tests.
	# shellcheck disable=SC2046
	run 1 $(find test/latency test/acceptance test/attacks -name '*.test.ts' | LC_ALL=C sort)
fi

# What failed, once more at the end, where it is looked for; a suite that only holds a failure says nothing new.
awk '/^ *not ok / { inside = 1; block = "" }
	inside { block = block $0 "\n" }
	inside && /^ *\.\.\.$/ { inside = 0; if (block !~ /subtestsFailed/) printf "\n%s", block }' "$counts"/*

awk '/^# pass / { pass += $3 } /^# fail / { fail += $3 } /^# skipped / { skip += $3 }
	END { printf "\ntotal: %d passed, %d failed, %d skipped\n", pass, fail, skip }' "$counts"/*
exit "$failed"

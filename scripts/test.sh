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
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/counts"
failed=0

# $1: a name; $2: how many files at once; the rest: the files. No file name has blanks in it. Node sorts them by name.
run() {
	counts=$work/counts/$1 at_once=$2
	shift 2
	node_modules/.bin/tsx --test --test-concurrency="$at_once" \
		--test-reporter=spec --test-reporter-destination=stdout \
		--test-reporter=tap --test-reporter-destination="$counts" "$@"
}

# The test files in these folders of test/.
files() {
	for folder; do find "test/$folder" -name '*.test.ts'; done
}

if [ $# -gt 0 ]; then
	run chosen 1 "$@" || failed=1
else
	beside='packaging scripts documents'
	whole='acceptance attacks latency'
	rest=$(find test -mindepth 1 -maxdepth 1 | sed 's,^test/,,' | grep -vxE "$(echo $beside $whole | tr ' ' '|')")
	# The packages take longest and would come last: they are built beside the rest. Most files wait more than they work, so a
	# few more run at once than there are processors.
	# shellcheck disable=SC2046,SC2086
	run beside 1 $(files $beside) >"$work/beside" 2>&1 &
	# shellcheck disable=SC2046,SC2086
	run rest $(($(nproc) + 1)) $(files $rest) || failed=1
	wait $! || failed=1
	cat "$work/beside"
	# The whole product on hosts of its own, each of which runs dozens of programs: fewer at once.
	# shellcheck disable=SC2046,SC2086
	run whole "$(nproc)" $(files $whole) || failed=1
fi

# What failed, once more at the end, where it is looked for; a suite that only holds a failure says nothing new.
awk '/^ *not ok / { inside = 1; block = "" }
	inside { block = block $0 "\n" }
	inside && /^ *\.\.\.$/ { inside = 0; if (block !~ /subtestsFailed/) printf "\n%s", block }' "$work/counts"/*

awk '/^# pass / { pass += $3 } /^# fail / { fail += $3 } /^# skipped / { skip += $3 }
	END { printf "\ntotal: %d passed, %d failed, %d skipped\n", pass, fail, skip }' "$work/counts"/*
exit "$failed"

#!/bin/sh
# Everything that shows the project works: packages, lint, types, build, and every test. Ends with node's counts.
# Usage: test.sh [FILE…]   (default: every test there is)
# TEST_EXTENT=full repeats more often what is tried at random moments, and tries every row of long tables.
set -eu
cd "$(dirname "$0")/.."

# The system's own programs first: what a version manager puts before them starts half a dozen shells for each call.
PATH=$(dirname "$(command -v node || echo /usr/bin/node)"):/usr/sbin:/usr/bin:/sbin:/bin:$PATH
export PATH

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

# What a test file has that needs a process of its own: programs, waits, a time or an environment that it sets; terminals of
# xterm.js as they come, of which we patch the classes; and what stands outside its suites (hooks, something awaited), which
# would be in force for every file beside it.
own_process='support/(lacking|requirements|exact-start|processes|mocked|fake-timers|wait|counted-work)|@xterm|lab/|node:child_process|execa'
own_process="$own_process"'|setTimeout|mock\.|process\.(env|chdir)|^(before|after)(Each)?\(|^await |^const .* = await '

# The files of each folder of test/, where those that only compute are one file that imports them: starting a process takes
# longer than most of them.
together() {
	for folder; do
		files "$folder" >"$work/files"
		xargs -r grep -lE "$own_process" /dev/null <"$work/files" || true
		xargs -r grep -LE "$own_process" <"$work/files" >"$work/computing" || true
		if [ -s "$work/computing" ]; then
			sed "s,.*,import \"$PWD/&\";," "$work/computing" >"$work/$folder.test.mts"
			echo "$work/$folder.test.mts"
		fi
	done
}

if [ $# -gt 0 ]; then
	run chosen 1 "$@" || failed=1
else
	beside='packaging scripts documents'
	whole='acceptance attacks latency'
	rest=$(find test -mindepth 1 -maxdepth 1 | sed 's,^test/,,' | grep -vxE "$(echo $beside $whole | tr ' ' '|')")
	# The packages take longest and would come last: they are built beside the rest. As many files more run at once as there are
	# processors: with more, what has a deadline misses it.
	# shellcheck disable=SC2046,SC2086
	run beside 1 $(files $beside) >"$work/beside" 2>&1 &
	# shellcheck disable=SC2046,SC2086
	run rest "$(nproc)" $(together $rest) || failed=1
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

[ "${TEST_EXTENT-}" = full ] || printf '\nTEST_EXTENT=full tries more moments, sessions and rows.\n'
awk '/^# pass / { pass += $3 } /^# fail / { fail += $3 } /^# skipped / { skip += $3 }
	END { printf "\ntotal: %d passed, %d failed, %d skipped\n", pass, fail, skip }' "$work/counts"/*
exit "$failed"

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

if [ $# = 0 ]; then
	# No file name has blanks in it.
	# shellcheck disable=SC2046
	set -- $(find test -name '*.test.ts' | LC_ALL=C sort)
fi

# Most end-to-end files wait more than they work, so a few more run at once than there are processors.
concurrency=$(($(nproc) + 2))
exec node_modules/.bin/tsx --test --test-reporter=spec --test-concurrency="$concurrency" "$@"

/** The launchers as the packages install them: bin/ of the project, with the paths of an installed host. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./project.js";

export const LIBRARY = "/usr/lib/mosh-portguard";

/** From where the checkout's launcher looks for its files to where it knows them. */
const SEARCH = /^self=\$0\n[\s\S]*?(?=^if ! \{ read -r node)/m;
const READ_AND_START = /^if ! \{ read -r node[\s\S]*?^fi\n\[ -x "\$node" \].*\n/m;
const STARTS = /^# No status means that node refused[\s\S]*?^fi\n/m;

/** Runs the single executable: no Node to find, no snapshot that could not fit. */
export function singleServerLauncher(): string {
	const text = replaced(replaced(checkoutLauncher(), SEARCH, ""), READ_AND_START, "");
	return replaced(text, STARTS, `start ${LIBRARY}/mosh-server "$core" "$@"\n`).replace(
		'setsid "$node" "$@"',
		'setsid "$@"',
	);
}

/** Runs the distribution's Node. */
export function nodeServerLauncher(): string {
	const text = replaced(checkoutLauncher(), SEARCH, `dist=${LIBRARY}\n\n`);
	// Node 18 cannot make a snapshot of the server; to find that out costs a start of node.
	return replaced(
		text,
		/^start --snapshot-blob/m,
		'[ ! -f "$dist/mosh-server.blob" ] || start --snapshot-blob',
	);
}

export function nodeCommandLauncher(): string {
	const text = readFileSync(join(root, "bin/mosh-portguard"), "utf8");
	const start = /^self=\$\(readlink[\s\S]*?^exec .*\n/m;
	const options = /^exec "\$node" (.*)"\$\{self/m.exec(text)?.[1] ?? "";
	return replaced(text, start, `exec /usr/bin/node ${options}${LIBRARY}/mosh-portguard.cjs "$@"\n`);
}

function checkoutLauncher(): string {
	return readFileSync(join(root, "bin/mosh-server"), "utf8");
}

/** A launcher that has changed so that a part is not found any more must not be shipped half replaced. */
function replaced(text: string, part: RegExp, by: string): string {
	if (!part.test(text)) throw new Error(`bin/ has changed: nothing there matches ${part}`);
	return text.replace(part, by);
}

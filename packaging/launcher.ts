/** The launchers as the packages install them: bin/ of the project, with the paths of an installed host. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./project.js";

export const LIBRARY = "/usr/lib/mosh-portguard";

/** Where the checkout's launchers look for their files and for Node. */
const SERVER_SEARCH = /^self=\$0\n[\s\S]*?^\[ -x "\$node" \].*\n/m;
const COMMAND_SEARCH = /^self=\$\(readlink[\s\S]*?^\}\n/m;

/** Runs the single executable. */
export function singleServerLauncher(): string {
	const start = '"$node" "$dist/mosh-server.cjs"';
	return replaced(replaced(serverLauncher(), SERVER_SEARCH, ""), start, `${LIBRARY}/mosh-server`);
}

/** Runs the distribution's Node. The guard knows the server by its absolute path. */
export function nodeServerLauncher(): string {
	return replaced(serverLauncher(), SERVER_SEARCH, `node=/usr/bin/node\ndist=${LIBRARY}\n`);
}

export function nodeCommandLauncher(): string {
	const text = readFileSync(join(root, "bin/mosh-portguard"), "utf8");
	const file = /"\$\{self%[^"]*"/;
	return replaced(
		replaced(text, COMMAND_SEARCH, "node=/usr/bin/node\n"),
		file,
		`${LIBRARY}/mosh-portguard.cjs`,
	);
}

function serverLauncher(): string {
	return readFileSync(join(root, "bin/mosh-server"), "utf8");
}

/** A launcher that has changed so that a part is not found any more must not be shipped half replaced. */
function replaced(text: string, part: RegExp | string, by: string): string {
	const found = text.replace(part, () => by);
	if (found === text) throw new Error(`bin/ has changed: nothing there matches ${part}`);
	return found;
}

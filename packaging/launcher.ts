/** The launchers as the packages install them: bin/ of the project, with the paths of an installed host. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./project.js";

export const LIBRARY = "/usr/lib/mosh-portguard";
const BOUNDARY = `${LIBRARY}/boundary`;

/** Where the checkout's launchers look for their files and for Node. */
const SERVER_SEARCH = /^self=\$0\n[\s\S]*?^\[ -x "\$node" \].*\n/m;
const GUARD_SEARCH = /^self=\$\(readlink[\s\S]*?^\}\n/m;
const COMMAND_SEARCH = /^self=\$\([\s\S]*?^guard=.*\n/m;
/** What Node is told about its inspector and its threads; the single executable holds it in itself. */
const SERVER_OPTIONS = / \$\{never:\+"\$never"\} '--inspect-port=[^']*' --v8-pool-size=\d+/;
const SERVER_REASON = /^\t# Should Node still want an inspector.*\n(?:\t#.*\n)+/m;
const GUARD_START = /^# Node that can do so never[\s\S]*?^set -- .*\n/m;

/** Runs the single executable. */
export function singleServerLauncher(): string {
	const start = '"$dist/boundary" server "$node" "$dist/mosh-server.cjs"';
	const bare = replaced(replaced(serverLauncher(), SERVER_SEARCH, ""), SERVER_OPTIONS, "");
	const started = replaced(bare, start, `${BOUNDARY} server ${LIBRARY}/mosh-server`);
	return replaced(replaced(started, SERVER_REASON, ""), '"$dist/boundary" restore', `${BOUNDARY} restore`);
}

/** Runs the distribution's Node. The guard knows the server by its absolute path. */
export function nodeServerLauncher(): string {
	const text = replaced(serverLauncher(), SERVER_SEARCH, `node=/usr/bin/node\ndist=${LIBRARY}\n`);
	// Not asked at every login: which version this is may change with any update of the host.
	return replaced(text, / \$\{never:\+"\$never"\}/, "");
}

/** The same in both packages: it knows no Node. */
export function commandLauncher(): string {
	const found = `guard=${LIBRARY}/guard hook=${LIBRARY}/login-hook\n`;
	return replaced(program("mosh-portguard"), COMMAND_SEARCH, found);
}

/** Runs the single executable. */
export function singleGuardLauncher(): string {
	const text = replaced(program("guard"), GUARD_SEARCH, `boundary=${BOUNDARY}\n`);
	return replaced(text, GUARD_START, `set -- ${LIBRARY}/mosh-portguard "$@"\n`);
}

/** Runs the distribution's Node. */
export function nodeGuardLauncher(): string {
	const found = `node=/usr/bin/node program=${LIBRARY}/mosh-portguard.cjs boundary=${BOUNDARY}\n`;
	return replaced(program("guard"), GUARD_SEARCH, found);
}

function serverLauncher(): string {
	return program("mosh-server");
}

function program(name: string): string {
	return readFileSync(join(root, "bin", name), "utf8");
}

/** A launcher that has changed so that a part is not found any more must not be shipped half replaced. */
function replaced(text: string, part: RegExp | string, by: string): string {
	const found = text.replace(part, () => by);
	if (found === text) {
		throw new Error(`bin/ has changed: nothing there matches ${part}`);
	}
	return found;
}

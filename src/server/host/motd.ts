/** The message of the day, shown before the login shell starts (protocol §6.4). */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { bytesOf } from "./byte-text.js";

const DYNAMIC = ["/run/motd.dynamic", "/var/run/motd.dynamic"];
const STATIC = "/etc/motd";

/** The files, as a parameter for tests. */
export interface MotdSources {
	/** The first readable one is shown. */
	readonly dynamic: readonly string[];
	readonly static: string;
}

/** Both messages as bytes for a terminal; undefined if the user has a `.hushlogin`. */
export function messageOfTheDay(
	home: string,
	sources: MotdSources = { dynamic: DYNAMIC, static: STATIC },
): Uint8Array | undefined {
	if (existsSync(bytesOf(join(home, ".hushlogin")))) {
		return undefined;
	}
	const dynamic = sources.dynamic.map(contents).find((text) => text !== undefined);
	return forTerminal(
		Buffer.concat([dynamic ?? Buffer.alloc(0), contents(sources.static) ?? Buffer.alloc(0)]),
	);
}

/** Line feeds as CR LF, as a tty in its usual mode outputs them. */
export function forTerminal(text: Uint8Array): Uint8Array {
	return Buffer.from(Buffer.from(text).toString("latin1").replaceAll(/\r?\n/g, "\r\n"), "latin1");
}

function contents(path: string): Buffer | undefined {
	try {
		return readFileSync(path);
	} catch {
		return undefined;
	}
}

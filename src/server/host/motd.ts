/** What a login shows before the shell speaks: the message of the day (protocol §6.4). */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { bytesOf } from "./byte-text.js";

const DYNAMIC = ["/run/motd.dynamic", "/var/run/motd.dynamic"];
const STATIC = "/etc/motd";

/** Where the files are; tests point it elsewhere. */
export interface MotdSources {
	/** The first that can be read is shown. */
	readonly dynamic: readonly string[];
	readonly static: string;
}

/** Both messages as bytes for a terminal, or undefined when the user keeps a `.hushlogin`. */
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

/** What a tty in its usual mode does on output: a line feed also returns the carriage. */
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

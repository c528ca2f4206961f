/** Which executables the configuration lists, by path or by pattern. Pure. */

import { dirname } from "node:path";
import { GROUP_OR_OTHER_WRITABLE, onlyRootWrites } from "../../system/ownership.js";
import type { Executable } from "../kernel/processes.js";
import type { Trust } from "./trust.js";

/** What a search needs to know about a path: whether a process that runs it is looked into. */
export interface PathTest {
	has(path: string): boolean;
}

const FILE_TYPE = 0o170000;
const FOLDER = 0o040000;
/** In such a folder nobody renames or removes what is another's. */
const STICKY = 0o1000;

export class TrustedPaths implements PathTest {
	readonly #executables: ReadonlySet<string>;
	readonly #patterns: readonly RegExp[];
	readonly #interpreters: ReadonlySet<string>;

	constructor({ executables, scripts }: Trust) {
		this.#executables = new Set(executables.filter((path) => !isPattern(path)));
		this.#patterns = executables.filter(isPattern).map(expressionOf);
		this.#interpreters = new Set(scripts.map(({ interpreter }) => interpreter));
	}

	/** Every path that a holder may run. */
	has(path: string): boolean {
		return this.#interpreters.has(path) || this.lists(path) !== undefined;
	}

	/** How `servers.executables` lists the path. */
	lists(path: string): "path" | "pattern" | undefined {
		if (this.#executables.has(path)) {
			return "path";
		}
		return this.#patterns.some((pattern) => pattern.test(path)) ? "pattern" : undefined;
	}
}

/** The same trust is asked about at every scan. */
const known = new WeakMap<Trust, TrustedPaths>();

export function trustedPaths(trust: Trust): TrustedPaths {
	let paths = known.get(trust);
	if (paths === undefined) {
		paths = new TrustedPaths(trust);
		known.set(trust, paths);
	}
	return paths;
}

export function isPattern(path: string): boolean {
	return path.includes("*");
}

/** At most one `*` in a component (the configuration's schema sees to that), so that no path takes long to compare. */
function expressionOf(pattern: string): RegExp {
	const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
	return new RegExp(`^${parts.join("[^/]*")}$`, "su");
}

/**
 * The nearest folder above `path` in which somebody other than root could have put it; undefined when there is none. A path that
 * a pattern lists was named by nobody, so its place must be root's from the top. Higher up a sticky folder is enough, as
 * /nix/store is one: root's own folder in it cannot be exchanged, nor, unlike a file, be a link that somebody else made.
 */
export function folderOfOthers(
	path: string,
	fileAt: (path: string) => Executable | undefined,
): string | undefined {
	for (let folder = dirname(path), nearest = true; ; folder = dirname(folder), nearest = false) {
		const found = fileAt(folder);
		if (found === undefined || !rootsFolder(found, nearest)) {
			return folder;
		}
		if (folder === "/") {
			return undefined;
		}
	}
}

function rootsFolder({ ownerUid: uid, mode }: Executable, nearest: boolean): boolean {
	if ((mode & FILE_TYPE) !== FOLDER) {
		return false;
	}
	if (onlyRootWrites({ uid, mode })) {
		return true;
	}
	return !nearest && uid === 0 && (mode & GROUP_OR_OTHER_WRITABLE) !== 0 && (mode & STICKY) !== 0;
}

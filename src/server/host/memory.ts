/** Gives memory back that a session has needed and needs no more. */

import * as v8 from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * When (ms after a collection) the C library is to give back what is free. First what the collection has freed, which V8 does on
 * other threads. Then what V8 has freed by the collections that it adds itself, 8 s later.
 */
const TRIMS_MS = [500, 12_000];

/**
 * V8 collects new objects when they fill their space by so many percent, by default, and while nothing happens: each page that they
 * have once filled stays, 2 MB in all, and what a client that is only there costs fills one in seconds.
 */
const FULL_WHEN_BUSY = 80;
const FULL_WHEN_CALM = 10;
/** The first Node version that calls this option so. Older ones would complain about it. */
const OPTION_SINCE = 20;

export class Memory {
	readonly #trimModule: string;
	/** Loaded when it is first needed. */
	#trim: (() => void) | undefined;

	/** @param trimModule absolute path of `trim.node` (native/trim.c); without it, the C library keeps what it keeps */
	constructor(trimModule: string) {
		this.#trimModule = trimModule;
	}

	/**
	 * Collects all garbage and gives back what is free. Takes some 10 ms. V8 gives back the space for new objects only if little has
	 * been allocated for 5 s.
	 */
	release(): void {
		collect();
		collectNewObjectsAt(FULL_WHEN_CALM);
		this.#trimLater();
	}

	/** There will be more to collect than before. */
	busy(): void {
		collectNewObjectsAt(FULL_WHEN_BUSY);
	}

	/**
	 * `release` for a process that hardly does anything any more, thoroughly. Compiled code goes as well, and is compiled again if it
	 * is needed. Then V8 counts objects of a kind that there is none of: before it counts, it gives back all it can. Counted at once,
	 * the garbage would make the count itself take more. Node before 20.13 cannot count.
	 */
	releaseAll(): void {
		v8.setFlagsFromString("--stress-flush-code");
		this.release();
		if (typeof v8.queryObjects === "function") {
			// That counting is experimental is of no interest to who reads the lines of -v.
			process.removeAllListeners("warning");
			v8.queryObjects(Nobody, { format: "count" });
		}
	}

	#trimLater(): void {
		this.#trim ??= loadTrim(this.#trimModule);
		for (const after of TRIMS_MS) {
			setTimeout(this.#trim, after).unref();
		}
	}
}

class Nobody {}

/** Options on the command line would keep Node from using the compiled code that it brings, which takes 11 ms of a start. */
function collect(): void {
	v8.setFlagsFromString("--expose-gc");
	const gc: unknown = runInNewContext("gc");
	if (typeof gc === "function") {
		// What is new and in use is moved away first, or the space for new objects would stay as large as that.
		gc({ type: "minor" });
		gc();
	}
}

function collectNewObjectsAt(percent: number): void {
	if (Number.parseInt(process.versions.node, 10) >= OPTION_SINCE) {
		v8.setFlagsFromString(`--minor-gc-task-trigger=${percent}`);
	}
}

function loadTrim(path: string): () => void {
	const loaded: { exports: unknown } = { exports: {} };
	try {
		process.dlopen(loaded, path);
	} catch {
		// An installation without it.
	}
	const { exports: trim } = loaded;
	return typeof trim === "function" ? () => trim() : () => {};
}

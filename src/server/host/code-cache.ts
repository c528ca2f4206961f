/**
 * Loads a bundle whose functions have been compiled ahead. V8 compiles what it is about to run for the first time, and a session does
 * nearly everything for the first time while its client waits: 35 of 80 ms of processor time from MOSH CONNECT to the prompt.
 */

import { readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { setFlagsFromString } from "node:v8";
import { Script } from "node:vm";

/** Before V8's data: of which file they are. V8 itself compares its version, its options and the length of the source. */
const HEADER_BYTES = 64;

/** `session.cjs` has `session.cache`. */
function cacheOf(file: string): string {
	return file.replace(/\.cjs$/, ".cache");
}

function headerOf({ size, mtimeMs }: { readonly size: number; readonly mtimeMs: number }): string {
	return `${size} bytes of ${mtimeMs}\n`.padEnd(HEADER_BYTES);
}

function wrapped(source: string): string {
	return `(function (exports, require, module, __filename, __dirname) { ${source}\n});`;
}

export interface Compiled {
	/** Its functions were compiled ahead. */
	readonly isCompiled: boolean;
	/**
	 * What the bundle exports. To be called once.
	 * @param parts what it is given when it requires a path with one of these ends
	 */
	run(parts?: Readonly<Record<string, unknown>>): unknown;
}

/** As `require(file)`, in two steps of some milliseconds each. A cache that is missing, or of another file or Node, is not used. */
export function loadCompiled(file: string): Compiled {
	const cachedData = readCache(file);
	const script = new Script(wrapped(readFileSync(file, "utf8")), {
		filename: file,
		...(cachedData && { cachedData }),
	});
	return {
		isCompiled: script.cachedDataRejected === false,
		run: (parts = {}) => run(script, file, parts),
	};
}

function run(script: Script, file: string, parts: Readonly<Record<string, unknown>>): unknown {
	const module = { exports: {} };
	const requires = createRequire(file);
	const required = (path: string): unknown => {
		const part = Object.keys(parts).find((end) => path.endsWith(end));
		return part === undefined ? requires(path) : parts[part];
	};
	script.runInThisContext()(module.exports, required, module, file, dirname(file));
	return module.exports;
}

function readCache(file: string): Buffer | undefined {
	try {
		const bytes = readFileSync(cacheOf(file));
		const header = headerOf(statSync(file));
		return bytes.toString("latin1", 0, HEADER_BYTES) === header ? bytes.subarray(HEADER_BYTES) : undefined;
	} catch {
		return undefined;
	}
}

/**
 * Compiles a bundle's functions, for the Node and the options that this process has.
 * @param rehearse uses what the bundle exports; then only what has run is compiled. Without, all is.
 * @throws where the cache cannot be written beside it
 */
export function compileAhead(file: string, rehearse?: (exported: unknown) => void): void {
	const header = headerOf(statSync(file));
	const source = wrapped(readFileSync(file, "utf8"));
	let script: Script;
	if (rehearse === undefined) {
		setFlagsFromString("--no-lazy");
		script = new Script(source, { filename: file });
		// As V8's options were: a cache that was made with others is refused.
		setFlagsFromString("--lazy");
	} else {
		script = new Script(source, { filename: file });
		rehearse(run(script, file, {}));
	}
	const cache = cacheOf(file);
	writeFileSync(`${cache}.new`, Buffer.concat([Buffer.from(header), script.createCachedData()]), {
		mode: 0o644,
	});
	renameSync(`${cache}.new`, cache);
}

/** Loads /etc/mosh-portguard/config.toml and config.d/*.toml, in order of their names; later keys replace earlier ones. */

import { lstatSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parse, TomlError } from "smol-toml";
import * as v from "valibot";
import { GROUP_OR_OTHER_WRITABLE } from "../system/ownership.js";
import { ConfigError, type ConfigFault } from "./errors.js";
import { lineOf } from "./locate.js";
import { type Config, type ConfigFile, DEFAULTS, FileSchema } from "./schema.js";

export const CONFIG_FILE = "/etc/mosh-portguard/config.toml";

export interface Loaded {
	readonly config: Config;
	/** The files that were read, in order. */
	readonly files: readonly string[];
}

/** A larger file is a mistake, and the privileged guard must not have to read it. */
const MAX_BYTES = 1024 * 1024;

/**
 * A missing file counts as empty.
 * @param defaults for keys that no file sets
 * @throws ConfigError with every fault of every file
 */
export function loadConfig(file = CONFIG_FILE, defaults: Config = DEFAULTS): Loaded {
	const folder = file.replace(/\.toml$/, ".d");
	const files = [file, ...namesIn(folder).map((name) => join(folder, name))].filter(exists);
	const faults: ConfigFault[] = [];
	const texts = new Map<string, string>();
	const config = structuredClone(defaults);
	for (const path of files) {
		try {
			const text = readSafely(path);
			texts.set(path, text);
			merge(config, parseConfig(path, text));
		} catch (error) {
			if (!(error instanceof ConfigError)) {
				throw error;
			}
			faults.push(...error.faults);
		}
	}
	if (config.ports.first > config.ports.last) {
		const [path, text] = [...texts].reverse().find(([, text]) => lineOf(text, ["ports", "first"])) ?? [
			file,
			"",
		];
		faults.push(
			faultAt(path, text, ["ports", "first"], `must not be greater than ports.last (${config.ports.last})`),
		);
	}
	if (faults.length > 0) {
		throw new ConfigError(faults);
	}
	return { config, files };
}

/** Parses the text of one file. @throws ConfigError */
export function parseConfig(path: string, text: string): ConfigFile {
	let table: unknown;
	try {
		table = parse(text);
	} catch (error) {
		if (!(error instanceof TomlError)) {
			throw error;
		}
		const [sentence = "not TOML"] = error.message.replace(/^Invalid TOML document: /, "").split("\n");
		throw new ConfigError([{ file: path, line: error.line, message: `not valid TOML: ${sentence}` }]);
	}
	const result = v.safeParse(FileSchema, table);
	if (result.success) {
		return result.output;
	}
	throw new ConfigError(result.issues.map((issue) => faultOf(path, text, issue)));
}

function faultOf(path: string, text: string, issue: v.BaseIssue<unknown>): ConfigFault {
	const keys = (issue.path ?? []).map((item) => item.key as string | number);
	// A wrong element is reported for the list, because the message describes what the list may contain.
	if (typeof keys.at(-1) === "number") {
		keys.pop();
	}
	if (issue.type === "strict_object" && issue.expected === "never") {
		const known = Object.keys(knownKeys(keys.slice(0, -1)));
		return faultAt(path, text, keys, `is not a known key; known keys are ${known.join(", ")}`);
	}
	const message = issue.type === "strict_object" ? missingOrTable(issue) : `must be ${issue.message}`;
	return faultAt(path, text, keys, message);
}

function missingOrTable(issue: v.BaseIssue<unknown>): string {
	return issue.received === "undefined" ? "is missing" : "must be a table";
}

function faultAt(file: string, text: string, path: (string | number)[], message: string): ConfigFault {
	const line = lineOf(text, path);
	return { file, ...(line === undefined ? {} : { line }), key: path.join("."), message };
}

/** The keys that are allowed in the table at `path`. */
function knownKeys(path: readonly (string | number)[]): Record<string, unknown> {
	let schema: unknown = FileSchema;
	for (const part of path) {
		const node = unwrap(schema);
		schema = node.entries?.[part] ?? node.item;
	}
	return unwrap(schema).entries ?? {};
}

interface SchemaNode {
	readonly wrapped?: unknown;
	readonly entries?: Record<string, unknown>;
	readonly item?: unknown;
}

function unwrap(schema: unknown): SchemaNode {
	const node = schema as SchemaNode;
	return node.wrapped === undefined ? node : unwrap(node.wrapped);
}

function merge(config: Config, file: ConfigFile): void {
	for (const [table, keys] of Object.entries(file)) {
		const set = Object.entries(keys ?? {}).filter(([, value]) => value !== undefined);
		Object.assign(config[table as keyof Config], Object.fromEntries(set));
	}
}

/** Rejects a file that users other than root can write. @throws ConfigError */
function readSafely(path: string): string {
	try {
		const { size, uid, mode } = statSync(path);
		const own = uid === 0 || uid === process.geteuid?.();
		if (!own || (mode & GROUP_OR_OTHER_WRITABLE) !== 0) {
			throw new ConfigError([{ file: path, message: "must be owned by root and writable by no one else" }]);
		}
		if (size > MAX_BYTES) {
			throw new ConfigError([{ file: path, message: `must not exceed ${MAX_BYTES} bytes` }]);
		}
		return readFileSync(path, "utf8");
	} catch (error) {
		if (error instanceof ConfigError) {
			throw error;
		}
		throw new ConfigError([{ file: path, message: `cannot be read: ${(error as Error).message}` }]);
	}
}

function namesIn(folder: string): string[] {
	try {
		return readdirSync(folder)
			.filter((name) => name.endsWith(".toml") && !name.startsWith("."))
			.sort();
	} catch (error) {
		const { code, message } = error as NodeJS.ErrnoException;
		if (code === "ENOENT") {
			return [];
		}
		throw new ConfigError([{ file: folder, message: `cannot be read: ${message}` }]);
	}
}

function exists(path: string): boolean {
	return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

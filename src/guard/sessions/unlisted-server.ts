/**
 * A mosh-server that the configuration does not list: known by the name of its file alone, which anybody may choose, so it gets
 * no port. Whoever wonders why is told what it is and which line would list it. Pure.
 */

import { basename } from "node:path";
import { onlyRootWrites } from "../../system/ownership.js";
import type { Executable, ProcessFacts } from "../kernel/processes.js";
import type { Refusal } from "./refusals.js";
import type { Trust } from "./trust.js";

/** `mosh-server`, `mosh-server-1.4.0`, `mosh-server.cjs`, and what a wrapper of the same name starts: `.mosh-server-wrapped`. */
const NAME = /^\.?mosh-server([-._][\w.+-]{1,40})?$/;

/** Characters of a path that are shown; its owner may have made it as long as the kernel allows. */
const MOST_SHOWN = 200;

/** Where each version has a folder of its own, by a name that changes. */
const STORES = ["/nix/store/", "/gnu/store/"] as const;

export function looksLikeServer(path: string): boolean {
	return NAME.test(basename(path));
}

/** `fileAt` reads a file by its path on this host. */
export function unlistedServer(
	{ executable, pid }: ProcessFacts,
	{ executables }: Trust,
	fileAt: (path: string) => Executable | undefined,
): Refusal {
	const { path } = executable;
	const remedy =
		obstacle(executable, fileAt(path)) ??
		`to have it trusted: servers.executables = ${tomlList([...executables, entryFor(path)])}`;
	return { code: "unlisted-server", detail: `process ${pid} runs ${shown(path)}; ${remedy}` };
}

/** The same for a script that a trusted interpreter runs. */
export function unlistedScript(pid: number, interpreter: string, script: string): Refusal {
	const entry = isPlain(script)
		? `; to have it trusted, list it in servers.scripts: { interpreter = ${toml(interpreter)}, script = ${toml(script)} }`
		: "";
	return { code: "unlisted-server", detail: `process ${pid} runs ${shown(script)}${entry}` };
}

/** Why no line of the configuration would help. */
function obstacle(executable: Executable, installed: Executable | undefined): string | undefined {
	const { path, ownerUid: uid, mode, device, inode } = executable;
	if (!onlyRootWrites({ uid, mode })) {
		return "a file that root does not own, or that others may write, is never trusted";
	}
	if (installed !== undefined && (installed.device !== device || installed.inode !== inode)) {
		return "this host has another file at that path";
	}
	if (!isPlain(path)) {
		return "its path cannot be listed";
	}
	return undefined;
}

function entryFor(path: string): string {
	const store = STORES.find((folder) => path.startsWith(folder));
	if (store === undefined) {
		return path;
	}
	const below = path.slice(store.length).indexOf("/");
	return below === -1 ? path : `${store}*${path.slice(store.length + below)}`;
}

function tomlList(paths: readonly string[]): string {
	return `[${[...new Set(paths)].map(toml).join(", ")}]`;
}

/** A basic string of TOML is written as one of JSON. */
function toml(text: string): string {
	return JSON.stringify(text);
}

/** Whether a path may stand in a line that an administrator is told to copy. */
function isPlain(path: string): boolean {
	return path.length <= MOST_SHOWN && /^[\p{L}\p{N}/._+@=,~-]+$/u.test(path);
}

/** A path is its owner's text: nothing of it may steer a terminal, hide what follows, or fill the log. */
export function shown(path: string): string {
	const text = path.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (char) =>
		[...Buffer.from(char)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join(""),
	);
	return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
}

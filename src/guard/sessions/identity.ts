/** Decides whether the holder of a socket is a genuine mosh-server. Pure: facts in, an identity or a refusal out. */

import { isAbsolute, normalize } from "node:path";
import { onlyRootWrites } from "../../system/ownership.js";
import type { Executable, ProcessFacts } from "../kernel/processes.js";
import type { UdpSocket } from "../kernel/udp-socket.js";
import { isOldVersion } from "./old-version.js";
import type { Refusal } from "./refusals.js";
import type { Trust } from "./trust.js";
import { folderOfOthers, trustedPaths } from "./trusted-paths.js";
import { looksLikeServer, shown, unlistedScript, unlistedServer } from "./unlisted-server.js";

/** The guard's own namespaces: those whose firewall it controls. */
export interface Home {
	readonly userNamespace: string;
	readonly netNamespace: string;
}

export interface Identity {
	readonly pid: number;
	readonly kind: "executable" | "script";
	/** The executable, or the script. */
	readonly path: string;
	readonly uid: number;
	readonly groups: readonly number[];
}

const FILE_TYPE = 0o170000;
const REGULAR_FILE = 0o100000;

/**
 * The program is identified by its file (path, device and inode, owner, mode), never by its name, which anybody can set.
 *
 * A script is identified only by its command line, which its user can forge: anybody may run the interpreter that way. This
 * form therefore limits which ports open (in the range, held by that user's own process, within the user's limits), not which
 * program listens there. It also requires a report, so that nothing is accepted by accident.
 *
 * @param fileAt reads a file by its path on this host
 */
export function identify(
	process: ProcessFacts,
	socket: UdpSocket,
	trust: Trust,
	home: Home,
	reported: boolean,
	fileAt: (path: string) => Executable | undefined,
): Identity | Refusal {
	const { executable, pid } = process;
	if (process.userNamespace !== home.userNamespace || process.netNamespace !== home.netNamespace) {
		return { code: "foreign-namespace", detail: `process ${pid}` };
	}
	const uids = [process.realUid, process.effectiveUid, process.savedUid];
	if (uids.some((uid) => uid !== socket.uid)) {
		return { code: "wrong-user", detail: `process ${pid} has uids ${uids}, its socket ${socket.uid}` };
	}
	const fault = fileFault(executable, fileAt);
	// Written out, not spread, so that all have one shape, see `parseSocket` in kernel/sockets.ts.
	const identity = (kind: Identity["kind"], path: string): Identity => {
		return { pid, kind, path, uid: socket.uid, groups: process.groups };
	};
	const listed = trustedPaths(trust).lists(executable.path);
	if (listed !== undefined) {
		const folder = listed === "pattern" ? folderOfOthers(executable.path, fileAt) : undefined;
		if (folder !== undefined) {
			return { code: "executable-writable", detail: `${executable.path} is below ${folder}` };
		}
		return fault ?? identity("executable", executable.path);
	}
	if (looksLikeServer(executable.path)) {
		return unlistedServer(process, trust, fileAt);
	}
	const scripts = trust.scripts.filter((script) => script.interpreter === executable.path);
	// A launcher may name its script relative to its own folder: /opt/mosh/bin/../dist/server.cjs.
	const named = process.commandLine.slice(1).filter(isAbsolute).map(normalize);
	const run = scripts.find(({ script }) => named.includes(script));
	if (run === undefined) {
		const server = named.find(looksLikeServer);
		if (server !== undefined) {
			return unlistedScript(pid, executable.path, server);
		}
		return { code: "untrusted-executable", detail: `process ${pid} runs ${shown(executable.path)}` };
	}
	if (fault !== undefined) {
		return fault;
	}
	const script = fileAt(run.script);
	if (script === undefined || !isWrittenByRootOnly(script)) {
		return { code: "executable-writable", detail: run.script };
	}
	if (!reported) {
		return { code: "needs-report", detail: `process ${pid} runs ${run.script}` };
	}
	return identity("script", run.script);
}

export function isIdentity(outcome: Identity | Refusal): outcome is Identity {
	return "kind" in outcome;
}

function fileFault(
	executable: Executable,
	fileAt: (path: string) => Executable | undefined,
): Refusal | undefined {
	if (!isWrittenByRootOnly(executable)) {
		return { code: "executable-writable", detail: executable.path };
	}
	const installed = fileAt(executable.path);
	if (installed === undefined && !executable.deleted) {
		return { code: "executable-hidden", detail: executable.path };
	}
	const genuine = executable.deleted ? isOldVersion(executable, fileAt) : isInstalled(executable, installed);
	return genuine ? undefined : { code: "executable-replaced", detail: executable.path };
}

/** In a mount namespace of the user's own, a bind mount can show another file at the trusted path. */
function isInstalled({ device, inode }: Executable, installed: Executable | undefined): boolean {
	return installed?.device === device && installed.inode === inode;
}

function isWrittenByRootOnly(file: Executable): boolean {
	const { ownerUid: uid, mode } = file;
	return (mode & FILE_TYPE) === REGULAR_FILE && onlyRootWrites({ uid, mode });
}

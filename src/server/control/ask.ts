/** The client's end of the control socket: requests from a user's other logins to that user's servers. */

import { unlinkSync } from "node:fs";
import { createConnection } from "node:net";
import type { Environment } from "../host/locale.js";
import { existingFolders, serversIn, socketPath } from "./folder.js";
import {
	type ControlReply,
	type ControlRequest,
	decodeReply,
	encode,
	MAX_HISTORY_BYTES,
	MAX_LINE_BYTES,
	type SessionFacts,
} from "./messages.js";

/**
 * How long (ms) to wait for an answer. A server that can answer does so within milliseconds; for one that hangs nobody is to wait
 * for 2 s in all. An attach may wait for the guard, up to a minute if its user says so.
 */
const ANSWER_LIMIT_MS = { who: 1_500, end: 1_500, history: 5_000, attach: 65_000 } as const;

/** `gone`: nobody listens any more. `silent`: no answer in time. Undefined: none that this version understands. */
export type Asking = ControlReply | "gone" | "silent" | undefined;

/** A server that has a socket. */
export interface Asked {
	readonly path: string;
	readonly pid: number;
	/** Undefined if it did not answer in time, or in a language that this version does not know. */
	readonly facts: SessionFacts | undefined;
	/** It did not answer in time. */
	readonly silent: boolean;
}

/**
 * All servers of this user that have a socket and live, this process excepted, by process id.
 * @param only the one that matters: others that hang are not waited for
 */
export async function askAll(
	environment: Environment,
	only?: number,
	folders = existingFolders(environment),
): Promise<Asked[]> {
	const sockets = folders.flatMap((folder) =>
		serversIn(folder)
			.filter((pid) => pid !== process.pid && (only === undefined || pid === only))
			.map((pid) => ({ pid, path: socketPath(folder, pid) })),
	);
	const asked = await Promise.all(
		sockets.map(async ({ pid, path }) => {
			const reply = await askServer(path, { type: "who" });
			if (reply === "gone") {
				return undefined;
			}
			if (reply === "silent") {
				return { path, pid, facts: undefined, silent: true };
			}
			return { path, pid, facts: reply?.type === "session" ? reply : undefined, silent: false };
		}),
	);
	return asked.filter((one) => one !== undefined).sort((a, b) => a.pid - b.pid);
}

/** Removes what is left of a server that is gone. */
export function askServer(path: string, request: ControlRequest): Promise<Asking> {
	return new Promise((resolve) => {
		let text = "";
		let gone = false;
		const mostCharacters = request.type === "history" ? MAX_HISTORY_BYTES : MAX_LINE_BYTES;
		const socket = createConnection(path);
		const limit = setTimeout(() => socket.destroy(), ANSWER_LIMIT_MS[request.type]);
		socket.on("error", ({ code }: NodeJS.ErrnoException) => {
			gone = code === "ECONNREFUSED" || code === "ENOENT";
			if (code === "ECONNREFUSED") {
				remove(path);
			}
		});
		socket.on("close", () => {
			clearTimeout(limit);
			const answer = () => (text.length > mostCharacters ? undefined : decodeReply(text));
			resolve(gone ? "gone" : text === "" ? "silent" : answer());
		});
		socket.setEncoding("utf8").on("data", (chunk: string) => {
			text += chunk;
			if (text.length > mostCharacters) {
				socket.destroy();
			}
		});
		socket.write(encode(request));
	});
}

function remove(path: string): void {
	try {
		unlinkSync(path);
	} catch {
		// Somebody else has.
	}
}

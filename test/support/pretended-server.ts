/** Sockets at which pretended mosh-servers of this user can be asked. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { socketPath } from "../../src/server/control/folder.js";
import {
	type ControlReply,
	type ControlRequest,
	decodeRequest,
	encode,
} from "../../src/server/control/messages.js";

export class PretendedServers {
	readonly #stops: (() => Promise<unknown>)[] = [];

	/** One that does this with whoever asks it something. @returns the socket's path */
	async listen(
		folder: string,
		pid: number,
		answer: (socket: Socket, line: string) => unknown,
	): Promise<string> {
		const path = socketPath(folder, pid);
		const server = createServer((socket) =>
			socket.on("error", () => {}).once("data", (data) => answer(socket, data.toString())),
		);
		this.#stops.push(() => new Promise((resolve) => server.close(resolve)));
		await once(server.listen(path), "listening");
		return path;
	}

	/** One that replies. @returns what it is asked */
	async reply(
		folder: string,
		pid: number,
		reply: (question: ControlRequest) => ControlReply,
	): Promise<ControlRequest[]> {
		const heard: ControlRequest[] = [];
		await this.listen(folder, pid, (socket, line) => {
			const question = decodeRequest(line);
			if (question.type !== "refused") {
				heard.push(question);
				socket.end(encode(reply(question)));
			}
		});
		return heard;
	}

	async stop(): Promise<void> {
		for (const stop of this.#stops.splice(0)) {
			await stop();
		}
	}
}

/** What a server leaves that is killed as soon as it listens. @returns the socket's path */
export async function killedListener(folder: string, pid: number): Promise<string> {
	const path = socketPath(folder, pid);
	const code = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
	await once(spawn(process.execPath, ["-e", code]), "exit");
	assert.equal(existsSync(path), true);
	return path;
}

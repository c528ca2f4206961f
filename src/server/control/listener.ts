/** The server's end of its control socket: a few connections at a time, each for one request and a limited time. */

import { existsSync, unlinkSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { LineReader } from "../../guard-protocol/messages.js";
import { socketPath } from "./folder.js";
import { type ControlReply, type ControlRequest, decodeRequest, encode, MAX_LINE_BYTES } from "./messages.js";

/** More than one person needs at once; further ones are turned away. */
export const MAX_CONNECTIONS = 16;
/** From the connection to its request, and for taking the answer (ms). */
export const CONNECTION_LIMIT_MS = 5_000;

export interface HandledRequest {
	readonly reply: ControlReply;
	/** Called if the asker has gone and does not get the reply. */
	readonly undo?: () => void;
}

export type ControlHandler = (request: ControlRequest) => Promise<HandledRequest>;

export class ControlListener {
	readonly #handle: ControlHandler;
	#path: string | undefined;
	#server: Server | undefined;

	constructor(answer: ControlHandler) {
		this.#handle = answer;
	}

	/** Listens in `folder`, unless it does so already and nobody has removed the socket: logind does at a last logout. */
	listen(folder: string | undefined): void {
		if (folder === undefined || (this.#path !== undefined && existsSync(this.#path))) {
			return;
		}
		this.close();
		const path = socketPath(folder, process.pid);
		try {
			// Of a server that had this number before and was killed.
			unlinkSync(path);
		} catch {
			// The usual case.
		}
		// An asker that ends its side has gone, and closes the connection: an answer may take a while.
		const server = createServer((socket) => this.#serve(socket));
		server.maxConnections = MAX_CONNECTIONS;
		server.on("error", () => {});
		server.listen(path).unref();
		this.#path = path;
		this.#server = server;
	}

	/** Takes the socket away. */
	close(): void {
		this.#server?.close();
		this.#server = undefined;
		this.#path = undefined;
	}

	#serve(socket: Socket): void {
		const reader = new LineReader(MAX_LINE_BYTES);
		let asked = false;
		socket.unref();
		socket.on("error", () => {});
		const limit = setTimeout(() => socket.destroy(), CONNECTION_LIMIT_MS).unref();
		socket.once("close", () => clearTimeout(limit));
		socket.setEncoding("utf8").on("data", (chunk: string) => {
			const lines = reader.push(chunk);
			if (lines === undefined || asked) {
				socket.destroy();
			} else if (lines[0] !== undefined) {
				asked = true;
				clearTimeout(limit);
				void this.#reply(socket, lines[0]);
			}
		});
	}

	async #reply(socket: Socket, line: string): Promise<void> {
		const request = decodeRequest(line);
		const { reply, undo } =
			request.type === "refused" ? { reply: request, undo: undefined } : await this.#handle(request);
		if (socket.destroyed || !socket.writable) {
			undo?.();
			return;
		}
		socket.setTimeout(CONNECTION_LIMIT_MS, () => socket.destroy());
		socket.end(encode(reply));
	}
}

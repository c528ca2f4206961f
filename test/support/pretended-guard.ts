/** A guard's public socket with nothing behind it: hears what is said and answers what the test wants. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { type Answer, decodeRequest, encode, type Request } from "../../src/guard-protocol/messages.js";

/** An answer, none, or the end of the connection. */
export type Said = Answer | "closes" | undefined;

export class PretendedGuard {
	readonly heard: Request[] = [];
	readonly #sockets = new Set<Socket>();
	readonly #server: Server;

	private constructor(answer: (request: Request) => Said) {
		this.#server = createServer((socket) => {
			this.#sockets.add(socket);
			socket.setEncoding("utf8").on("data", (text: string) => {
				for (const line of text.trim().split("\n")) {
					const request = decodeRequest(line);
					assert.ok(!("error" in request), line);
					this.heard.push(request);
					const said = request.type === "update" ? undefined : answer(request);
					if (said === "closes") {
						socket.destroy();
					} else if (said !== undefined) {
						socket.write(encode(said));
					}
				}
			});
		});
	}

	static async start(answer: (request: Request) => Said, path: string): Promise<PretendedGuard> {
		const guard = new PretendedGuard(answer);
		guard.#server.listen(path);
		await once(guard.#server, "listening");
		return guard;
	}

	async stop(): Promise<void> {
		for (const socket of this.#sockets) {
			socket.destroy();
		}
		await new Promise((resolve) => this.#server.close(resolve));
	}
}

/** When a port of the attacked host opened and shut, as seen from the client host. */

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { bundled } from "../support/bundled.js";
import { until } from "../support/wait.js";
import type { Knocks, Question } from "./programs/knocker.js";

const KNOCKER = new URL("programs/knocker.ts", import.meta.url);
/** So many datagrams in a row, 5 ms apart, without an answer mean that the port is shut. */
const QUIET = 10;

export class Doors {
	readonly #child: ChildProcessByStdio<Writable, Readable, null>;
	readonly #waiting = new Map<number, (result: Knocks) => void>();
	#nextId = 1;

	/** `pid`: of the client host. */
	constructor(pid: number) {
		const line = ["-t", String(pid), "-n", "--", process.execPath];
		this.#child = spawn("/usr/bin/nsenter", [...line, bundled(KNOCKER)], {
			stdio: ["pipe", "pipe", "inherit"],
		});
		createInterface({ input: this.#child.stdout }).on("line", (text) => {
			const { id, result } = JSON.parse(text) as { id: number; result: Knocks };
			this.#waiting.get(id)?.(result);
			this.#waiting.delete(id);
		});
	}

	async knock(address: string, port: number): Promise<void> {
		await this.#ask({ do: "knock", address, port });
	}

	async leave(address: string, port: number): Promise<void> {
		await this.#ask({ do: "leave", address, port });
	}

	/** When the first datagram passed; undefined when none did within `limitMs`. */
	async opened(address: string, port: number, limitMs: number): Promise<bigint | undefined> {
		const first = async () => (await this.#ask({ do: "tell", address, port })).first;
		const text = await until("open", first, { limitMs, pollMs: 10 }).catch(() => undefined);
		return text === undefined ? undefined : BigInt(text);
	}

	/** When the last datagram passed; undefined when one still does after `limitMs`. */
	async shut(address: string, port: number, limitMs: number): Promise<bigint | undefined> {
		const last = async () => {
			const knocks = await this.#ask({ do: "tell", address, port });
			return knocks.unanswered >= QUIET && knocks.last;
		};
		const text = await until("shut", last, { limitMs, pollMs: 10 }).catch(() => undefined);
		return text === undefined ? undefined : BigInt(text);
	}

	async stop(): Promise<void> {
		this.#child.stdin.end();
		if (this.#child.exitCode === null) {
			await once(this.#child, "exit");
		}
	}

	#ask(question: Omit<Question, "id">): Promise<Knocks> {
		const id = this.#nextId++;
		const answer = new Promise<Knocks>((resolve) => this.#waiting.set(id, resolve));
		this.#child.stdin.write(`${JSON.stringify({ id, ...question })}\n`);
		return answer;
	}
}

/** Speaks to an agent inside a lab host: one process per host, started at the first question. */

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Hit, Shot } from "./volley.js";

const AGENT = fileURLToPath(new URL("agent.ts", import.meta.url));

interface Answer {
	readonly id: number;
	readonly result?: unknown;
	readonly error?: string;
}

export class ProbeAgent {
	#child: ChildProcessByStdio<Writable, Readable, null> | undefined;
	#nextId = 1;
	readonly #waiting = new Map<
		number,
		{ resolve: (result: unknown) => void; reject: (error: Error) => void }
	>();

	private readonly enter: readonly string[];

	constructor(enter: readonly string[]) {
		this.enter = enter;
	}

	/** Binds an echo service there, once. */
	async echo(address: string, port: number): Promise<void> {
		await this.#ask({ do: "echo", address, port });
	}

	async close(address: string, port: number): Promise<void> {
		await this.#ask({ do: "close", address, port });
	}

	probe(address: string, port: number, control: number): Promise<boolean> {
		return this.#ask({ do: "probe", address, port, control });
	}

	/** Whether the mosh-server with that key answers its client's datagram, on a new flow, within `waitMs`. */
	session(address: string, port: number, key: string, waitMs: number): Promise<boolean> {
		return this.#ask({ do: "session", address, port, key, waitMs });
	}

	/** When the last datagram passed to a port that nobody has, see `lastPassed`. */
	bare(address: string, port: number, waitMs: number): Promise<number | undefined> {
		return this.#ask({ do: "bare", address, port, waitMs });
	}

	/** Whether a datagram passes on one flow: from the same source port at each call. */
	flow(address: string, port: number): Promise<boolean> {
		return this.#ask({ do: "flow", address, port });
	}

	/** Binds echo services that remember what came, see `received`. */
	async serve(addresses: readonly string[], ports: readonly number[]): Promise<void> {
		await this.#ask({ do: "serve", address: "", port: 0, addresses, ports });
	}

	/** `ID ADDRESS PORT` of each datagram that came to `serve` since the last call. */
	received(): Promise<string[]> {
		return this.#ask({ do: "received", address: "", port: 0 });
	}

	/** Sends them all; `control` is a port that the rules under test let in and out. */
	volley(shots: readonly Shot[], control: number): Promise<Hit[]> {
		return this.#ask({ do: "volley", address: "", port: control, shots });
	}

	async stop(): Promise<void> {
		const child = this.#child;
		if (child === undefined) {
			return;
		}
		child.stdin.end();
		await once(child, "exit");
	}

	#ask<T>(question: object): Promise<T> {
		const id = this.#nextId++;
		const answer = new Promise<T>((resolve, reject) =>
			this.#waiting.set(id, { resolve: (result) => resolve(result as T), reject }),
		);
		this.#start().stdin.write(`${JSON.stringify({ id, ...question })}\n`);
		return answer;
	}

	#start(): ChildProcessByStdio<Writable, Readable, null> {
		if (this.#child !== undefined) {
			return this.#child;
		}
		const [file, ...args] = [...this.enter, process.execPath, "--import", import.meta.resolve("tsx"), AGENT];
		const child = spawn(file as string, args, { stdio: ["pipe", "pipe", "inherit"] });
		createInterface({ input: child.stdout }).on("line", (line) => {
			const { id, result, error } = JSON.parse(line) as Answer;
			const waiting = this.#waiting.get(id);
			this.#waiting.delete(id);
			if (error === undefined) {
				waiting?.resolve(result);
			} else {
				waiting?.reject(new Error(error));
			}
		});
		child.on("exit", () => {
			for (const { reject } of this.#waiting.values()) {
				reject(new Error("The lab agent ended."));
			}
		});
		this.#child = child;
		return child;
	}
}

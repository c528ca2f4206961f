/** Speaks to the prober on the lab's client. */

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { LabHost } from "../../test/lab/hosts.js";
import { within } from "../measure/time.js";
import type { ProberAnswer, ProberCommand } from "./programs/prober.js";

const PROGRAM = fileURLToPath(new URL("programs/prober.ts", import.meta.url));
const ANSWER_LIMIT = 10_000;

export class Prober {
	readonly #child: ChildProcessByStdio<Writable, Readable, null>;
	readonly #lines: AsyncIterator<string>;

	constructor(client: LabHost) {
		const line = [process.execPath, "--import", import.meta.resolve("tsx"), PROGRAM];
		this.#child = spawn("/usr/bin/nsenter", ["-t", String(client.pid), "-n", "--", ...line], {
			stdio: ["pipe", "pipe", "inherit"],
		});
		this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
	}

	/** Resolves once datagrams are on their way. */
	async start(command: Exclude<ProberCommand, { do: "stop" }>): Promise<void> {
		await this.#say(command);
	}

	async stop(): Promise<ProberAnswer> {
		return (await this.#say({ do: "stop" })) as ProberAnswer;
	}

	async end(): Promise<void> {
		this.#child.stdin.end();
		if (this.#child.exitCode === null) {
			await once(this.#child, "exit");
		}
	}

	async #say(command: ProberCommand): Promise<unknown> {
		this.#child.stdin.write(`${JSON.stringify(command)}\n`);
		const { value, done } = await within(ANSWER_LIMIT, "answer of the prober", this.#lines.next());
		if (done) {
			throw new Error("the prober ended");
		}
		return JSON.parse(value);
	}
}

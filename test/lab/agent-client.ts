/** Speaks to an agent inside a lab host: one process per host, started at the first question. */

import { bundled } from "../support/bundled.js";
import { AgentProcess } from "./agent-process.js";
import type { Reach } from "./reach.js";
import type { Hit, Shot } from "./volley.js";

const AGENT = new URL("agent.ts", import.meta.url);

export class ProbeAgent {
	readonly #process: AgentProcess;

	constructor(enter: readonly string[]) {
		this.#process = new AgentProcess([...enter, process.execPath, bundled(AGENT)]);
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

	/** What becomes of a datagram of a new flow, by a control connection to port 22. */
	reach(address: string, port: number): Promise<Reach> {
		return this.#ask({ do: "reach", address, port });
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

	stop(): Promise<void> {
		return this.#process.stop();
	}

	#ask<T>(question: object): Promise<T> {
		return this.#process.ask(question);
	}
}

/** A small mosh client on a real socket: enough to start a session, type, and see what comes back as text. */

import { UdpPort } from "../../src/server/host/udp-port.js";
import { parseKey } from "../../src/ssp/crypto/key.js";
import { decodeHostMessage, Transport, UserInput, userInputCodec } from "../../src/ssp/index.js";
import { SHUTDOWN_NUMBER } from "../../src/ssp/instruction.js";
import type { StateCodec } from "../../src/ssp/state.js";
import type { UserEvent } from "../../src/ssp/user-input.js";
import { monotonicClock } from "../../src/system/clock.js";
import { until } from "./wait.js";

/** Remembers the last `keep` characters. */
const textCodec = (keep: number): StateCodec<string> => ({
	equal: (a, b) => a === b,
	diff: () => new Uint8Array(0),
	apply: (base, diff) => {
		const strings = decodeHostMessage(diff).map(({ hostString }) => Buffer.from(hostString ?? []).toString());
		const text = base + strings.join("");
		return text.length > keep ? text.slice(-keep) : text;
	},
});

export interface UdpClientOptions {
	readonly columns?: number;
	readonly rows?: number;
	/** Of what the server sends, only so many characters are remembered; all by default. */
	readonly keep?: number;
}

const POLL_MS = 5;

export class UdpClient {
	readonly transport: Transport<UserInput, string>;
	readonly #port: UdpPort;
	readonly #timer: NodeJS.Timeout;
	#input = UserInput.empty;

	private constructor(port: UdpPort, serverPort: number, key: string, keep: number) {
		this.#port = port;
		this.transport = new Transport({
			role: "client",
			key: parseKey(key),
			clock: monotonicClock,
			port,
			peer: { address: "127.0.0.1", port: serverPort },
			local: userInputCodec,
			initialLocal: UserInput.empty,
			remote: textCodec(keep),
			initialRemote: "",
		});
		port.onDatagram((datagram, from) => this.transport.receive(datagram, from));
		this.#timer = setInterval(() => this.transport.tick(), POLL_MS);
	}

	/** Connects and says the window's size, as every client does first. */
	static async connect(serverPort: number, key: string, options: UdpClientOptions = {}): Promise<UdpClient> {
		const { columns = 80, rows = 24, keep = Number.POSITIVE_INFINITY } = options;
		const client = new UdpClient(await UdpPort.bind("127.0.0.1", 0), serverPort, key, keep);
		client.#enter({ type: "resize", columns, rows });
		return client;
	}

	/** The host strings on the way to the newest state. */
	get text(): string {
		return this.transport.remote.state;
	}

	type(text: string): void {
		this.#enter({ type: "bytes", bytes: Buffer.from(text) });
	}

	/** Waits until `wanted` has come from the program. */
	async sees(wanted: string | RegExp): Promise<void> {
		const matches = () => (typeof wanted === "string" ? this.text.includes(wanted) : wanted.test(this.text));
		await until(`the program says ${wanted}`, matches, { explain: () => this.text });
	}

	/** The server has ended the session and knows that we know. */
	get over(): boolean {
		return this.transport.remote.number === SHUTDOWN_NUMBER && this.transport.peerShutdownAcknowledged;
	}

	#enter(event: UserEvent): void {
		this.#input = this.#input.with(event);
		this.transport.setLocal(this.#input);
	}

	close(): void {
		clearInterval(this.#timer);
		this.#port.close();
	}
}

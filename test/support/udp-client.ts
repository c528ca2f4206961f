/** A small mosh client on a real socket: enough to start a session, type, and see what comes back as text. */
import { monotonicClock } from "../../src/clock.js";
import { UdpPort } from "../../src/server/host/udp-port.js";
import {
	decodeHostMessage,
	parseKey,
	type StateCodec,
	Transport,
	UserInput,
	userInputCodec,
} from "../../src/ssp/index.js";
import { until } from "./wait.js";

const textCodec: StateCodec<string> = {
	equal: (a, b) => a === b,
	diff: () => new Uint8Array(0),
	apply: (base, diff) =>
		base +
		decodeHostMessage(diff)
			.map(({ hostString }) => Buffer.from(hostString ?? []).toString())
			.join(""),
};

const POLL_MS = 5;

export class UdpClient {
	readonly transport: Transport<UserInput, string>;
	readonly #port: UdpPort;
	readonly #timer: NodeJS.Timeout;

	private constructor(port: UdpPort, serverPort: number, key: string) {
		this.#port = port;
		this.transport = new Transport({
			role: "client",
			key: parseKey(key),
			clock: monotonicClock,
			port,
			peer: { address: "127.0.0.1", port: serverPort },
			local: userInputCodec,
			initialLocal: UserInput.empty,
			remote: textCodec,
			initialRemote: "",
		});
		port.onDatagram((datagram, from) => this.transport.receive(datagram, from));
		this.#timer = setInterval(() => this.transport.tick(), POLL_MS);
	}

	/** Connects and says the window's size, as every client does first. */
	static async connect(serverPort: number, key: string): Promise<UdpClient> {
		const client = new UdpClient(await UdpPort.bind("127.0.0.1", 0), serverPort, key);
		client.transport.setLocal(client.transport.local.with({ type: "resize", columns: 80, rows: 24 }));
		return client;
	}

	/** All host strings on the way to the newest state. */
	get text(): string {
		return this.transport.remote.state;
	}

	type(text: string): void {
		this.transport.setLocal(this.transport.local.with({ type: "bytes", bytes: Buffer.from(text) }));
	}

	/** Waits until `wanted` has come from the program. */
	async sees(wanted: string | RegExp): Promise<void> {
		const matches = () => (typeof wanted === "string" ? this.text.includes(wanted) : wanted.test(this.text));
		await until(`the program says ${wanted}`, matches, { explain: () => this.text });
	}

	/** The server has ended the session and knows that we know. */
	get over(): boolean {
		return this.transport.peerShutdown && this.transport.peerShutdownAcknowledged;
	}

	close(): void {
		clearInterval(this.#timer);
		this.#port.close();
	}
}

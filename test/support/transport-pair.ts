/** A server's and a client's transport on one lossy link, run by a fake clock. */
import type { FrameTiming } from "../../src/ssp/frame-timing.js";
import type { StateCodec } from "../../src/ssp/state.js";
import { Transport } from "../../src/ssp/transport.js";
import { type UserEvent, UserInput, userInputCodec } from "../../src/ssp/user-input.js";
import { FakeClock } from "./fake-clock.js";
import { type LinkOptions, LossyLink } from "./lossy-link.js";
import { SeededRandom } from "./random.js";
import { runTransports } from "./virtual-run.js";

/** A state any test can make up: text, sent whole. What begins with "." nobody waits for. */
export const textCodec: StateCodec<string> = {
	equal: (a, b) => a === b,
	diff: (base, target) => (base === target ? new Uint8Array(0) : Buffer.from(`=${target}`)),
	apply: (_base, diff) => Buffer.from(diff).toString().slice(1),
	urgency: (_base, target) => (target.startsWith(".") ? "output" : "answer"),
};

export const KEY = Uint8Array.from({ length: 16 }, (_, i) => i);

export interface PairOptions {
	readonly seed?: number;
	readonly link?: LinkOptions;
	readonly frameTiming?: FrameTiming;
}

export class TransportPair {
	readonly clock = new FakeClock();
	readonly random: SeededRandom;
	readonly link: LossyLink;
	readonly server: Transport<string, UserInput>;
	readonly client: Transport<UserInput, string>;
	/** All that the client's user did. */
	input = UserInput.empty;
	/** Called when the server has a new newest client state. */
	onServerState: () => void = () => {};

	constructor(options: PairOptions = {}) {
		this.random = new SeededRandom(options.seed ?? 1);
		this.link = new LossyLink(this.clock, this.random, options.link);
		const { clock, link } = this;
		this.server = new Transport({
			role: "server",
			key: KEY,
			clock,
			port: link.server,
			local: textCodec,
			initialLocal: "",
			remote: userInputCodec,
			initialRemote: UserInput.empty,
			...(options.frameTiming && { frameTiming: options.frameTiming }),
		});
		this.client = new Transport({
			role: "client",
			key: KEY,
			clock,
			port: link.client,
			peer: link.server.address,
			local: userInputCodec,
			initialLocal: UserInput.empty,
			remote: textCodec,
			initialRemote: "",
		});
		link.client.deliver = (datagram, from) => {
			if (this.server.receive(datagram, from)) {
				this.onServerState();
			}
		};
		link.server.deliver = (datagram, from) => {
			this.client.receive(datagram, from);
		};
	}

	/** The client's user types or resizes the window. */
	enter(event: UserEvent): void {
		this.input = this.input.with(event);
		this.client.setLocal(this.input);
	}

	/** Runs both sides for `ms`, or until `done` says so; true when it did. */
	run(ms: number, done: () => boolean = () => false): boolean {
		const { clock, link, server, client } = this;
		return runTransports({ clock, link, server, client, ms, step: 0.01, done });
	}
}

/** A server that leads its client through numbered states, over a link run by a fake clock. */
import type { StateCodec } from "../../src/ssp/state.js";
import { Transport } from "../../src/ssp/transport.js";
import { UserInput, userInputCodec } from "../../src/ssp/user-input.js";
import { FakeClock } from "./fake-clock.js";
import { type LinkOptions, LossyLink } from "./lossy-link.js";
import { SeededRandom } from "./random.js";
import { KEY } from "./transport-pair.js";
import { runTransports } from "./virtual-run.js";

/** A place on the way; `settled` counts the states that were sent after a silence. */
export interface Place {
	readonly at: number;
	readonly settled: number;
}

/** Of a diff: the text of a usual window of lines, which does not compress. */
export const STEP_BYTES = 400;

/** As a goal: nothing is sent until there is another. */
export const HELD = -1;

export function placeCodec(random: SeededRandom): StateCodec<Place> {
	const padding = random.bytes(STEP_BYTES);
	return {
		equal: (a, b) => a.at === b.at && a.settled === b.settled,
		diff: (base, target) =>
			Buffer.concat([Buffer.from(`${base.at} ${target.at} ${target.settled} `), padding]),
		apply(base, diff) {
			const [from, at, settled] = Buffer.from(diff).toString("latin1").split(" ").map(Number);
			if (from !== base.at || at === undefined || settled === undefined) {
				throw new Error(`a diff from ${from} was applied to ${base.at}`);
			}
			return { at, settled };
		},
		path: {
			step: (last, target, unsure) =>
				unsure && target.at > last.at
					? { ...last, settled: last.settled + 1 }
					: target.at > last.at
						? { ...last, at: last.at + 1 }
						: last,
			joined: (a, b) => a.at !== b.at,
			holds: ({ at }) => at === HELD,
		},
	};
}

export class ChainRig {
	readonly clock = new FakeClock();
	readonly link: LossyLink;
	readonly server: Transport<Place, UserInput>;
	readonly client: Transport<UserInput, Place>;
	/** What the client has shown, in order, and when. */
	readonly shown: { readonly place: Place; readonly at: number }[] = [];
	#input = UserInput.empty;

	constructor(link: LinkOptions, seed = 1) {
		const random = new SeededRandom(seed);
		this.link = new LossyLink(this.clock, random, link);
		const { clock } = this;
		const codec = placeCodec(random);
		const initial = { at: 0, settled: 0 };
		this.server = new Transport({
			role: "server",
			key: KEY,
			clock,
			port: this.link.server,
			local: codec,
			initialLocal: initial,
			remote: userInputCodec,
			initialRemote: UserInput.empty,
		});
		this.client = new Transport({
			role: "client",
			key: KEY,
			clock,
			port: this.link.client,
			peer: this.link.server.address,
			local: userInputCodec,
			initialLocal: UserInput.empty,
			remote: codec,
			initialRemote: initial,
		});
		this.link.client.deliver = (datagram, from) => {
			this.server.receive(datagram, from);
		};
		this.link.server.deliver = (datagram, from) => {
			if (this.client.receive(datagram, from)) {
				this.shown.push({ place: this.client.remote.state, at: clock.now() });
			}
		};
		this.type();
		this.run(3_000);
	}

	type(): void {
		this.#input = this.#input.with({ type: "bytes", bytes: Buffer.from("x") });
		this.client.setLocal(this.#input);
	}

	/** Where the client is. */
	get at(): number {
		return this.client.remote.state.at;
	}

	goTo(at: number): void {
		this.server.setLocal({ at, settled: 0 });
	}

	/** Runs both sides for `ms`, or until `done`; true when it did. */
	run(ms: number, done: () => boolean = () => false): boolean {
		const { clock, link, server, client } = this;
		return runTransports({ clock, link, server, client, ms, step: 0.5, done });
	}
}

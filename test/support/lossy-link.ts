/** A path between two ports under a fake clock that loses, delays, reorders and repeats datagrams. */
import type { DatagramPort, PeerAddress, SendOutcome } from "../../src/ssp/datagram-port.js";
import type { FakeClock } from "./fake-clock.js";
import type { SeededRandom } from "./random.js";

export interface LinkOptions {
	/** Chance of a datagram to vanish, per direction. */
	readonly loss?: number;
	/** Chance to arrive twice. */
	readonly duplication?: number;
	/** Milliseconds under way; the jitter on top of it, 0 to its value, reorders. */
	readonly delay?: number;
	readonly jitter?: number;
	/** Bytes per second that fit through, per direction, with 28 for the headers of each datagram; others wait. */
	readonly rate?: number;
	/** Bytes that may wait; what comes then is dropped. */
	readonly queue?: number;
	/** Longer datagrams are refused as too big. */
	readonly mtu?: number;
	/** Longer datagrams vanish: a router drops them, and nobody is told. */
	readonly carries?: number;
}

export type Delivery = (datagram: Uint8Array, from: PeerAddress) => void;

/** Of IPv4 and UDP. */
const HEADERS = 28;

interface Flight {
	readonly at: number;
	readonly order: number;
	readonly datagram: Uint8Array;
	readonly from: PeerAddress;
	readonly deliver: Delivery;
}

/** One end: send through it, and say where arrivals go. */
export class LinkEnd implements DatagramPort {
	readonly family = "ipv4";
	sent = 0;
	sentBytes = 0;
	/** Of these, what the link's queue had no room for. */
	dropped = 0;
	/** When all that waits for the link will have gone through it. */
	freeAt = 0;
	/** What the datagrams of this end do on arrival. */
	deliver: Delivery = () => {};

	private readonly link: LossyLink;
	/** The source address its datagrams show; change it to roam. */
	address: PeerAddress;

	constructor(link: LossyLink, address: PeerAddress) {
		this.link = link;
		this.address = address;
	}

	send(payload: Uint8Array): SendOutcome {
		if (payload.length > this.link.mtu) {
			return "too-big";
		}
		this.sent++;
		this.sentBytes += payload.length;
		this.link.carry(payload, this);
		return "sent";
	}
}

export class LossyLink {
	readonly server = new LinkEnd(this, { address: "192.0.2.1", port: 60_001 });
	readonly client = new LinkEnd(this, { address: "192.0.2.2", port: 40_000 });
	/** May be changed on the way. */
	options: LinkOptions;
	#flights: Flight[] = [];
	#order = 0;

	private readonly clock: FakeClock;
	private readonly random: SeededRandom;

	constructor(clock: FakeClock, random: SeededRandom, options: LinkOptions = {}) {
		this.clock = clock;
		this.random = random;

		this.options = options;
	}

	get mtu(): number {
		return this.options.mtu ?? Number.POSITIVE_INFINITY;
	}

	get carries(): number {
		return this.options.carries ?? Number.POSITIVE_INFINITY;
	}

	carry(payload: Uint8Array, end: LinkEnd): void {
		const { loss = 0, duplication = 0, delay = 0, jitter = 0 } = this.options;
		const lost = this.random.next() < loss || payload.length > this.carries;
		const copies = lost ? 0 : this.random.next() < duplication ? 2 : 1;
		const wait = this.#queue(payload.length + HEADERS, end);
		if (wait === undefined) {
			return;
		}
		for (let i = 0; i < copies; i++) {
			this.#flights.push({
				at: this.clock.now() + wait + delay + this.random.next() * jitter,
				order: this.#order++,
				datagram: payload.slice(),
				from: end.address,
				deliver: end.deliver,
			});
		}
	}

	/** How long until so many bytes are through (ms); undefined if they are dropped. */
	#queue(bytes: number, end: LinkEnd): number | undefined {
		const { rate, queue = Number.POSITIVE_INFINITY } = this.options;
		if (rate === undefined) {
			return 0;
		}
		const now = this.clock.now();
		const waiting = Math.max(0, end.freeAt - now);
		if ((waiting / 1000) * rate + bytes > queue) {
			end.dropped++;
			return undefined;
		}
		end.freeAt = now + waiting + (bytes / rate) * 1000;
		return end.freeAt - now;
	}

	/** Milliseconds until the next arrival; Infinity when nothing is under way. */
	waitTime(): number {
		return Math.max(0, Math.min(...this.#flights.map((flight) => flight.at)) - this.clock.now());
	}

	/** Delivers what has arrived by now, in the order of arrival. */
	deliverDue(): void {
		const now = this.clock.now();
		const due = this.#flights.filter((flight) => flight.at <= now);
		this.#flights = this.#flights.filter((flight) => flight.at > now);
		due.sort((a, b) => a.at - b.at || a.order - b.order);
		for (const flight of due) {
			flight.deliver(flight.datagram, flight.from);
		}
	}
}

/**
 * Runs on the lab's client: sends numbered datagrams to ports of the server, one JSON command per line.
 * Each datagram carries the monotonic time at which it was sent, in nanoseconds, which all processes of a machine share.
 * A port that is open without a socket answers by ICMP: that is how a probe tells it from a closed one.
 */

import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { createInterface } from "node:readline";

export interface Shot {
	readonly do: "shoot";
	readonly address: string;
	readonly port: number;
}

/** Looks at every port again and again, `everyMs` apart. */
export interface Patrol {
	readonly do: "patrol";
	readonly address: string;
	readonly ports: readonly number[];
	readonly everyMs: number;
}

export type ProberCommand = Shot | Patrol | { readonly do: "stop" };

/** What `stop` answers. Times are monotonic nanoseconds as text. */
export interface ProberAnswer {
	/** Of the last ICMP answer; undefined when there was none. */
	readonly lastRefusal?: string;
	/** Looks at a port, and how many of them found it open without a socket. */
	readonly looks: number;
	readonly refused: number;
}

/** Between two datagrams to one port: the resolution of a measurement. */
const INTERVAL_MS = 0.2;

let running = false;
let ended: Promise<void> = Promise.resolve();
let answer: ProberAnswer = { looks: 0, refused: 0 };

const clock = new Int32Array(new SharedArrayBuffer(4));

/** Shorter than a timer can. */
function pause(ms: number): void {
	Atomics.wait(clock, 0, 0, ms);
}

function turn(): Promise<void> {
	return new Promise((resolve) => setImmediate(resolve));
}

/** "Port unreachable": the datagram passed and met no socket. A firewall that rejects says something else. */
function isUnheard(error: Error | null): boolean {
	return (error as NodeJS.ErrnoException | null)?.code === "ECONNREFUSED";
}

/** Connected, so that an ICMP answer comes back as an error. */
async function connect(address: string, port: number, refused: () => void): Promise<Socket> {
	const socket = createSocket("udp4");
	socket.on("error", (error) => isUnheard(error) && refused());
	socket.connect(port, address);
	await once(socket, "connect");
	return socket;
}

async function shoot({ address, port }: Shot): Promise<void> {
	let lastRefusal: string | undefined;
	let refused = 0;
	let looks = 0;
	const refuse = () => {
		lastRefusal = String(process.hrtime.bigint());
		refused++;
	};
	const socket = await connect(address, port, refuse);
	while (running) {
		socket.send(`${process.hrtime.bigint()};`, (error) => isUnheard(error) && refuse());
		looks++;
		pause(INTERVAL_MS);
		await turn();
	}
	socket.close();
	answer = { looks, refused, ...(lastRefusal === undefined ? {} : { lastRefusal }) };
}

async function patrol({ address, ports, everyMs }: Patrol): Promise<void> {
	const dead = new Set<number>();
	let refused = 0;
	let looks = 0;
	const sockets = await Promise.all(
		ports.map(async (port) => ({ port, socket: await connect(address, port, () => dead.add(port)) })),
	);
	while (running) {
		dead.clear();
		for (const { socket, port } of sockets) {
			socket.send("?", (error) => isUnheard(error) && dead.add(port));
		}
		await new Promise((resolve) => setTimeout(resolve, everyMs));
		refused += dead.size;
		looks += ports.length;
	}
	for (const { socket } of sockets) {
		socket.close();
	}
	answer = { looks, refused };
}

function print(value: object): void {
	process.stdout.write(`${JSON.stringify(value)}\n`);
}

const input = createInterface({ input: process.stdin });
input.on("line", async (line) => {
	const command = JSON.parse(line) as ProberCommand;
	if (command.do === "stop") {
		running = false;
		await ended;
		print(answer);
		return;
	}
	running = true;
	ended = command.do === "shoot" ? shoot(command) : patrol(command);
	print({ started: true });
});
input.on("close", () => process.exit(0));

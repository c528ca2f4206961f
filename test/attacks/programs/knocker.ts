/**
 * Runs on the client host: keeps sending datagrams to ports of the server and records when the firewall first and last let one
 * through. A later rule answers what passes with "port unreachable" (see `DOORBELL` in host.ts), so it does not matter whether a
 * process holds the port. JSON lines in and out.
 */

import { createSocket, type Socket } from "node:dgram";
import { setPriority } from "node:os";
import { createInterface } from "node:readline";

const INTERVAL_MS = 5;

export interface Knocks {
	/** Monotonic nanoseconds, as `process.hrtime.bigint` has them; undefined while nothing passed. */
	readonly first?: string;
	readonly last?: string;
	/** Since the last that passed. */
	readonly unanswered: number;
}

interface Door {
	readonly socket: Socket;
	first?: bigint;
	last?: bigint;
	unanswered: number;
}

export interface Question {
	readonly id: number;
	readonly do: "knock" | "tell" | "leave";
	readonly address: string;
	readonly port: number;
}

const doors = new Map<number, Door>();

function knock({ address, port }: Question): void {
	const door: Door = { socket: createSocket("udp4"), unanswered: 0 };
	door.socket.on("error", (error: NodeJS.ErrnoException) => {
		if (error.code !== "ECONNREFUSED") {
			return;
		}
		door.last = process.hrtime.bigint();
		door.first ??= door.last;
		door.unanswered = 0;
	});
	door.socket.connect(port, address, () => doors.set(port, door));
}

function tell({ port }: Question): Knocks {
	const { first, last, unanswered = 0 } = doors.get(port) ?? {};
	return {
		...(first === undefined ? {} : { first: String(first) }),
		...(last === undefined ? {} : { last: String(last) }),
		unanswered,
	};
}

function leave({ port }: Question): void {
	doors.get(port)?.socket.close();
	doors.delete(port);
}

try {
	// The load it measures must not delay its own measurements.
	setPriority(-10);
} catch {
	// Without the privilege the figures are slightly too high.
}

setInterval(() => {
	for (const door of doors.values()) {
		door.unanswered += 1;
		door.socket.send("bell", () => undefined);
	}
}, INTERVAL_MS);

const input = createInterface({ input: process.stdin });
input.on("line", (line) => {
	const question = JSON.parse(line) as Question;
	const act = { knock, tell, leave }[question.do];
	process.stdout.write(`${JSON.stringify({ id: question.id, result: act(question) ?? null })}\n`);
});
input.on("close", () => process.exit(0));

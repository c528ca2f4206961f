/** Runs inside a lab host: binds UDP echo services and probes those of the other host. JSON lines in and out. */

import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { answerQuestions } from "./agent-process.js";
import { lastPassed } from "./bare-probe.js";
import { reach } from "./reach.js";
import { isAnswered } from "./session-probe.js";
import { type Shot, serve, takeReceived, volley } from "./volley.js";

interface Question {
	readonly id: number;
	readonly do:
		| "echo"
		| "close"
		| "probe"
		| "flow"
		| "reach"
		| "session"
		| "bare"
		| "serve"
		| "received"
		| "volley";
	readonly address: string;
	readonly port: number;
	readonly control?: number;
	/** Of a mosh-server, as it prints it. */
	readonly key?: string;
	readonly waitMs?: number;
	readonly addresses?: readonly string[];
	readonly ports?: readonly number[];
	readonly shots?: readonly Shot[];
}

/** The probe was sent first, so its echo can be behind the control's by one turn of the server's loop at most. */
const GRACE_MS = 25;
/** Attempts whose control came back alone that mean "closed": one can be due to a pause between the two echoes. */
const SILENCES = 2;

/** Between two control datagrams: the first on a fresh link may wait for neighbour discovery. */
const CONTROL_RETRY_MS = 300;
const CONTROL_ATTEMPTS = 10;

/** Without a control datagram, since only the flow itself passes: so many make a lost or late one unlikely. */
const FLOW_TRY_MS = 150;
const FLOW_ATTEMPTS = 8;

const flows = new Map<string, Socket>();
const echoes = new Map<string, Socket>();

function socketFor(address: string): Socket {
	return createSocket(address.includes(":") ? "udp6" : "udp4");
}

async function echo(address: string, port: number): Promise<boolean> {
	const key = `${address} ${port}`;
	if (echoes.has(key)) {
		return true;
	}
	const socket = socketFor(address);
	echoes.set(key, socket);
	socket.on("message", (data, from) => socket.send(data, from.port, from.address));
	socket.bind(port, address);
	await once(socket, "listening");
	socket.on("error", () => undefined);
	return true;
}

function close(address: string, port: number): boolean {
	const key = `${address} ${port}`;
	const socket = echoes.get(key);
	echoes.delete(key);
	socket?.close();
	return socket !== undefined;
}

async function probe(address: string, port: number, control: number): Promise<boolean> {
	const [asked, reference] = [socketFor(address), socketFor(address)];
	let open = false;
	asked.on("message", () => {
		open = true;
	});
	// A rejecting firewall answers by ICMP.
	for (const socket of [asked, reference]) {
		socket.on("error", () => undefined);
	}
	try {
		let silences = 0;
		for (let attempt = 0; attempt < CONTROL_ATTEMPTS && !open; attempt += 1) {
			const answered = once(reference, "message").then(
				() => true,
				() => false,
			);
			asked.send("probe", port, address);
			reference.send("control", control, address);
			if (await Promise.race([answered, pause(CONTROL_RETRY_MS).then(() => false)])) {
				await pause(GRACE_MS);
				silences += 1;
				if (open || silences === SILENCES) {
					return open;
				}
			}
		}
		if (open) {
			return true;
		}
		throw new Error(`The control port ${control} on ${address} does not answer: the ruleset must let it in.`);
	} finally {
		asked.close();
		reference.close();
	}
}

async function flow(address: string, port: number): Promise<boolean> {
	const key = `${address} ${port}`;
	const socket = flows.get(key) ?? socketFor(address);
	flows.set(key, socket);
	for (let attempt = 0; attempt < FLOW_ATTEMPTS; attempt += 1) {
		const answered = once(socket, "message").then(
			() => true,
			() => false,
		);
		socket.send("flow", port, address);
		if (await Promise.race([answered, pause(FLOW_TRY_MS).then(() => false)])) {
			return true;
		}
	}
	return false;
}

function pause(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}

async function answer(question: Question): Promise<unknown> {
	const { address, port, key = "", waitMs = 0 } = question;
	if (question.do === "echo") {
		return echo(address, port);
	}
	if (question.do === "close") {
		return close(address, port);
	}
	if (question.do === "flow") {
		return flow(address, port);
	}
	if (question.do === "reach") {
		return reach(address, port);
	}
	if (question.do === "session") {
		return isAnswered(address, port, key, waitMs);
	}
	if (question.do === "bare") {
		return lastPassed(address, port, waitMs);
	}
	if (question.do === "serve") {
		return serve(question.addresses ?? [], question.ports ?? []);
	}
	if (question.do === "received") {
		return takeReceived();
	}
	if (question.do === "volley") {
		return volley(question.shots ?? [], port);
	}
	return probe(address, port, question.control ?? 0);
}

answerQuestions(answer);

/**
 * Runs on a lab host: the guard itself on the host's real rules, and sessions whose ports it is to open. What ends them, and
 * what starts scans without a report, is tried elsewhere. Lines of JSON in and out.
 */

import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname } from "node:path";
import { clearFirewalls } from "../../../src/daemon/clear-firewalls.js";
import { createGuard } from "../../../src/daemon/create-guard.js";
import { pathsIn } from "../../../src/daemon/paths.js";
import type { Opening } from "../../../src/firewall/firewall.js";
import { openingKey } from "../../../src/firewall/opening.js";
import type { Guard } from "../../../src/guard/guard.js";
import type { Lease } from "../../../src/guard/sessions/leases.js";
import { type Commands, SystemCommands } from "../../../src/system/commands.js";
import { messageOf } from "../../../src/system/errors.js";
import { loadNetlink } from "../../../src/system/netlink.js";
import { answerQuestions } from "../../lab/agent-process.js";
import { SSH_PORT } from "../../lab/reach.js";
import { LackingCommands } from "../../support/lacking-commands.js";
import type { Lacks } from "./field-case.js";
import type { Answered, Said, Started } from "./guard-host.js";

export type Question =
	| { readonly do: "bind" | "report" | "release"; readonly openings: readonly Opening[] }
	| { readonly do: "start"; readonly config: string; readonly lacks: Lacks }
	| { readonly do: "list"; readonly lines: readonly string[] }
	| { readonly do: "say" | "stop" | "clear" };

const CONFIG = "/etc/mosh-portguard/config.toml";

/** Ample for a loaded machine. */
const READING_MS = 60_000;

/** A session here is a socket of this process. */
const TRUST = `[servers]
executables = [${JSON.stringify(process.execPath)}]
[limits]
per_minute = 1000
`;

const system = new SystemCommands();
const sessions = new Map<string, { readonly socket: Socket; lease?: Lease }>();
let guard: Guard | undefined;

/** Echoes, so that its client sees what becomes of its datagrams. */
async function bind(openings: readonly Opening[]): Promise<void> {
	for (const opening of openings) {
		const { address, port, family } = opening;
		const socket = createSocket({ type: family === "ipv6" ? "udp6" : "udp4", ipv6Only: address === "::" });
		socket.on("message", (data, from) => socket.send(data, from.port, from.address));
		socket.bind(port, address);
		await once(socket, "listening");
		// An answer that a rule drops.
		socket.on("error", () => undefined);
		sessions.set(openingKey(opening), { socket });
	}
}

async function start(config: string, { missing, failing }: Lacks): Promise<Started> {
	mkdirSync(dirname(CONFIG), { recursive: true });
	writeFileSync(CONFIG, config + TRUST, { mode: 0o644 });
	const commands: Commands = new LackingCommands(system, {
		...(missing === undefined ? {} : { missing: new RegExp(missing) }),
		...(failing === undefined ? {} : { failing: { line: new RegExp(failing.line), words: failing.words } }),
	});
	const netlink = loadNetlink(process.argv[2] ?? "");
	const host = { commands, netlink, paths: pathsIn(CONFIG), privileged: true, readingMs: READING_MS };
	try {
		({ guard } = await createGuard(host, {
			log: () => undefined,
			triggers: () => [],
		}));
	} catch (error) {
		return { failed: messageOf(error) };
	}
	await guard.start();
	const { name, reason } = guard.status().firewall;
	return { name, reason };
}

async function report(openings: readonly Opening[]): Promise<Answered[]> {
	const answers: Answered[] = [];
	for (const opening of openings) {
		const session = sessions.get(openingKey(opening));
		if (guard === undefined || session === undefined) {
			throw new Error("nobody guards, or nobody is to be guarded");
		}
		session.lease = {
			opening,
			pid: process.pid,
			uid: process.getuid?.(),
			ended: () => undefined,
		};
		answers.push((await guard.report(session.lease)) ?? {});
	}
	return answers;
}

async function say(): Promise<Said> {
	const status = await guard?.currentStatus();
	return {
		ports: (status?.ports ?? []).map(({ family, address, port, state, reason = "" }) => {
			return { family, address, port, state, reason };
		}),
		problems: (status?.problems ?? []).map(({ message }) => message),
	};
}

async function release(openings: readonly Opening[]): Promise<void> {
	for (const opening of openings) {
		const session = sessions.get(openingKey(opening));
		sessions.delete(openingKey(opening));
		session?.socket.close();
		if (session?.lease !== undefined) {
			guard?.leases.remove(session.lease);
		}
	}
	await guard?.scanned();
}

/** What commands of the host print, one after the other. */
async function list(lines: readonly string[]): Promise<string> {
	const outputs = await Promise.all(
		lines.map((line) => {
			const [tool = "", ...args] = line.split(" ");
			return system.run(tool, args);
		}),
	);
	return outputs.map(({ stdout }) => stdout).join("");
}

/** Its error's sentence, or nothing. */
async function complaintOf(done: Promise<void> | undefined): Promise<string> {
	try {
		await done;
		return "";
	} catch (error) {
		return messageOf(error);
	}
}

async function stop(): Promise<string> {
	const complaint = await complaintOf(guard?.stop());
	guard = undefined;
	return complaint;
}

createServer((socket) => {
	socket.on("error", () => undefined);
	socket.end("ssh\n");
}).listen(SSH_PORT, "::");

answerQuestions<Question>(async (question) => {
	switch (question.do) {
		case "bind":
			return bind(question.openings);
		case "report":
			return report(question.openings);
		case "release":
			return release(question.openings);
		case "start":
			return start(question.config, question.lacks);
		case "list":
			return list(question.lines);
		case "say":
			return say();
		case "stop":
			return stop();
		case "clear":
			return complaintOf(clearFirewalls(system));
	}
});

import assert from "node:assert/strict";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, describe, it } from "node:test";
import { hostJournal } from "../../../src/server/host/journal.js";
import { scratchFolder } from "../../support/scratch.js";
import { until } from "../../support/wait.js";

const PATH = process.env.PATH;

/** A host with these sockets, and a logger(1) that writes down its arguments. */
function host(...present: ("journal" | "syslog")[]) {
	const folder = scratchFolder();
	const paths = { journal: join(folder, "journal"), syslog: join(folder, "syslog") };
	for (const name of present) {
		writeFileSync(paths[name], "");
	}
	const logged = join(folder, "logged");
	writeFileSync(
		join(folder, "logger"),
		`#!/bin/sh\nprintf '%s\\n' "$@" >${logged}.part; mv ${logged}.part ${logged}\n`,
	);
	chmodSync(join(folder, "logger"), 0o755);
	process.env.PATH = `${folder}:${PATH}`;
	return { paths, logged };
}

afterEach(() => {
	process.env.PATH = PATH;
});

describe("the log of sessions", () => {
	it("goes to the journal, under the server's name", async () => {
		const { paths, logged } = host("syslog");
		let received = "";
		const journald = createServer((socket) => {
			socket.setEncoding("utf8").on("data", (text: string) => {
				received += text;
			});
		}).listen(paths.journal);
		await until("the journal listens", () => journald.listening);
		hostJournal(paths)("user x session 1 begins");
		await until("the journal has it", () => received.endsWith("begins\n"));
		assert.equal(received, "mosh-server\n\n6\n0\n0\n0\n0\nuser x session 1 begins\n");
		assert.ok(!existsSync(logged));
		journald.close();
	});

	it("has messages in the order in which they came", async () => {
		const { paths } = host("syslog");
		const events: string[] = [];
		const journald = createServer((socket) => {
			events.push("connected");
			socket.setEncoding("utf8").on("data", (text: string) => {
				events.push(text.split("\n")[7] ?? "");
			});
		}).listen(paths.journal);
		await until("the journal listens", () => journald.listening);
		const journal = hostJournal(paths);
		journal("begins");
		journal("connected from somewhere");
		await until("the journal has both", () => events.length === 4);
		journald.close();
		assert.deepEqual(events, ["connected", "begins", "connected", "connected from somewhere"]);
	});

	it("goes to syslog without a journal, whatever the message begins with", async () => {
		const { paths, logged } = host("syslog");
		hostJournal(paths)("-x begins");
		await until("logger has been run", () => existsSync(logged));
		const words = readFileSync(logged, "utf8").trimEnd().split("\n");
		assert.deepEqual(words, ["-t", `mosh-server[${process.pid}]`, "-p", "auth.info", "--", "-x begins"]);
	});

	it("goes nowhere on a host that has neither, and fails nowhere", async () => {
		const { paths, logged } = host();
		hostJournal(paths)("begins");
		// As left by a journald that died.
		const dead = host("journal");
		hostJournal(dead.paths)("begins");
		await new Promise((resolve) => setTimeout(resolve, 50));
		assert.ok(!existsSync(logged) && !existsSync(dead.logged));
	});
});

/** Several clients of one session: taking it over, and watching. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FIRST_CLIENT_LIMIT_MS } from "../../../src/server/session/lifetime.js";
import { LEAVING_REACH_MS } from "../../../src/server/session/session-client.js";
import { SessionRig } from "../../support/session-rig.js";

const absent = () => false;

describe("a session that another client takes over", () => {
	it("changes nothing until the other is heard", () => {
		const rig = new SessionRig().connect();
		const next = rig.attach();
		next.present = false;
		rig.type("x");
		rig.run(200);
		assert.equal(rig.pty.written, "x");
		assert.equal(rig.clientTold, false);
	});

	it("shows it all there is, takes its keys from the first one on, and ends the client before", () => {
		const rig = new SessionRig().connect();
		rig.output("on the screen");
		rig.type("abc");
		rig.run(500);
		assert.ok(rig.seen.echoAck > 0n);
		const next = rig.attach(100, 30);
		let ack = 0n;
		const watchAck = (): boolean => {
			assert.ok(next.seen.echoAck >= ack, "none falls: predictions stay confirmed");
			ack = next.seen.echoAck;
			return false;
		};
		rig.run(1000, watchAck);
		assert.match(next.seen.text, /on the screen/);
		assert.equal(next.seen.size, "100x30");
		assert.equal(rig.clientTold, true);
		assert.deepEqual(rig.heard.slice(-2), ["attached 192.0.2.2", "connected 192.0.2.2"]);
		rig.type("late");
		next.type("de");
		rig.run(500, watchAck);
		assert.equal(rig.pty.written, "abcde");
		assert.ok(next.seen.echoAck > 0n);
		assert.equal(rig.ended, undefined);
	});

	it("neither rings bells of the past nor overwrites the clipboard, but tells title and modes", () => {
		const rig = new SessionRig().connect();
		rig.output("\x07\x07\x1b]52;c;cGFzdA==\x07\x1b]2;name\x07\x1b[?2004h\x1b[?1002h");
		rig.run(1500);
		assert.match(rig.seen.text, /52;c;cGFzdA==/);
		/** Those that end no operating system command. */
		const bells = (text: string): number =>
			text
				.split("\x1b]")
				.map((part, at) => part.split("\x07").length - (at === 0 ? 1 : 2))
				.reduce((sum, more) => sum + more, 0);
		const next = rig.attach();
		rig.run(1500);
		assert.doesNotMatch(next.seen.text, /cGFzdA/);
		assert.equal(bells(next.seen.text), 0);
		assert.match(next.seen.text, /name/);
		assert.match(next.seen.text, /\?2004h/);
		assert.match(next.seen.text, /\?1002h/);
		rig.output("\x07\x1b]52;c;cGFzdA==\x07");
		rig.run(1500);
		assert.equal(bells(next.seen.text), 1);
		assert.match(next.seen.text, /cGFzdA/, "copied again after it came");
	});

	it("tells a client that was away when it is heard again, however late, and costs no timers until then", () => {
		const rig = new SessionRig().connect();
		rig.run(60_000, absent, false);
		const next = rig.attach();
		rig.run(2000, absent, false);
		next.present = false;
		rig.run(3_600_000, absent, false);
		assert.equal(rig.timers.waitTime(), Number.POSITIVE_INFINITY);
		assert.equal(rig.clientTold, false);
		rig.type("lost");
		rig.run(1000);
		assert.equal(rig.clientTold, true);
		assert.equal(rig.pty.written, "");
		assert.deepEqual(rig.session.ports, [next.link.server]);
	});

	it("is not sent to for long when it vanishes while it is being told", () => {
		const rig = new SessionRig().connect();
		rig.attach();
		rig.run(50, absent, false);
		rig.run(LEAVING_REACH_MS, absent, false);
		const { sent } = rig.link.server;
		rig.run(60_000, absent, false);
		assert.equal(rig.link.server.sent, sent);
	});

	it("comes through 15 % loss and 100 ms each way, and the one before is told", () => {
		const rig = new SessionRig({ link: { loss: 0.15, delay: 100 } }).connect();
		rig.output("\x1b[31mon the screen");
		rig.run(3000);
		const next = rig.attach(100, 30);
		next.link.options = { loss: 0.15, delay: 100 };
		next.type("k");
		rig.run(15_000);
		assert.match(next.seen.text, /on the screen/);
		assert.equal(next.seen.size, "100x30");
		assert.equal(rig.clientTold, true);
		assert.equal(rig.pty.written, "k");
	});

	it("forgets a promise after a minute, and when it is withdrawn", () => {
		const rig = new SessionRig().connect();
		const late = rig.attach();
		const withdrawn = rig.attach();
		late.present = false;
		withdrawn.present = false;
		rig.session.withdraw(withdrawn.link.server);
		assert.deepEqual(rig.session.ports, [rig.link.server, late.link.server]);
		rig.run(FIRST_CLIENT_LIMIT_MS + 100);
		assert.deepEqual(rig.session.ports, [rig.link.server]);
		for (const other of [late, withdrawn]) {
			other.present = true;
		}
		rig.run(1000);
		assert.equal(late.client.remote.number, 0n);
		assert.equal(withdrawn.client.remote.number, 0n);
		assert.equal(rig.clientTold, false);
	});

	it("belongs to the one heard later, whichever was promised it first", () => {
		for (const order of [
			[0, 1],
			[1, 0],
		] as const) {
			const rig = new SessionRig().connect();
			const both = [rig.attach(), rig.attach()] as const;
			both[order[1]].present = false;
			rig.run(200);
			both[order[1]].present = true;
			rig.run(1000);
			assert.equal(rig.clientTold, true);
			assert.equal(both[order[0]].told, true);
			assert.equal(both[order[1]].told, false);
			both[order[1]].type("mine");
			rig.run(500);
			assert.equal(rig.pty.written, "mine");
		}
	});

	it("gives up those that were promised and those that leave, but nobody who is there", () => {
		const rig = new SessionRig().connect();
		const [promised, watcher] = [rig.attach(), rig.attach(80, 24, true)];
		promised.present = false;
		rig.run(1000);
		assert.equal(rig.session.giveUp(new Set([rig.link.server])), false, "it types");
		assert.equal(rig.session.giveUp(new Set([watcher.link.server, promised.link.server])), false);
		assert.equal(rig.session.giveUp(new Set([promised.link.server])), true);
		assert.deepEqual(rig.session.ports, [rig.link.server, watcher.link.server]);
		promised.present = true;
		rig.run(1000);
		assert.equal(promised.client.remote.number, 0n);
		assert.equal(rig.clientTold, false);
		rig.attach();
		rig.run(50, absent, false);
		assert.equal(rig.session.giveUp(new Set([rig.link.server])), true, "it was left");
	});

	it("keeps few promises and few that leave: the oldest make room", () => {
		const rig = new SessionRig().connect();
		const all = Array.from({ length: 6 }, () => rig.attach());
		for (const one of all) {
			one.present = false;
		}
		const ports = (...which: number[]) => which.map((at) => all[at]?.link.server);
		assert.deepEqual(rig.session.ports, [rig.link.server, ...ports(2, 3, 4, 5)]);
		const arrive = (one: (typeof all)[number]): void => {
			one.present = true;
			rig.run(200, absent, false);
			one.present = false;
		};
		all.slice(2).forEach(arrive);
		assert.deepEqual(rig.session.ports, [...ports(5), rig.link.server, ...ports(2, 3, 4)]);
		const next = rig.attach();
		arrive(next);
		assert.deepEqual(rig.session.ports, [next.link.server, ...ports(2, 3, 4, 5)]);
	});

	it("counts silence and signals from the new client", () => {
		const rig = new SessionRig({ timeouts: { network: 100_000, signal: 100_000 } }).connect();
		rig.run(90_000, absent, false);
		const next = rig.attach();
		rig.run(2_000, absent, false);
		next.present = false;
		rig.run(90_000, absent, false);
		rig.session.signal("SIGUSR1");
		assert.equal(rig.ended, undefined);
		rig.run(11_000, absent, false);
		assert.equal(rig.ended, "silence");
	});

	it("may get its first client that way", () => {
		const rig = new SessionRig({ welcome: "welcome" });
		rig.run(50_000, absent, false);
		const next = rig.attach();
		next.present = false;
		rig.run(50_000, absent, false);
		assert.equal(rig.ended, undefined, "the promise counts from when it was given");
		next.present = true;
		rig.run(1000, absent, false);
		assert.match(next.seen.text, /welcome/);
		assert.equal(rig.heard[1], "started");
	});
});

describe("a client that watches", () => {
	it("sees what the other sees, cut to its size, and changes nothing", () => {
		const rig = new SessionRig().connect();
		rig.output("\x1b]2;name\x07\x1b[?1002h\x1b[?2004h\x1b]52;c;cGFzdA==\x07");
		const watcher = rig.attach(60, 10, true);
		rig.run(1000);
		rig.output(`${"\r\n".repeat(20)}${"x".repeat(58)}ab界cd`);
		watcher.type("typed");
		rig.type("k");
		rig.run(1500);
		assert.equal(rig.pty.written, "k");
		assert.deepEqual(rig.pty.sizes, ["80x24"]);
		assert.equal(rig.clientTold, false);
		assert.equal(watcher.seen.size, "60x10");
		assert.match(watcher.seen.text, /x{58}ab/);
		assert.match(watcher.seen.text, /name/);
		assert.doesNotMatch(watcher.seen.text, /cGFzdA|\?1002h|\?2004h|界|c/);
		assert.ok(watcher.seen.echoAck > 0n, "its predictions are found to be wrong");
		watcher.resize(90, 30);
		rig.run(1000);
		assert.match(watcher.seen.text, /界/);
		assert.deepEqual(rig.pty.sizes, ["80x24"]);
	});

	it("looks back without the other's seeing it", () => {
		const scrollback = { lines: 100, pageUp: false, wheel: true, native: false };
		const rig = new SessionRig({ parts: { scrollback } }).connect();
		const watcher = rig.attach(80, 24, true);
		rig.output(Array.from({ length: 60 }, (_, index) => `line ${index}`).join("\r\n"));
		watcher.type("\x1e[g");
		rig.run(1000);
		assert.match(watcher.seen.text, /History: line 1 of 60/);
		assert.doesNotMatch(watcher.seen.text, /\?1000h/);
		assert.match(rig.seen.text, /\?1000h/);
		assert.doesNotMatch(rig.seen.text, /History/);
		watcher.type("x");
		rig.run(1000);
		assert.equal(rig.pty.written, "");
	});

	it("leaves without ending the session, and is told of its end", () => {
		const rig = new SessionRig().connect();
		const one = rig.attach(80, 24, true);
		const other = rig.attach(80, 24, true);
		rig.run(1000);
		one.client.startShutdown();
		rig.run(1000);
		assert.equal(one.client.shutdownAcknowledged, true);
		assert.equal(rig.ended, undefined);
		assert.deepEqual(rig.session.ports, [rig.link.server, other.link.server]);
		rig.session.programEnded();
		rig.run(1000);
		assert.equal(other.told, true);
		assert.equal(rig.ended, "program");
		assert.equal(rig.closed, true);
		assert.equal(rig.timers.pending, 0);
	});
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readScrollback } from "../../../src/server/session/scrollback.js";
import { Emulator } from "../../../src/terminal/index.js";
import { FakeClock } from "../../support/fake-clock.js";
import { SessionRig } from "../../support/session-rig.js";
import { strictCodec } from "../../support/verified-diff.js";

describe("a session with a client", () => {
	it("starts the program at the first client state, after its size is known", () => {
		const rig = new SessionRig({ welcome: "welcome\r\n" });
		rig.run(500, () => false, false);
		assert.deepEqual(rig.heard, []);
		rig.resize(100, 30);
		rig.run(1000);
		assert.equal(rig.heard[0], "started");
		assert.match(rig.heard[1] ?? "", /^connected /);
		assert.deepEqual(rig.pty.sizes, ["100x30"]);
		assert.match(rig.seen.text, /welcome/);
		assert.equal(rig.seen.size, "100x30");
	});

	for (const native of [false, true]) {
		it(`continues what an opening has begun${native ? ", with native scrollback" : ""}`, () => {
			const parts = { scrollback: { ...readScrollback({}, assert.fail), native } };
			const rig = new SessionRig({ early: "early", welcome: "welcome\r\n", parts });
			assert.deepEqual([rig.client.remote.number, rig.seen.text], [1n, ""]);
			assert.deepEqual(rig.heard, ["started", "connected 192.0.2.2", 'typed after ""']);
			assert.deepEqual([rig.pty.sizes, rig.pty.written], [["100x30"], "early"]);
			rig.output("line\r\n".repeat(100));
			rig.run(1000);
			assert.match(rig.seen.text, native ? /welcome/ : /line/);
			rig.type(" late");
			rig.run(1000);
			assert.equal(rig.pty.written, "early late");
			assert.ok(rig.seen.echoAck >= 3n, "what was typed late counts as echoed");
		});
	}

	it("passes keys on at once and shows the answer without waiting for more", () => {
		const rig = new SessionRig({ link: { delay: 1 } }).connect();
		rig.pty.answer = (text) => rig.output(text);
		const before = rig.clock.now();
		rig.type("q");
		assert.ok(rig.run(100, () => rig.seen.text.includes("q")));
		assert.equal(rig.pty.written, "q");
		assert.ok(
			rig.clock.now() - before <= 4,
			`${rig.clock.now() - before} ms for 1 ms each way and a client's 1 ms`,
		);
		rig.type("r");
		assert.ok(rig.run(100, () => rig.seen.text.includes("r")));
		assert.deepEqual(
			rig.heard.filter((what) => what.startsWith("typed")),
			['typed after ""'],
		);
	});

	it("does not look at the screen for every output that changes nothing", (t) => {
		const rig = new SessionRig().connect();
		rig.output("text");
		rig.run(100);
		const looks = t.mock.method(Emulator.prototype, "snapshot").mock;
		for (let round = 0; round < 100; round++) {
			rig.output("\x1b[m");
			rig.run(1);
		}
		assert.ok(looks.callCount() <= 10, `${looks.callCount()} looks in 100 ms`);
		rig.output("more");
		assert.ok(rig.run(100, () => rig.seen.text.includes("more")));
	});

	it("stops answering a program that reads none of the answers", () => {
		const rig = new SessionRig().connect();
		const ask = "\x1b[c".repeat(1_000);
		// Nothing is read: what is written waits.
		rig.pty.answer = (text) => {
			rig.pty.unwritten += text.length;
		};
		for (let round = 0; round < 1_000; round++) {
			rig.output(ask);
		}
		const answered = rig.pty.unwritten;
		assert.ok(answered > 1 << 20, "without a limit it would be 7 MB");
		assert.ok(answered < 1.1 * (1 << 20), `${answered} bytes wait to be read`);
		rig.type("q");
		assert.ok(
			rig.run(1_000, () => rig.pty.written.endsWith("q")),
			"keys go to the program all the same",
		);
		rig.pty.unwritten = 0;
		rig.output("\x1b[c");
		assert.ok(rig.pty.written.endsWith("q\x1b[?62c"));
	});

	for (const [screen, before, scroll, most] of [
		["lines that a program puts out share frames", "", 1, 1],
		["lines that scroll everything away share frames", "x\r\n".repeat(24), 30, 1],
		["the first change of a full screen goes at once", "\x1b[?1049h", 1, 2],
	] as const) {
		it(screen, () => {
			let screens = 0;
			const observer = { sent: () => screens++ };
			const rig = new SessionRig({ link: { delay: 1 }, parts: { observer } }).connect();
			rig.output(before);
			rig.run(500);
			screens = 0;
			rig.output(`${"\r\n".repeat(scroll)}one`);
			rig.run(5);
			rig.output("\r\ntwo");
			assert.ok(rig.run(40, () => rig.seen.text.includes("two")));
			assert.equal(screens, most);
		});
	}

	it("tells the echo ack 50 ms after the key, not before", () => {
		const rig = new SessionRig().connect();
		const before = rig.seen.echoAck;
		rig.type("x");
		rig.run(45);
		assert.equal(rig.seen.echoAck, before);
		rig.run(60);
		assert.ok(rig.seen.echoAck > before);
	});

	it("tells it with the answers to keys that follow each other at frame rate, not in datagrams of its own", () => {
		// Datagrams leave a client's host a moment late, as timers do.
		const rig = new SessionRig({ link: { jitter: 1.5 } }).connect();
		rig.pty.answer = (text) => rig.output(text);
		const { server, client } = rig.link;
		const before = { keys: client.sent, answers: server.sent };
		for (let key = 0; key < 200; key++) {
			rig.type("x");
			rig.run(5.1);
		}
		rig.run(500);
		const answers = server.sent - before.answers;
		const keys = client.sent - before.keys;
		assert.ok(
			answers <= keys + 2,
			`${answers} datagrams for ${keys} with keys: the last echo acks come alone`,
		);
	});

	it("skips a size that another follows at once", () => {
		const rig = new SessionRig().connect();
		rig.pty.sizes.length = 0;
		rig.resize(90, 24);
		rig.resize(91, 25);
		rig.run(500);
		assert.deepEqual(rig.pty.sizes, ["91x25"]);
	});

	it("uses each event once although the client repeats it", () => {
		const rig = new SessionRig({ link: { loss: 0.4, delay: 20 } });
		rig.resize(80, 24);
		rig.run(3000);
		for (const letter of "abcdefghij") {
			rig.type(letter);
			rig.run(30);
		}
		rig.run(5000);
		assert.equal(rig.pty.written, "abcdefghij");
	});

	it("gives the terminal's answers to the program alone", () => {
		const rig = new SessionRig().connect();
		rig.output("\x1b[6n");
		rig.run(200);
		assert.equal(rig.pty.written, "\x1b[1;1R");
	});
});

describe("a program that copies", () => {
	const copies = (rig: SessionRig) =>
		rig.seen.text
			.split("\x1b]52;c;")
			.slice(1)
			.map((rest) => rest.slice(0, rest.indexOf("\x07")));

	it("the same text again and again has it set again each time, by way of what is no text", () => {
		const rig = new SessionRig({ link: { delay: 20 } }).connect();
		for (let count = 0; count < 4; count++) {
			rig.output("\x1b]52;;QQ==\x07");
			rig.run(500);
		}
		assert.deepEqual(copies(rig), ["QQ==", "!!", "QQ==", "!", "QQ==", "!!", "QQ=="]);
	});

	it("the same text again has it set again over a lossy link, as the last of what it copied", () => {
		const rig = new SessionRig({ link: { delay: 20, loss: 0.4 } }).connect();
		rig.run(3000);
		let [shown, set] = ["", 0];
		// As a client does: it passes on what differs from the screen before.
		const watch = (): boolean => {
			const text = copies(rig).at(-1) ?? "";
			set += text === "QQ==" && text !== shown ? 1 : 0;
			shown = text;
			return false;
		};
		for (let count = 1; count <= 5; count++) {
			rig.output("\x1b]52;;QQ==\x07");
			assert.ok(rig.run(20_000, () => watch() || set === count));
			rig.run(3000, watch);
			assert.equal(shown, "QQ==");
		}
	});

	it("another text meanwhile has that one set", () => {
		const rig = new SessionRig({ link: { delay: 20 } }).connect();
		rig.output("\x1b]52;;QQ==\x07");
		rig.run(500);
		rig.output("\x1b]52;;QQ==\x07");
		rig.run(5);
		rig.output("\x1b]52;p;Qg==\x07");
		rig.run(500);
		assert.equal(copies(rig).at(-1), "Qg==");
		rig.output("\x1b]52;;QQ==\x07");
		rig.run(500);
		assert.equal(copies(rig).at(-1), "QQ==");
	});

	it("the same text as its last act leaves it set", () => {
		const rig = new SessionRig({ link: { delay: 20 } }).connect();
		rig.output("\x1b]52;;QQ==\x07");
		rig.run(500);
		rig.output("\x1b]52;;QQ==\x07bye");
		rig.session.programEnded();
		rig.run(500);
		assert.equal(copies(rig).at(-1), "QQ==");
		assert.ok(rig.seen.text.includes("bye"));
	});
});

describe("a synchronized update", () => {
	const shows = (rig: SessionRig, text: string) => () => rig.seen.text.includes(text);
	const within = (rig: SessionRig, ms: number, text: string) => rig.run(ms, shows(rig, text));

	it("is shown as one frame, at its end", () => {
		const rig = new SessionRig({ link: { delay: 1 } }).connect();
		for (const [first, second] of [
			["one", "two"],
			["three", "four"],
		]) {
			rig.output(`\x1b[?2026h\x1b[2J\x1b[1;1H${first}`);
			assert.ok(!within(rig, 100, first ?? ""));
			rig.output(`\x1b[5;1H${second}\x1b[?2026l`);
			assert.ok(within(rig, 30, second ?? ""));
			assert.ok(rig.seen.text.includes(first ?? ""));
		}
	});

	it("does not keep back what was there before it", () => {
		const rig = new SessionRig({ link: { delay: 1 } }).connect();
		rig.output("before\x1b[?2026hwithin");
		assert.ok(within(rig, 30, "before"));
		assert.ok(!rig.seen.text.includes("within"));
	});

	it("is shown after 150 ms without an end, and then as it goes on", () => {
		const rig = new SessionRig({ link: { delay: 1 } }).connect();
		rig.output("\x1b[?2026hunfinished");
		assert.ok(!within(rig, 145, "unfinished"));
		assert.ok(within(rig, 10, "unfinished"));
		rig.run(100);
		rig.output(" more\x1b[?2026h");
		assert.ok(within(rig, 30, "more"));
	});

	it("that follows another at once does not keep that one back", () => {
		const rig = new SessionRig({ link: { delay: 1 } }).connect();
		let frames = 0;
		rig.output("\x1b[?2026h");
		rig.run(50);
		for (const letter of "abcdefghijklmnopqrst") {
			rig.output(`\x1b[1;1H${letter}${letter}\x1b[?2026l\x1b[?2026h\x1b[2J`);
			frames += within(rig, 60, letter + letter) ? 1 : 0;
		}
		assert.equal(frames, 20);
	});

	it("does not keep the answer to a key back, nor what Ctrl-C leaves behind", () => {
		for (const key of ["x", "\x03"]) {
			const rig = new SessionRig({ link: { delay: 1 } }).connect();
			rig.output("\x1b[?2026hunfinished");
			rig.run(20);
			rig.pty.answer = () => rig.output("echo");
			rig.type(key);
			assert.ok(within(rig, 10, "echo"));
			rig.output(" prompt");
			assert.ok(within(rig, 40, "prompt"));
		}
	});

	it("delays the echo ack of an earlier key, which vouches for a whole screen", () => {
		const rig = new SessionRig({ link: { delay: 1 } }).connect();
		const before = rig.seen.echoAck;
		rig.type("x");
		rig.run(20);
		rig.output("\x1b[?2026hanswer");
		rig.run(80);
		assert.equal(rig.seen.echoAck, before);
		rig.output("\x1b[?2026l");
		assert.ok(within(rig, 30, "answer"));
		assert.ok(rig.run(30, () => rig.seen.echoAck > before));
	});

	it("is shown unfinished when the program ends", () => {
		const rig = new SessionRig({ link: { delay: 1 } }).connect();
		rig.output("\x1b[?2026hlast words");
		rig.run(20);
		rig.session.programEnded();
		assert.ok(within(rig, 30, "last words"));
	});
});

describe("the end of a session", () => {
	it("shows the program's last words, then ends with the client's consent", () => {
		const rig = new SessionRig().connect();
		rig.output("bye");
		rig.session.programEnded();
		assert.equal(rig.pty.reading, false);
		assert.ok(rig.run(1000, () => rig.ended !== undefined));
		assert.equal(rig.ended, "program");
		assert.match(rig.seen.text, /bye/);
		assert.ok(rig.clientTold);
		assert.equal(rig.timers.pending, 0);
	});

	it("ends without it after 16 tries or 10 s", () => {
		const rig = new SessionRig().connect();
		rig.session.programEnded();
		assert.ok(rig.run(11_000, () => rig.ended !== undefined, false));
		assert.equal(rig.ended, "program");
	});

	it("confirms the client's wish to end and then ends", () => {
		const rig = new SessionRig().connect();
		rig.client.startShutdown();
		rig.run(1000);
		assert.equal(rig.ended, "client");
		assert.ok(rig.client.shutdownAcknowledged);
	});

	it("tells an attached client of a signal, and obeys a second one at once", () => {
		const rig = new SessionRig().connect();
		rig.session.signal("SIGTERM");
		rig.timers.settle();
		assert.equal(rig.ended, undefined);
		rig.session.signal("SIGTERM");
		assert.equal(rig.ended, "signal");
	});

	it("obeys a signal at once while there is no client", () => {
		const rig = new SessionRig();
		rig.session.signal("SIGINT");
		assert.equal(rig.ended, "signal");
	});

	it("ends after 60 s without a client, not before", () => {
		const rig = new SessionRig();
		rig.run(59_900, () => false, false);
		assert.equal(rig.ended, undefined);
		rig.run(200, () => false, false);
		assert.equal(rig.ended, "no-client");
	});

	it("does not end by itself when the client is away, and takes it back", () => {
		const rig = new SessionRig().connect();
		rig.run(24 * 3600_000, () => false, false);
		assert.equal(rig.ended, undefined);
		assert.ok(rig.heard.includes("away"));
		rig.output("still here");
		assert.ok(rig.run(5000, () => rig.seen.text.includes("still here")));
		assert.match(rig.heard.at(-1) ?? "", /^connected/);
	});

	it("shows a client as away after 30 s, not before", () => {
		const rig = new SessionRig().connect();
		const last = rig.clock.now();
		rig.run(26_000, () => false, false);
		assert.ok(!rig.heard.includes("away"));
		assert.ok(rig.run(5000, () => rig.heard.includes("away"), false));
		assert.ok(rig.clock.now() - last <= 31_000);
	});
});

describe("time limits of the administrator", () => {
	it("network: ends a session whose client is silent", () => {
		const rig = new SessionRig({ timeouts: { network: 60_000 } }).connect();
		rig.run(300_000);
		assert.equal(rig.ended, undefined, "heartbeats keep it alive");
		rig.run(62_000, () => false, false);
		assert.equal(rig.ended, "silence");
	});

	it("network: shuts down an attached client that is silent for a shorter time than detaching takes", () => {
		const rig = new SessionRig({ timeouts: { network: 5000 } }).connect();
		assert.ok(rig.run(7000, () => rig.ended !== undefined, false));
		assert.equal(rig.ended, "silence");
		rig.run(100);
		assert.ok(rig.clientTold, "the client has been told");
	});

	it("signal: SIGUSR1 counts only after silence", () => {
		const rig = new SessionRig({ timeouts: { signal: 20_000 } }).connect();
		rig.session.signal("SIGUSR1");
		rig.run(100);
		assert.equal(rig.ended, undefined);
		rig.run(50_000, () => false, false);
		rig.session.signal("SIGUSR1");
		assert.equal(rig.ended, "signal");
	});
});

describe("sessions in one process", () => {
	it("know nothing of each other", () => {
		const clock = new FakeClock();
		const rigs = [new SessionRig({ clock }), new SessionRig({ clock }), new SessionRig({ clock })];
		for (const rig of rigs) {
			rig.connect();
		}
		for (const [index, rig] of rigs.entries()) {
			rig.type(`${index}`);
			rig.output(`screen ${index}`);
			rig.run(500);
		}
		rigs[0]?.session.signal("SIGTERM");
		rigs[0]?.run(1000);
		assert.deepEqual(
			rigs.map((rig) => [rig.pty.written, rig.ended]),
			[
				["0", "signal"],
				["1", undefined],
				["2", undefined],
			],
		);
		for (const [index, rig] of rigs.entries()) {
			assert.match(rig.seen.text, new RegExp(`${index}`));
		}
		rigs[1]?.type("more");
		rigs[1]?.run(500);
		assert.equal(rigs[1]?.pty.written, "1more");
	});
});

describe("a user who looks back", () => {
	const scrollback = { lines: 100, pageUp: false, wheel: false, native: false };
	const lines = Array.from({ length: 60 }, (_, index) => `line ${index}`).join("\r\n");

	it("costs nobody anything who does not: no byte, no datagram", () => {
		const sent = [undefined, { ...scrollback, lines: 0 }, scrollback].map((kept) => {
			const made: unknown[] = [];
			const rig = new SessionRig({
				link: { delay: 25 },
				parts: {
					...(kept && { scrollback: kept }),
					codec: {
						...strictCodec,
						diff(base, target) {
							const diff = strictCodec.diff(base, target);
							made.push(Buffer.from(diff).toString("latin1"));
							return diff;
						},
					},
					observer: { sent: ({ oldNumber, newNumber }) => made.push([oldNumber, newNumber]) },
				},
			}).connect();
			rig.pty.answer = (text) => rig.output(text === "\r" ? `\r\n${lines}\r\n$ ` : text);
			for (const key of "ls -l\r\x1b[A\rvi\r") {
				rig.type(key);
				rig.run(90);
			}
			rig.output(`\x1b[?1049h\x1b[2J${lines}\x1b[H\x1bM`);
			rig.run(90);
			rig.output(`\x1b[?1049l${`${lines}\r\n`.repeat(50)}`);
			rig.run(5_000);
			return made;
		});
		assert.ok((sent[0]?.length ?? 0) > 60);
		assert.deepEqual(sent[1], sent[0]);
		assert.deepEqual(sent[2], sent[0]);
	});

	it("is shown the history at once, and the program's screen again after", () => {
		const rig = new SessionRig({ link: { delay: 1 }, parts: { scrollback } }).connect();
		rig.output(lines);
		rig.run(500);
		const before = rig.clock.now();
		rig.type("\x1e[\x1b[5~");
		assert.ok(rig.run(100, () => rig.seen.text.includes("History: line 15 of 60")));
		assert.ok(rig.clock.now() - before <= 4, `${rig.clock.now() - before} ms`);
		rig.output("\r\n\x07behind");
		rig.run(500);
		assert.ok(!rig.seen.text.includes("behind"));
		assert.ok(rig.seen.text.includes("\x07"));
		rig.type("x");
		assert.ok(rig.run(100, () => rig.seen.text.includes("behind")));
		assert.equal(rig.pty.written, "x");
	});

	it("sees the program's last screen when it ends", () => {
		const rig = new SessionRig({ parts: { scrollback } }).connect();
		rig.output(lines);
		rig.type("\x1e[");
		rig.run(500);
		rig.output("\r\nthe last");
		rig.session.programEnded();
		assert.ok(rig.run(5_000, () => rig.clientTold));
		assert.ok(rig.seen.text.includes("the last"));
	});

	it("has nothing to look back at where no lines are kept", () => {
		const rig = new SessionRig({ parts: { scrollback: { ...scrollback, lines: 0 } } }).connect();
		rig.type("\x1e[");
		rig.run(500);
		assert.equal(rig.pty.written, "\x1e[");
	});
});

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import {
	attribute,
	attributesIn,
	eachAttribute,
	FLAG,
	listenAtPace,
	loadNetlink,
	message,
	messagesIn,
	NetlinkError,
	nested,
	PROTOCOL,
} from "../../src/system/netlink.js";
import { netlinkModule } from "../support/netlink.js";
import { needsRoot, needsTools } from "../support/requirements.js";

/** RTM_GETLINK: all interfaces. */
const LINKS = message(18, FLAG.request | FLAG.dump, Buffer.alloc(16));

/** For a socket to send at once. */
const TOO_MUCH = Buffer.alloc(1 << 22);

/** Sends a message of no known type again and again. */
const STRANGER = `
	use Socket;
	socket(my $socket, 16, SOCK_RAW, 0) or die "socket: $!";
	my $to = pack("S S L L", 16, 0, $ARGV[0], 0);
	$| = 1;
	print "ready\\n";
	my $end = time + $ARGV[1];
	do { send($socket, pack("L S S L L", 16, 0x7777, 2, 0, 0), 0, $to) } while time < $end;
`;

/** Inodes of those that this process has open. */
function netlinkSockets(): string[] {
	const all = readFileSync("/proc/self/net/netlink", "latin1")
		.split("\n")
		.map((line) => line.trim().split(/\s+/).at(-1));
	return readdirSync("/proc/self/fd").flatMap((name) => {
		try {
			const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${name}`))?.[1];
			return inode !== undefined && all.includes(inode) ? [inode] : [];
		} catch {
			// That of the listing itself.
			return [];
		}
	});
}

const DONE = 3;
const ERROR = 2;

const status = (code: number) => {
	const bytes = Buffer.alloc(4);
	bytes.writeInt32LE(code);
	return bytes;
};

describe("messages", () => {
	test("are read as they were written, whatever their length", () => {
		const body = [attribute(1, Buffer.from("abc")), nested(2, attribute(7, Buffer.from([9])))];
		const answer = Buffer.concat([message(99, 0, ...body), message(DONE, 0, status(0))]);
		const [found, ...more] = [...messagesIn(answer, 1)];
		assert.equal(more.length, 0);
		assert.equal(found?.type, 99);
		const attributes = attributesIn(answer, found?.start ?? 0, found?.end ?? 0);
		assert.equal(attributes.get(1)?.toString(), "abc");
		const inner = attributes.get(2) as Buffer;
		assert.deepEqual(attributesIn(inner, 0, inner.length).get(7), Buffer.from([9]));
	});

	test("an answer that was cut off, refused or changed meanwhile is none", () => {
		const whole = Buffer.concat([message(99, 0, Buffer.alloc(8)), message(DONE, 0, status(0))]);
		const codes = [
			[whole.subarray(0, 24), "unexpected"],
			[whole.subarray(0, 20), "unexpected"],
			[message(ERROR, 0, status(-2)), "ENOENT"],
			[Buffer.concat([message(99, 0x10), message(DONE, 0x10, status(0))]), "EINTR"],
		] as const;
		for (const [answer, code] of codes) {
			assert.throws(
				() => [...messagesIn(answer, 1)],
				(error) => error instanceof NetlinkError && error.code === code,
			);
		}
		assert.throws(() => [...messagesIn(message(ERROR, 0, status(0)), 2)], { code: "unexpected" });
	});

	test("of attributes of one type, all are listed in their order", () => {
		const list = Buffer.concat(["abc", "d"].map((value) => attribute(1, Buffer.from(value))));
		const visited = (bytes: Buffer) => {
			const values: unknown[] = [];
			eachAttribute(bytes, 0, bytes.length, (type, from, to) =>
				values.push([type, bytes.toString("latin1", from, to)]),
			);
			return values;
		};
		assert.deepEqual(visited(list), [
			[1, "abc"],
			[1, "d"],
		]);
		assert.throws(() => visited(list.subarray(0, list.length - 4)), { code: "unexpected" });
	});

	test("attributes that leave their message are none", () => {
		const broken = attribute(1, Buffer.from("abc"));
		broken.writeUInt16LE(200, 0);
		assert.throws(() => attributesIn(broken, 0, broken.length), { code: "unexpected" });
	});
});

describe("the kernel", () => {
	test("answers every part of a request, in pieces as long as they come", async () => {
		const netlink = loadNetlink(netlinkModule());
		assert.ok(netlink);
		const answer = await netlink.ask(PROTOCOL.route, Buffer.concat([LINKS, LINKS]), LINKS.length);
		const found = [...messagesIn(answer, 2)];
		assert.ok(found.length >= 2 && found.length % 2 === 0, `${found.length} interfaces`);
	});

	test("is asked again by the same socket, by others meanwhile, and by a new one after a failure", async () => {
		const netlink = loadNetlink(netlinkModule());
		assert.ok(netlink);
		const fail = () => assert.rejects(netlink.ask(PROTOCOL.route, TOO_MUCH), NetlinkError);
		await fail();
		const before = netlinkSockets();
		const open = () => netlinkSockets().filter((inode) => !before.includes(inode));
		await netlink.ask(PROTOCOL.route, LINKS);
		const [first, ...more] = open();
		assert.ok(first !== undefined && more.length === 0);
		await netlink.ask(PROTOCOL.route, LINKS);
		assert.deepEqual(open(), [first]);
		const answers = await Promise.all([LINKS, LINKS, LINKS].map((each) => netlink.ask(PROTOCOL.route, each)));
		assert.ok(answers.every((answer) => [...messagesIn(answer, 1)].length > 0));
		assert.equal(open().length, 1);
		await fail();
		assert.deepEqual(open(), []);
		await netlink.ask(PROTOCOL.route, LINKS);
		assert.equal(open().length, 1);
	});

	test("alone answers: what others send to the socket is in no answer", {
		skip: needsRoot() || needsTools("perl"),
	}, async () => {
		const netlink = loadNetlink(netlinkModule());
		assert.ok(netlink);
		const askedBy = async () => (await netlink.ask(PROTOCOL.route, LINKS)).readUInt32LE(12);
		const send = async (seconds: number) => {
			const line = ["-e", STRANGER, String(await askedBy()), String(seconds)];
			const sender = spawn("perl", line, { stdio: ["ignore", "pipe", "inherit"] });
			await once(sender.stdout, "data");
			return sender;
		};
		await once(await send(0), "exit");
		assert.ok((await askedBy()) > 0);
		const sender = await send(2);
		let answered = 0;
		while (sender.exitCode === null) {
			// One that a stranger has disturbed is refused.
			const answer = await netlink.ask(PROTOCOL.route, LINKS).catch(() => undefined);
			const types = answer === undefined ? [] : [...messagesIn(answer, 1)].map(({ type }) => type);
			assert.ok(!types.includes(0x7777), types.join());
			answered += Math.min(types.length, 1);
		}
		assert.ok(answered > 0);
	});

	test("refuses what it does not know", async () => {
		const netlink = loadNetlink(netlinkModule());
		assert.ok(netlink);
		const request = message(0x7fff, FLAG.request | FLAG.ack, Buffer.alloc(16));
		const refused = await netlink.ask(PROTOCOL.sockDiag, request);
		assert.throws(() => [...messagesIn(refused, 1)], NetlinkError);
		await assert.rejects(netlink.ask(250, request), NetlinkError);
	});

	test("what is no request is refused before it is asked", async () => {
		const netlink = loadNetlink(netlinkModule());
		await assert.rejects(async () => netlink?.ask(0, Buffer.alloc(0)), /ask/);
		await assert.rejects(async () => netlink?.ask(0, "text" as unknown as Buffer), /ask/);
	});

	test("cannot be asked where there is no module", () => {
		assert.equal(loadNetlink("/nonexistent/netlink.node"), undefined);
	});
});

const source = (path: string) => JSON.stringify(new URL(`../../src/${path}`, import.meta.url));

/**
 * Hears of interfaces: of one, of thousands while nothing is read, of one again; then no longer. Ends by itself while it still hears of
 * sockets, in the middle of which one that hears throws.
 */
const LISTENING = `
	import { execFileSync } from "node:child_process";
	import { setTimeout as pause } from "node:timers/promises";
	import { loadNetlink, messagesIn, PROTOCOL } from ${source("system/netlink.ts")};
	const netlink = loadNetlink(${JSON.stringify(netlinkModule())});
	const [route, link] = [0, 1];
	const thrown = [];
	process.on("uncaughtException", ({ message }) => thrown.push(message));
	const told = [];
	const stop = await netlink.listen(route, [link], (messages) => {
		told.push(messages === undefined ? "lost" : [...messagesIn(messages, 0)].length > 0 ? "messages" : "nothing");
	});
	const failing = await netlink.listen(route, [link], () => {
		failing();
		throw new Error("thrown by who hears");
	});
	const ip = (...lines) => execFileSync("ip", ["-batch", "-"], { input: lines.join("\\n") });
	const heard = async (...lines) => {
		told.length = 0;
		ip(...lines);
		// Longer than between two readings.
		await pause(500);
		return [...new Set(told)].join();
	};
	const mtu = (size) => "link set lo mtu " + size;
	const one = await heard(mtu(1200));
	const many = await heard(...Array.from({ length: 2000 }, (_, index) => mtu(1300 + (index % 100))));
	const again = await heard(mtu(1450));
	stop();
	const none = await heard(mtu(1460));
	await netlink.listen(PROTOCOL.sockDiag, [2], () => undefined);
	console.log(JSON.stringify({ one, many, again, none, thrown }));
`;

describe("what the kernel tells by itself", () => {
	test("is read at once, and in a flood ten times a second", (t) => {
		t.mock.timers.enable({ apis: ["setTimeout"] });
		const now = t.mock.method(performance, "now", () => 1_000_000).mock;
		let readings = 0;
		let ended = false;
		const heard: unknown[] = [];
		// There is always more to be read.
		let tell = (_messages: Buffer, _lost: boolean): void => undefined;
		let wanted = false;
		const stop = listenAtPace(
			(_protocol, _groups, told) => {
				tell = told;
				return (goesOn) => {
					wanted = goesOn;
					ended ||= !goesOn;
				};
			},
			0,
			[1],
			(messages) => heard.push(messages?.length),
		);
		const read = () => {
			while (wanted) {
				wanted = false;
				readings++;
				tell(Buffer.alloc(20), readings > 1);
			}
		};
		read();
		assert.deepEqual([readings, heard.slice(0, 3)], [20, [20, undefined, undefined]]);
		for (let second = 1; second <= 3; second++) {
			for (let tick = 1; tick <= 10; tick++) {
				now.mockImplementation(() => 999_000 + second * 1000 + tick * 100);
				t.mock.timers.tick(100);
				read();
			}
			assert.ok(Math.abs(readings - 20 - second * 10) <= 1, `${readings} readings`);
		}
		const before = readings;
		stop();
		t.mock.timers.tick(1000);
		read();
		assert.deepEqual([ended, readings], [true, before]);
	});

	test("is heard until that is ended, losses are said, and nothing keeps the process alive", {
		skip: needsRoot() || needsTools("unshare", "ip"),
	}, async () => {
		const { stdout } = await promisify(execFile)("unshare", [
			...["--net", process.execPath, "--import", import.meta.resolve("tsx")],
			...["--input-type=module", "--eval", LISTENING],
		]);
		assert.deepEqual(JSON.parse(stdout), {
			one: "messages",
			many: "lost,messages",
			again: "messages",
			none: "",
			thrown: ["thrown by who hears"],
		});
	});

	test("is heard by another number than questions are asked by, whose answers are compared by their bytes", async () => {
		const netlink = loadNetlink(netlinkModule());
		assert.ok(netlink);
		const [route, link] = [0, 1];
		const stops = [await netlink.listen(route, [link], () => undefined)];
		stops.push(await netlink.listen(route, [link], () => undefined));
		const request = message(18, FLAG.request | FLAG.dump, Buffer.alloc(16));
		for (let time = 0; time < 2; time++) {
			const answer: Buffer = await netlink.ask(route, request);
			assert.equal(answer.readUInt32LE(12), process.pid);
		}
		for (const stop of stops) {
			stop();
		}
	});

	test("is not heard where the kernel refuses", async () => {
		const netlink = loadNetlink(netlinkModule());
		assert.ok(netlink);
		await assert.rejects(
			netlink.listen(250, [1], () => undefined),
			{ code: "EPROTONOSUPPORT" },
		);
		await assert.rejects(
			netlink.listen(0, [4000], () => undefined),
			{ code: "EINVAL" },
		);
	});
});
